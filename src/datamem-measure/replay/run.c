/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The replay itself: the loop over the steps, its threads, its figures. */

#include "tool.h"
#include "run.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "measure/measure.h"
#include "steps.h"
#include "verify.h"

#define TOUCH_STEP 4096

struct worker {
	struct replay *replay;
	const struct replay_thread_steps *steps;
	uint64_t failed;
	uint64_t waited_ns;     /* processor time */
	pthread_t thread;
	/* Window of the next event; read by the others, on a line of its own */
	_Alignas(64) uint64_t window;
};

struct replay {
	struct replay_steps steps;
	struct replay_options options;
	enum allocator_kind kind;
	struct worker *workers;
	struct measure_usage usage;
	pthread_barrier_t start;
};

static void pause_or_yield(unsigned int *spins)
{
	/* There may be more threads than processors: do not spin for long. */
	if (++*spins % 64 == 0)
		sched_yield();
#if defined(__x86_64__) || defined(__i386__)
	else
		__builtin_ia32_pause();
#elif defined(__aarch64__)
	else
		__asm__ volatile("yield");
#endif
}

static uint64_t thread_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Waiting costs processor time that no program would have spent. */
static bool in_window(const struct replay *r, uint64_t window)
{
	for (size_t i = 0; i < r->steps.n_threads; i++) {
		if (__atomic_load_n(&r->workers[i].window,
				    __ATOMIC_ACQUIRE) + 1 < window)
			return false;
	}
	return true;
}

/* Tell the others where this thread is, and wait for the slowest. */
static void enter_window(struct worker *w, uint64_t window)
{
	unsigned int spins = 0;
	uint64_t since;

	__atomic_store_n(&w->window, window, __ATOMIC_RELEASE);
	if (in_window(w->replay, window))
		return;
	since = thread_now();
	while (!in_window(w->replay, window))
		pause_or_yield(&spins);
	w->waited_ns += thread_now() - since;
}

static bool is_turn(const uint32_t *turns, const struct replay_step *step)
{
	return __atomic_load_n(&turns[step->block], __ATOMIC_ACQUIRE) ==
	       step->turn;
}

static void await_turn(struct worker *w, const uint32_t *turns,
		       const struct replay_step *step)
{
	unsigned int spins = 0;
	uint64_t since;

	if (is_turn(turns, step))
		return;
	since = thread_now();
	while (!is_turn(turns, step))
		pause_or_yield(&spins);
	w->waited_ns += thread_now() - since;
}

static void end_turn(uint32_t *turns, const struct replay_step *step)
{
	__atomic_store_n(&turns[step->block], step->turn + 1,
			 __ATOMIC_RELEASE);
}

ALLOCATOR_INLINE void touch(enum replay_touch how, char *ptr, size_t from,
			    size_t to)
{
	volatile char *p = ptr;

	if (from >= to || how == REPLAY_TOUCH_NONE)
		return;
	if (how == REPLAY_TOUCH_ALL) {
		memset(ptr + from, 1, to - from);
		return;
	}
	for (size_t i = from; i < to; i += TOUCH_STEP)
		p[i] = 1;
	p[to - 1] = 1;
}

ALLOCATOR_INLINE void made(struct worker *w, struct replay_block *block,
			   char *ptr, size_t nbytes, enum replay_touch how)
{
	block->ptr = ptr;
	if (!ptr) {
		w->failed++;
		block->nbytes = 0;
		return;
	}
	block->nbytes = nbytes;
	touch(how, ptr, 0, nbytes);
}

ALLOCATOR_INLINE void resized(struct worker *w, struct replay_block *block,
			      char *ptr, size_t nbytes, enum replay_touch how)
{
	size_t before = block->nbytes;

	if (!ptr) {
		w->failed++;
		return;
	}
	block->ptr = ptr;
	block->nbytes = nbytes;
	touch(how, ptr, before, nbytes);
}

static void special_step(struct worker *w, const struct replay_step *step)
{
	if (step->op == STEP_INSPECT)
		measure_usage_read(&w->replay->usage);
	else
		enter_window(w, step->nbytes);
}

/* Compiled once for each kind: kind is a constant in all of it. */
ALLOCATOR_INLINE void run_steps(struct worker *w, enum allocator_kind kind,
				bool verify)
{
	struct replay_block *blocks = w->replay->steps.blocks;
	uint32_t *turns = w->replay->steps.turns;
	enum replay_touch how = w->replay->options.touch;
	const struct replay_step *step = w->steps->steps;
	const struct replay_step *end = step + w->steps->n;

	for (; step < end; step++) {
		struct replay_block *block = &blocks[step->block];

		if (step->shared)
			await_turn(w, turns, step);
		switch (step->op) {
		case RECORDING_ALLOC:
			made(w, block, allocator_alloc(kind, step->nbytes),
			     step->nbytes, how);
			if (verify)
				replay_verify_made(block, kind);
			break;
		case RECORDING_ZEROED:
			block->ptr = allocator_zeroed(kind, step->nbytes);
			if (verify)
				replay_verify_zero(block->ptr, step->nbytes);
			made(w, block, block->ptr, step->nbytes, how);
			if (verify)
				replay_verify_made(block, kind);
			break;
		case RECORDING_RESIZE: {
			size_t before = block->nbytes;

			resized(w, block,
				allocator_resize(kind, block->ptr,
						 step->nbytes),
				step->nbytes, how);
			if (verify)
				replay_verify_resized(block, kind, before);
			break;
		}
		case RECORDING_FREE:
			if (verify)
				replay_verify_whole(block);
			allocator_free(kind, block->ptr, step->nbytes);
			if (verify)
				block->ptr = NULL;
			break;
		default:
			special_step(w, step);
		}
		if (step->shared)
			end_turn(turns, step);
	}
}

__attribute__((noinline)) static void run_datamem(struct worker *w)
{
	run_steps(w, ALLOCATOR_DATAMEM, false);
}

__attribute__((noinline)) static void run_malloc(struct worker *w)
{
	run_steps(w, ALLOCATOR_MALLOC, false);
}

__attribute__((noinline)) static void run_numpy(struct worker *w)
{
	run_steps(w, ALLOCATOR_NUMPY, false);
}

static void *run_worker(void *arg)
{
	struct worker *w = arg;
	struct replay *r = w->replay;

	if (r->steps.n_threads > 1)
		pthread_barrier_wait(&r->start);
	if (r->options.verify)
		run_steps(w, r->kind, true);
	else if (r->kind == ALLOCATOR_DATAMEM)
		run_datamem(w);
	else if (r->kind == ALLOCATOR_NUMPY)
		run_numpy(w);
	else
		run_malloc(w);
	/* Nobody waits for a thread that has nothing left to do. */
	__atomic_store_n(&w->window, UINT64_MAX - 1, __ATOMIC_RELEASE);
	return NULL;
}

/* The first thread of a recording is the main thread here too. */
static void start_threads(struct replay *r)
{
	size_t n = r->steps.n_threads;

	r->workers = measure_memory(n * sizeof(*r->workers));
	for (size_t i = 0; i < n; i++) {
		r->workers[i].replay = r;
		r->workers[i].steps = &r->steps.threads[i];
	}
	pthread_barrier_init(&r->start, NULL, (unsigned int)n);
	for (size_t i = 1; i < n; i++) {
		int err = pthread_create(&r->workers[i].thread, NULL,
					 run_worker, &r->workers[i]);

		if (err)
			ctl_die("no thread: %s", strerror(err));
	}
}

/* Of libdatamem: once before the replay, with -1, and once after it. */
static void count_work(struct replay_result *result, int sign)
{
	struct datamem_stats stats;

	if (datamem_stats_get(&stats, sizeof(stats)))
		return;
	result->hits += (uint64_t)sign * stats.hits;
	result->misses += (uint64_t)sign * stats.misses;
	result->large_hits += (uint64_t)sign * stats.large_hits;
	result->large_misses += (uint64_t)sign * stats.large_misses;
	result->faults_avoided += (uint64_t)sign * stats.faults_avoided;
	result->purged += (uint64_t)sign * stats.purged_bytes;
	result->retained = stats.retained_bytes;
	result->lazy = stats.lazy_bytes;
}

static void gather(const struct replay *r, const struct measure_point *begin,
		   const struct measure_point *end,
		   const struct measure_usage *usage,
		   struct replay_result *result)
{
	uint64_t waited = 0;

	for (size_t i = 0; i < r->steps.n_threads; i++)
		result->failed += r->workers[i].failed;
	result->ns = end->ns - begin->ns;
	result->cpu_ns = end->cpu_ns - begin->cpu_ns;
	result->system_ns = end->system_ns - begin->system_ns;
	for (size_t i = 0; i < r->steps.n_threads; i++)
		waited += r->workers[i].waited_ns;
	result->cpu_ns -= waited < result->cpu_ns ? waited : result->cpu_ns;
	if (result->system_ns > result->cpu_ns)
		result->system_ns = result->cpu_ns;
	result->minor_faults = end->minor_faults - begin->minor_faults;
	result->major_faults = end->major_faults - begin->major_faults;
	result->peak_rss = measure_more(end->peak_rss, begin->rss);
	result->end_rss = measure_more(end->rss, begin->rss);
	result->anon = measure_more(r->usage.anon, usage->anon);
	result->huge = measure_more(r->usage.huge, usage->huge);
}

void replay_run(const struct recording *recording,
		const struct allocator *allocator,
		const struct replay_options *options,
		struct replay_result *result)
{
	struct replay r = { .options = *options, .kind = allocator->kind };
	struct measure_usage usage = { MEASURE_UNKNOWN, MEASURE_UNKNOWN,
				       MEASURE_UNKNOWN };
	struct measure_point begin, end;

	*result = (struct replay_result){ .size = sizeof(*result) };
	r.usage = usage;
	allocator_numpy_lock(recording->n_threads > 1);
	replay_steps_make(recording, REPLAY_WINDOW, options->inspect,
			  r.kind == ALLOCATOR_NUMPY, &r.steps);
	start_threads(&r);
	/* Work done once, at the first call of an allocator, is not counted. */
	allocator_free(r.kind, allocator_alloc(r.kind, 64), 64);
	if (r.kind == ALLOCATOR_DATAMEM)
		count_work(result, -1);
	if (options->inspect)
		measure_usage_read(&usage);
	measure_begin(&begin);
	run_worker(&r.workers[0]);
	for (size_t i = 1; i < r.steps.n_threads; i++)
		pthread_join(r.workers[i].thread, NULL);
	measure_end(&end);
	if (r.kind == ALLOCATOR_DATAMEM)
		count_work(result, 1);
	if (options->verify)
		replay_verify_rest(&r.steps);
	gather(&r, &begin, &end, &usage, result);
}

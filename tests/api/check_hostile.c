/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Another process of the same user writes what it likes to the control page,
 * all * the time, while the program works: it gets the memory that it asks for, or
 * none, and never memory that is not its own.
 */
#define _GNU_SOURCE
#include "own-page.h"

#include <linux/falloc.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif

#define THREADS 2
#define HELD 50

/* Requests that were begun with; shared with the writer. */
static int *taken;
static int enough;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static const struct { const char *name, *value; } wishes[] = {
	{ "retain.max", "0" }, { "retain.max", "auto" },
	{ "retain.max", "18446744073709551615" }, { "retain.age", "0" },
	{ "retain.age", "3600000" }, { "cache.depth", "1" },
	{ "cache.depth", "128" }, { "cache.enabled", "off" },
	{ "cache.enabled", "on" }, { "cache.max", "1" },
	{ "cache.max", "64M" }, { "limit.max", "1" }, { "limit.max", "0" },
	{ "zero.policy", "eager" }, { "zero.policy", "lazy" },
	{ "place.numa", "interleave:0" }, { "place.numa", "bind:4096" },
	{ "place.numa", "" }, { "place.prefault", "on" },
	{ "place.prefault", "off" }, { "cache.total", "0" },
	{ "cache.total", "64M" },
	{ "hugepage", "on" }, { "hugepage", "off" }, { "debug", "warn" },
	{ "debug", "none" }, { "handler", "debug" }, { "handler", "system" },
	{ "handler", "default_allocator" }, { "control", "off" },
	{ "stats.exit", "/nowhere/x" }, { "", "" }, { "x", "\xff\n" },
};

#define WISHES (sizeof(wishes) / sizeof(*wishes))

static void put_wish(struct live_request *r, uint64_t random)
{
	size_t wish = (size_t)(random >> 8) % WISHES;

	r->kind = (uint32_t)(random % 3 ? LIVE_SET : random / 3 % 6);
	r->argument = random & 4 ? random : random & 1;
	strcpy(r->name, wishes[wish].name);
	strcpy(r->value, wishes[wish].value);
	if (random % 50 == 0)
		memset(r->name, 'x', sizeof(r->name));
	if (random % 51 == 0)
		memset(r->value, 'x', sizeof(r->value));
}

/* Whole words: a writer who tears them can do no more. */
static void scribble(void *from, size_t nbytes, size_t words, uint64_t *state)
{
	uint32_t *at = from;

	while (words--) {
		uint64_t random = next_random(state);

		__atomic_store_n(&at[(random >> 32) % (nbytes / 4)],
				 random & 3 ? (uint32_t)random : UINT32_MAX,
				 __ATOMIC_RELAXED);
	}
}

/* In a process of its own, until it is killed. */
static _Noreturn void write_what_it_likes(struct live_process *page, int fd,
					  bool holes)
{
	size_t nbytes = LIVE_PROCESS_BYTES + 8 * 4096;
	struct live_request *r = &page->request;
	uint64_t state = 88172645463325252u;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		uint64_t random = next_random(&state);
		uint32_t was = __atomic_load_n(&r->state, __ATOMIC_ACQUIRE);

		/* A few of them may be its own. */
		if (was == LIVE_TAKEN || was == LIVE_ANSWERED)
			__atomic_fetch_add(taken, 1, __ATOMIC_RELAXED);
		put_wish(r, random);
		__atomic_store_n(&r->state, random >> 20 & 7 ? LIVE_PENDING :
				 (uint32_t)(random >> 24 & 4),
				 __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &r->state, FUTEX_WAKE, INT32_MAX, NULL,
			NULL, 0);
		scribble(page, sizeof(*page), 20, &state);
		scribble((char *)page + LIVE_PROCESS_BYTES, 8 * 4096, 20,
			 &state);
		if (holes && random % 8 == 0)
			fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				  FALLOC_FL_KEEP_SIZE,
				  (off_t)((random >> 30) % (nbytes / 4096) *
					  4096), 4096);
		if (random % 16 == 0)
			sched_yield();
		if (random % 64 == 0)
			usleep(100);
	}
}

struct block {
	unsigned char *bytes;
	size_t n;
};

static void check_and_free(struct block *block, unsigned char mark)
{
	if (!block->bytes)
		return;
	/* The ends and what is between, but not each byte of all. */
	for (size_t i = 0; i < block->n; i += i < 64 ? 1 : 509)
		if (block->bytes[i] != mark)
			abort();
	if (block->bytes[block->n - 1] != mark)
		abort();
	datamem_free(block->bytes, block->n);
	block->bytes = NULL;
}

static void *work(void *arg)
{
	unsigned char mark = (unsigned char)(uintptr_t)arg;
	uint64_t state = 88172645463325252u + mark;
	struct block held[HELD] = { 0 };

	while (__atomic_load_n(taken, __ATOMIC_RELAXED) < enough) {
		uint64_t random = next_random(&state);
		struct block *block = &held[random % HELD];
		size_t n = 1 + (random >> 8) % 3000;

		if (random % 61 == 0)
			n += (random >> 20) % (2 * MIB);
		check_and_free(block, mark);
		block->n = n;
		/* limit.max is among the wishes: there may be none. */
		block->bytes = random & 1 ? datamem_alloc(n) :
					    datamem_alloc_zeroed(1, n);
		if (!block->bytes)
			continue;
		if (!(random & 1) && (block->bytes[0] ||
				      block->bytes[n / 2] ||
				      block->bytes[n - 1]))
			abort();
		memset(block->bytes, mark, n);
	}
	for (int i = 0; i < HELD; i++)
		check_and_free(&held[i], mark);
	return NULL;
}

static void expect_sound_page(void)
{
	struct live_process *page;

	datamem_control_stop();
	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
	page = map_page();
	ck_assert_str_eq(page->header.magic, LIVE_MAGIC);
	ck_assert_uint_eq(page->header.settings_count <= LIVE_SETTINGS, 1);
	ck_assert_str_eq(page->settings[0].name, "hugepage");
	ask(page, LIVE_SET, "cache.depth", "16", 0);
	while (__atomic_load_n(&page->request.state, __ATOMIC_ACQUIRE) !=
	       LIVE_ANSWERED)
		usleep(1000);
	ck_assert_int_eq(answer(page), 0);
	ck_assert_str_eq(setting("cache.depth"), "16");
	/* Others have been answered before. */
	ck_assert_uint_gt(page->numbers.requests, 50);
}

static void work_beside_a_writer(const char *mode, bool holes)
{
	struct live_process *page;
	struct datamem_stats before, after;
	pthread_t threads[THREADS];
	pid_t writer;
	int fd;

	ck_assert_int_eq(datamem_setting_set("control", mode), 0);
	take_slow_path();
	taken = mmap(NULL, sizeof(*taken), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(taken != MAP_FAILED);
	enough = (int)harness_times(150, 5000);
	page = map_page();
	fd = fcntl(find_page(), F_DUPFD_CLOEXEC, 3);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(datamem_stats_get(&before, sizeof(before)), 0);
	writer = fork();
	ck_assert_int_ge(writer, 0);
	if (!writer)
		write_what_it_likes(page, fd, holes);
	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work,
						(void *)(i + 1)), 0);
	work((void *)(uintptr_t)77);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(kill(writer, 0), 0);
	kill(writer, SIGKILL);
	ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
	/* The last request may be waiting. */
	while (datamem_control_poll() == 1)
		continue;
	ck_assert_int_eq(datamem_stats_get(&after, sizeof(after)), 0);
	ck_assert_uint_le(after.live_bytes, before.live_bytes + MIB);
	/* What cannot be asked for has not come about. */
	ck_assert_str_eq(setting("control"), mode);
	ck_assert_str_eq(setting("stats.exit"), "");
	ck_assert_int_eq(datamem_setting_set("control", "thread"), 0);
	close(fd);
	expect_sound_page();
}

START_TEST(thread_answers_a_hostile_writer)
{
	work_beside_a_writer("thread", false);
}
END_TEST

START_TEST(slow_path_answers_a_hostile_writer)
{
	work_beside_a_writer("page", false);
}
END_TEST

START_TEST(file_with_holes)
{
	work_beside_a_writer("thread", true);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, thread_answers_a_hostile_writer);
	tcase_add_test(tests, slow_path_answers_a_hostile_writer);
	tcase_add_test(tests, file_with_holes);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

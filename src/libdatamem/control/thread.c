/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The service thread: work that is due while the program does nothing. Once a
 * second at most it ages retained memory, empties the caches of a program that
 * has gone quiet, and gives all free memory back when memory is short; between
 * that it waits for requests. With nothing to do for ten seconds it ends.
 */
#include "control.h"

#include <limits.h>
#include <signal.h>
#include <time.h>

#include "arena/arena.h"
#include "kernel/shared.h"
#include "live.h"
#include "upkeep.h"

#define TICK_MS 1000
#define LINGER_MS 10000

/* Ours goes 6 KiB deep at most; the rest is for the host's log function. */
#define STACK_BYTES ((size_t)64 << 10)

/* A thread that does not end when told (a log function that hangs) is left. */
#define STOP_MS 2000

/* Between answers, and after waits, so that nobody keeps the thread busy. */
#define NAP_MS 1

static struct dmem_lock lock = DMEM_LOCK_INIT(SERVICE);
static pthread_t id;
static bool made;       /* there is a thread to join; under the lock */
static bool forbidden;

/* Between the thread and those who start it. */
static struct dmem_lock end_lock = DMEM_LOCK_INIT(SERVICE_END);
static bool ended;
static bool wanted;     /* asked for while it was about to end */
static bool stays;

static int quit;

/* Of the thread that made it: for what the host does in its place. */
static sigset_t host_mask;

/* Whether the thread may end; then it is not to touch anything any more. */
static bool end(void)
{
	bool ends = true;

	dmem_control_thread_arm(true);
	/* Retained since the last look, when nobody was armed to tell. */
	if (dmem_arena_age())
		ends = false;
	dmem_lock(&end_lock);
	if (wanted || stays)
		ends = false;
	wanted = false;
	dmem_store(&ended, ends);
	dmem_unlock(&end_lock);
	if (!ends)
		dmem_control_thread_arm(false);
	return ends;
}

static void nap(void)
{
	uint32_t nobody = 0;

	dmem_kernel_futex_wait(&nobody, 0, NAP_MS);
}

/* False: something was to be done before the time was over. */
static bool wait(uint64_t ms)
{
	uint64_t start = dmem_kernel_clock_ms();
	uint32_t *state = &dmem_live->request.state;
	uint32_t seen = dmem_load(state);

	if (seen == LIVE_PENDING) {
		/* Just come, or another thread is at one, for long perhaps. */
		nap();
		return false;
	}
	dmem_kernel_futex_wait(state, seen, ms);
	/* A process that wakes this thread for nothing, or changes the word all
	 * the time, does not keep a processor busy. */
	if (dmem_load(state) != LIVE_PENDING && !dmem_load(&quit))
		nap();
	return dmem_kernel_clock_ms() - start >= ms - ms / 8;
}

/* Here to stay, with nothing to do; still, a look around at every tick. */
static void stay(void)
{
	dmem_control_thread_arm(true);
	for (uint64_t ms = 0; ms < LINGER_MS; ms += TICK_MS)
		if (!wait(TICK_MS) || dmem_kernel_alone())
			break;
	dmem_control_thread_arm(false);
}

/* Ends after the service thread, as one of the host's would. */
static void *end_last(void *arg DMEM_UNUSED)
{
	dmem_lock(&lock);
	pthread_join(id, NULL);
	dmem_store(&made, false);
	dmem_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, &host_mask, NULL);
	return NULL;
}

/*
 * All threads of the host have ended: so does the process, as the C library
 * calls exit(0) on the last thread that returns. What the host does there may
 * need more than the service thread's stack, and signals.
 */
static void end_process(void)
{
	pthread_t last;

	dmem_lock(&end_lock);
	dmem_store(&ended, true);
	dmem_unlock(&end_lock);
	if (!pthread_create(&last, NULL, end_last, NULL))
		pthread_detach(last);
}

static void *serve(void *arg DMEM_UNUSED)
{
	struct dmem_upkeep upkeep = { 0 };
	uint64_t idle_since, now, due;

	pthread_setname_np(pthread_self(), "datamem-control");
	idle_since = upkeep.quiet_since = dmem_kernel_clock_ms();
	while (!dmem_load_acquire(&quit)) {
		if (dmem_control_answer()) {
			idle_since = dmem_kernel_clock_ms();
			nap();
			continue;
		}
		now = dmem_kernel_clock_ms();
		if (now - upkeep.last_tick >= TICK_MS) {
			if (dmem_kernel_alone()) {
				end_process();
				break;
			}
			dmem_upkeep_tick(&upkeep, now);
		}
		if (upkeep.has_work) {
			idle_since = now;
		} else if (now - idle_since >= LINGER_MS) {
			if (end())
				break;
			stay();
			upkeep.last_tick = upkeep.pressure_at = 0;
			continue;
		}
		due = TICK_MS - DMEM_MIN(now - upkeep.last_tick, TICK_MS - 1);
		wait(due);
	}
	dmem_live_store(service, 0);
	return NULL;
}

static bool join_in_time(void)
{
	struct timespec until;

	for (unsigned int ms = 0; ms < STOP_MS; ms++) {
		/* Again and again: it may have been on its way to wait. */
		dmem_kernel_futex_wake(&dmem_live->request.state);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (!pthread_timedjoin_np(id, NULL, &until))
			return true;
	}
	return false;
}

/* With the lock held; false: it does not end. */
static bool join(void)
{
	int state = dmem_cancel_off();
	bool joined = join_in_time();

	dmem_cancel_restore(state);
	if (joined)
		dmem_store(&made, false);
	return joined;
}

static int create(void)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err;

	if (pthread_attr_init(&attr))
		return -EAGAIN;
	/* Where thread-local data of the host needs more, the default. */
	pthread_attr_setstacksize(&attr, DMEM_MAX(STACK_BYTES,
						  (size_t)PTHREAD_STACK_MIN));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	host_mask = before;
	err = pthread_create(&id, &attr, serve, NULL);
	if (err == EINVAL)
		err = pthread_create(&id, NULL, serve, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return err ? -EAGAIN : 0;
}

/* With the lock held. */
static bool runs_here(void)
{
	return made && pthread_equal(id, pthread_self());
}

int dmem_control_thread_start(bool stay)
{
	bool runs;
	int err = 0;

	dmem_lock(&lock);
	if (!dmem_control_wants_thread())
		goto out;
	/* Stopped by itself, it has not looked yet. */
	if (runs_here() && !dmem_load(&forbidden))
		dmem_store(&quit, 0);
	dmem_lock(&end_lock);
	stays |= stay;
	runs = made && !ended && !dmem_load(&quit);
	wanted = runs;
	dmem_unlock(&end_lock);
	if (runs) {
		dmem_kernel_futex_wake(&dmem_live->request.state);
		goto out;
	}
	if (dmem_load(&forbidden) || (made && !join())) {
		err = -EAGAIN;
		goto out;
	}
	dmem_store(&ended, false);
	dmem_store(&quit, 0);
	dmem_control_thread_arm(false);
	err = create();
	dmem_store(&made, !err);
	dmem_live_store(service, !err);
out:
	dmem_unlock(&lock);
	return err;
}

/* With the lock held; whether it ran. */
static bool stop(void)
{
	bool ran = made && !dmem_load_acquire(&ended);

	if (!made || runs_here())
		return false;
	dmem_store_release(&quit, 1);
	join();
	return ran;
}

bool dmem_control_thread_stop(void)
{
	bool ran;

	dmem_lock(&lock);
	dmem_control_thread_arm(false);
	ran = runs_here();
	if (ran)
		dmem_store_release(&quit, 1);
	else
		ran = stop();
	/* One that did not end in time may be about to look. */
	dmem_lock(&end_lock);
	stays = false;
	dmem_unlock(&end_lock);
	dmem_unlock(&lock);
	return ran;
}

bool dmem_control_thread_runs(void)
{
	return dmem_load(&made) && !dmem_load_acquire(&ended) &&
	       !dmem_load(&quit);
}

static void start_when_kept(void)
{
	dmem_control_thread_start(false);
}

void dmem_control_thread_arm(bool armed)
{
	dmem_arena_when_kept(armed ? start_when_kept : NULL);
}

void dmem_control_thread_forbid(void)
{
	/* Not under the lock, which may be held for ever. One that is being
	 * started now is stopped, or ends with the process. */
	dmem_store(&forbidden, true);
}

bool dmem_control_thread_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience) &&
	       dmem_lock_idle(&end_lock, patience);
}

bool dmem_control_thread_fork_prepare(void)
{
	dmem_lock(&lock);
	return stop();
}

void dmem_control_thread_fork_done(bool child)
{
	if (child) {
		dmem_store(&made, false);
		dmem_live_store(service, 0);
		dmem_lock_init(&end_lock, SERVICE_END);
	}
	dmem_unlock(&lock);
}

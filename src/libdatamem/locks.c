/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Locks at exit; the check of their order, where it was configured. */
#include "base.h"

#include <sched.h>
#include <time.h>

/* Once a turn of one's patience. */
#define PATIENCE_NS 1000000

/* No point where the thread can be cancelled: other locks may be held. */
static void sleep_for(long nanoseconds)
{
	const struct timespec pause = { 0, nanoseconds };
	int state = dmem_cancel_off();

	nanosleep(&pause, NULL);
	dmem_cancel_restore(state);
}

bool dmem_lock_within(struct dmem_lock *lock, unsigned int *patience)
{
	while (!dmem_trylock(lock)) {
		if (!*patience)
			return false;
		--*patience;
		sleep_for(PATIENCE_NS);
	}
	return true;
}

bool dmem_lock_idle(struct dmem_lock *lock, unsigned int *patience)
{
	if (!dmem_lock_within(lock, patience))
		return false;
	dmem_unlock(lock);
	return true;
}

/* Who holds it may be one that this thread has preempted; of a lower priority,
 * too, which yielding alone would never let run. */
#define YIELDS 64

void dmem_brief_lock(struct dmem_brief *brief)
{
	int saved = errno;

	dmem_lock_check(&brief->as);
	for (unsigned int tries = 0; !dmem_brief_trylock(brief); tries++) {
		if (tries < YIELDS)
			sched_yield();
		else
			sleep_for(50000);
	}
	errno = saved;
}

bool dmem_brief_idle(struct dmem_brief *brief, unsigned int *patience)
{
	while (!dmem_brief_trylock(brief)) {
		if (!*patience)
			return false;
		--*patience;
		sleep_for(PATIENCE_NS);
	}
	dmem_brief_unlock(brief);
	return true;
}

#ifdef DMEM_LOCK_RANKS

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name;
	bool rising;           /* several, with rising addresses */
	enum dmem_rank under;  /* several, by whoever holds one of this rank */
} ranks[DMEM_RANKS] = {
	[DMEM_RANK_SERVICE] = { "SERVICE" },
	[DMEM_RANK_SERVICE_END] = { "SERVICE_END" },
	[DMEM_RANK_CONTROL] = { "CONTROL" },
	[DMEM_RANK_PROFILE_SWITCH] = { "PROFILE_SWITCH" },
	[DMEM_RANK_PROFILE] = { "PROFILE" },
	[DMEM_RANK_EVENTS_SWITCH] = { "EVENTS_SWITCH" },
	[DMEM_RANK_EVENTS] = { "EVENTS" },
	[DMEM_RANK_ACCOUNTS] = { "ACCOUNTS" },
	[DMEM_RANK_LEDGER] = { "LEDGER", .rising = true },
	[DMEM_RANK_DOMAINS] = { "DOMAINS" },
	[DMEM_RANK_HOOK] = { "HOOK" },
	[DMEM_RANK_STATS] = { "STATS" },
	[DMEM_RANK_HANDLERS] = { "HANDLERS" },
	[DMEM_RANK_HANDLER_ENTRIES] = { "HANDLER_ENTRIES" },
	[DMEM_RANK_SCOPES] = { "SCOPES" },
	[DMEM_RANK_SCOPE_HANDLERS] = { "SCOPE_HANDLERS" },
	[DMEM_RANK_SCOPE_RECORDS] = { "SCOPE_RECORDS" },
	[DMEM_RANK_SHARED] = { "SHARED" },
	[DMEM_RANK_SHARED_RECORDS] = { "SHARED_RECORDS" },
	[DMEM_RANK_CONTEXT_RECORDS] = { "CONTEXT_RECORDS" },
	[DMEM_RANK_CONTEXTS] = { "CONTEXTS" },
	[DMEM_RANK_ROSTER] = { "ROSTER", .rising = true },
	[DMEM_RANK_ROSTER_RECORDS] = { "ROSTER_RECORDS" },
	[DMEM_RANK_ROSTER_STACKS] = { "ROSTER_STACKS" },
	[DMEM_RANK_GUARD_SWITCH] = { "GUARD_SWITCH" },
	[DMEM_RANK_CACHES] = { "CACHES" },
	[DMEM_RANK_CACHE] = { "CACHE", .under = DMEM_RANK_CACHES },
	[DMEM_RANK_OPENING] = { "OPENING" },
	[DMEM_RANK_CLASS] = { "CLASS", .rising = true },
	[DMEM_RANK_NOTES] = { "NOTES" },
	[DMEM_RANK_SPANS] = { "SPANS" },
	[DMEM_RANK_ARENA] = { "ARENA" },
	[DMEM_RANK_SHELF] = { "SHELF", .rising = true },
	[DMEM_RANK_GUARD] = { "GUARD" },
	[DMEM_RANK_COLLECTORS] = { "COLLECTORS" },
	[DMEM_RANK_SETTINGS] = { "SETTINGS" },
	[DMEM_RANK_LOG] = { "LOG" },
};

/* Locks that the thread holds: how many of a rank, and the last of them. */
static __thread struct {
	uint32_t held[DMEM_RANKS];
	const struct dmem_lock *last[DMEM_RANKS];
} own;

/* What the thread has done, and had when it took the first lock of a rank. */
static __thread struct {
	uint64_t steps, calls;
} done, began[DMEM_RANKS];
static __thread uint64_t began_ns[DMEM_RANKS];

static struct dmem_lock_cost costs[DMEM_RANKS];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void at_least(uint64_t *most, uint64_t n)
{
	uint64_t had = dmem_load(most);

	while (had < n &&
	       !__atomic_compare_exchange_n(most, &had, n, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static dmem_lock_shower *show;

void dmem_lock_cost_show(dmem_lock_shower *wanted)
{
	dmem_store(&show, wanted);
}

static void begin_hold(enum dmem_rank rank)
{
	began[rank].steps = done.steps;
	began[rank].calls = done.calls;
	began_ns[rank] = now_ns();
}

static void end_hold(enum dmem_rank rank)
{
	struct dmem_lock_cost *cost = &costs[rank];
	dmem_lock_shower *shower;

	dmem_fetch_add(&cost->holds, 1);
	at_least(&cost->ns, now_ns() - began_ns[rank]);
	at_least(&cost->steps, done.steps - began[rank].steps);
	at_least(&cost->calls, done.calls - began[rank].calls);
	shower = dmem_load(&show);
	if (shower)
		shower(rank);
}

void dmem_lock_step(void)
{
	done.steps++;
}

void dmem_lock_call(void)
{
	done.calls++;
}

const char *dmem_lock_cost(enum dmem_rank rank, struct dmem_lock_cost *out)
{
	struct dmem_lock_cost *cost = &costs[rank];

	*out = (struct dmem_lock_cost){
		dmem_load(&cost->holds), dmem_load(&cost->ns),
		dmem_load(&cost->steps), dmem_load(&cost->calls),
	};
	return ranks[rank].name;
}

void dmem_lock_cost_reset(void)
{
	for (enum dmem_rank rank = 1; rank < DMEM_RANKS; rank++) {
		dmem_store(&costs[rank].holds, 0);
		dmem_store(&costs[rank].ns, 0);
		dmem_store(&costs[rank].steps, 0);
		dmem_store(&costs[rank].calls, 0);
	}
}

/* Not through the log function, which is the host's. */
static __attribute__((__noreturn__)) void die(const char *wanted,
					      enum dmem_rank held)
{
	char line[160];
	int len = snprintf(line, sizeof(line),
			   "libdatamem: %s with lock %s held\n", wanted,
			   ranks[held].name);

	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		_exit(127);
	abort();
}

static bool may_have_another(const struct dmem_lock *lock)
{
	enum dmem_rank rank = lock->rank;

	return ranks[rank].rising ? lock > own.last[rank] :
				    own.held[ranks[rank].under] > 0;
}

void dmem_lock_check(const struct dmem_lock *lock)
{
	enum dmem_rank rank = lock->rank;
	char wanted[80];

	if (rank <= DMEM_RANK_NONE || rank >= DMEM_RANKS)
		die("a lock without a rank", DMEM_RANK_NONE);
	for (enum dmem_rank other = rank; other < DMEM_RANKS; other++) {
		if (!own.held[other] ||
		    (other == rank && may_have_another(lock)))
			continue;
		snprintf(wanted, sizeof(wanted), "lock %s", ranks[rank].name);
		die(wanted, other);
	}
}

void dmem_lock_note(const struct dmem_lock *lock, bool held)
{
	enum dmem_rank rank = lock->rank;

	if (!held && own.held[rank] == 1)
		end_hold(rank);
	own.held[rank] += held ? 1 : -1u;
	if (held && own.held[rank] == 1)
		begin_hold(rank);
	/* Those of a rank are let go in any order, all together. */
	if (held)
		own.last[rank] = lock;
}

void dmem_lock_check_none(const char *what)
{
	for (enum dmem_rank rank = 1; rank < DMEM_RANKS; rank++)
		if (own.held[rank])
			die(what, rank);
}

void dmem_lock_forget(void)
{
	for (enum dmem_rank rank = 1; rank < DMEM_RANKS; rank++)
		own.held[rank] = 0;
}

#endif /* DMEM_LOCK_RANKS */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Locks at exit; the check of their order, where it was configured. */
#include "base.h"

#include <time.h>

bool dmem_lock_within(struct dmem_lock *lock, unsigned int *patience)
{
	static const struct timespec pause = { 0, 1000000 };

	while (!dmem_trylock(lock)) {
		if (!*patience)
			return false;
		--*patience;
		nanosleep(&pause, NULL);
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
	[DMEM_RANK_CACHES] = { "CACHES" },
	[DMEM_RANK_CACHE] = { "CACHE", .under = DMEM_RANK_CACHES },
	[DMEM_RANK_OPENING] = { "OPENING" },
	[DMEM_RANK_CLASS] = { "CLASS", .rising = true },
	[DMEM_RANK_NOTES] = { "NOTES" },
	[DMEM_RANK_SPANS] = { "SPANS" },
	[DMEM_RANK_ARENA] = { "ARENA" },
	[DMEM_RANK_SHELF] = { "SHELF", .rising = true },
	[DMEM_RANK_COLLECTORS] = { "COLLECTORS" },
	[DMEM_RANK_SETTINGS] = { "SETTINGS" },
	[DMEM_RANK_LOG] = { "LOG" },
};

/* Locks that the thread holds: how many of a rank, and the last of them. */
static __thread struct {
	uint32_t held[DMEM_RANKS];
	const struct dmem_lock *last[DMEM_RANKS];
} own;

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

	own.held[rank] += held ? 1 : -1u;
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

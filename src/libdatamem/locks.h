/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * All locks of the library, and their order. A part of base.h.
 *
 * A thread takes locks downwards in this list only, and calls no function of
 * the host (log function, hook of accounts, functions of a handler, visitors)
 * while it holds one: the host's function may take a lock that another thread
 * holds while it forks, which takes all of these. With --enable-lock-ranks both
 * are checked whenever a lock is taken or the host is called, and the program
 * is aborted with a line that names the two; and what is done while a lock is
 * held is counted. Without, these are the plain calls.
 */
#ifndef DMEM_LOCKS_H
#define DMEM_LOCKS_H

/* A new one also gets its name in locks.c, and its place in init.c. */
enum dmem_rank {
	DMEM_RANK_NONE,
	/* The service thread comes and goes. Whoever holds it waits for the
	 * thread, which may be at anything below. */
	DMEM_RANK_SERVICE,
	/* Whether the service thread ends; it takes this one itself. */
	DMEM_RANK_SERVICE_END,
	/* The control page comes and goes: counts of caches move, settings are
	 * shown. */
	DMEM_RANK_CONTROL,
	/* The profile is switched: caches are shut. Then its tables, under which
	 * nothing is taken. */
	DMEM_RANK_PROFILE_SWITCH,
	DMEM_RANK_PROFILE,
	/* A recording begins or ends: caches are shut. Then its ring, under which
	 * nothing is taken. */
	DMEM_RANK_EVENTS_SWITCH,
	DMEM_RANK_EVENTS,
	/* Accounts are switched: caches are shut, then the ledger is locked. */
	DMEM_RANK_ACCOUNTS,
	/* A shard of the ledger; all of them where accounts stand still. */
	DMEM_RANK_LEDGER,
	/* Domains are made, or set to zero with the ledger locked. */
	DMEM_RANK_DOMAINS,
	/* Which hook, and who is inside it. Not held while it runs. */
	DMEM_RANK_HOOK,
	/* The one place for a snapshot of statistics; taking it looks into all
	 * below. */
	DMEM_RANK_STATS,
	/* Handlers and their names: entries are made, a setting is read. */
	DMEM_RANK_HANDLERS,
	DMEM_RANK_HANDLER_ENTRIES,
	/* The handlers of a scope; records of them, and of scopes. */
	DMEM_RANK_SCOPES,
	DMEM_RANK_SCOPE_HANDLERS,
	DMEM_RANK_SCOPE_RECORDS,
	/* Blocks of the handler `shared`; records of them. */
	DMEM_RANK_SHARED,
	DMEM_RANK_SHARED_RECORDS,
	/* Current handlers of threads, and contexts: nothing is below them. */
	DMEM_RANK_CONTEXT_RECORDS,
	DMEM_RANK_CONTEXTS,
	/* A shard of what the handler `debug` knows; records are made. */
	DMEM_RANK_ROSTER,
	DMEM_RANK_ROSTER_RECORDS,
	DMEM_RANK_ROSTER_STACKS,
	/* Guard sampling is switched, and caches with it. */
	DMEM_RANK_GUARD_SWITCH,
	/* Which caches there are. */
	DMEM_RANK_CACHES,
	/* A cache, in its owner's slow path or as one of all of them: blocks
	 * are taken from and given to the classes. */
	DMEM_RANK_CACHE,
	/* Free pages of slabs are given back: blocks and spans are held for it,
	 * and system calls are made. */
	DMEM_RANK_OPENING,
	/* A class of slabs, which gets and returns spans. */
	DMEM_RANK_CLASS,
	/* Misuse that was found with a class locked. */
	DMEM_RANK_NOTES,
	/* Spans, which are cut from chunks of the arena. */
	DMEM_RANK_SPANS,
	/* Runs of the window, and blocks outside it. */
	DMEM_RANK_ARENA,
	/* A shelf of blocks freed last; of several, in the order of their
	 * numbers. */
	DMEM_RANK_SHELF,
	/* Records of guarded blocks, and their addresses. */
	DMEM_RANK_GUARD,
	/* Taken under any of the others. */
	DMEM_RANK_COLLECTORS,
	DMEM_RANK_SETTINGS,
	DMEM_RANK_LOG,
	DMEM_RANKS
};

struct dmem_lock {
	pthread_mutex_t mutex;
#ifdef DMEM_LOCK_RANKS
	enum dmem_rank rank;
#endif
};

#ifdef DMEM_LOCK_RANKS
#define DMEM_LOCK_INIT(name) { PTHREAD_MUTEX_INITIALIZER, DMEM_RANK_##name }

/* Abort unless the calling thread may take the lock next. */
void dmem_lock_check(const struct dmem_lock *lock);
/* The calling thread has it now, or is about to let it go. */
void dmem_lock_note(const struct dmem_lock *lock, bool held);
/* Abort when the calling thread holds any. */
void dmem_lock_check_none(const char *what);
/* The calling thread never comes back to where it holds any: it exits. */
void dmem_lock_forget(void);

/*
 * What the longest of all holds of the locks of a rank came to, each number by
 * itself. Of several of a rank at once, from the first to the last.
 */
struct dmem_lock_cost {
	uint64_t holds;
	uint64_t ns;           /* by the clock on the wall */
	uint64_t steps;        /* dmem_lock_step() */
	uint64_t calls;        /* dmem_lock_call() */
};

/* The calling thread visits a node of a list or tree, or makes a system call. */
void dmem_lock_step(void);
void dmem_lock_call(void);

/* Costs of a rank since the start, or the last reset; returns its name. */
const char *dmem_lock_cost(enum dmem_rank rank, struct dmem_lock_cost *out);
void dmem_lock_cost_reset(void);

/* Have it called whenever a hold has ended, with the lock held yet. */
typedef void dmem_lock_shower(enum dmem_rank rank);
void dmem_lock_cost_show(dmem_lock_shower *wanted);
#else
#define DMEM_LOCK_INIT(name) { PTHREAD_MUTEX_INITIALIZER }
#define dmem_lock_check(lock) ((void)0)
#define dmem_lock_note(lock, held) ((void)0)
#define dmem_lock_check_none(what) ((void)0)
#define dmem_lock_forget() ((void)0)
#define dmem_lock_step() ((void)0)
#define dmem_lock_call() ((void)0)
#endif

/* Also of a lock whose holder is gone, in a forked child. */
#define dmem_lock_init(lock, name)                                           \
	(*(lock) = (struct dmem_lock)DMEM_LOCK_INIT(name))

/*
 * Of zeroed memory, which is a free mutex in all C libraries for Linux: nothing is
 * written there, so that the locks of what is not used take no page.
 */
#ifdef DMEM_LOCK_RANKS
#define dmem_lock_begin(lock, name) dmem_lock_init(lock, name)
#else
#define dmem_lock_begin(lock, name) ((void)(lock))
#endif

DMEM_INLINE void dmem_lock(struct dmem_lock *lock)
{
	dmem_lock_check(lock);
	pthread_mutex_lock(&lock->mutex);
	dmem_lock_note(lock, true);
}

/* False: another thread has it. May be tried in any order. */
DMEM_INLINE bool dmem_trylock(struct dmem_lock *lock)
{
	if (pthread_mutex_trylock(&lock->mutex))
		return false;
	dmem_lock_note(lock, true);
	return true;
}

DMEM_INLINE void dmem_unlock(struct dmem_lock *lock)
{
	dmem_lock_note(lock, false);
	pthread_mutex_unlock(&lock->mutex);
}

/*
 * Around calls at which a thread can be cancelled: with a lock held nobody would
 * ever have it again; and malloc(3), free(3) and fork(2) are no such calls.
 */
DMEM_INLINE int dmem_cancel_off(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

DMEM_INLINE void dmem_cancel_restore(int state)
{
	pthread_setcancelstate(state, NULL);
}

/* The lock is free while the thread waits. */
DMEM_INLINE void dmem_lock_wait(pthread_cond_t *cond, struct dmem_lock *lock)
{
	int state = dmem_cancel_off();

	dmem_lock_note(lock, false);
	pthread_cond_wait(cond, &lock->mutex);
	dmem_lock_note(lock, true);
	dmem_cancel_restore(state);
}

/*
 * A lock that is held for some hundred instructions, and mostly free: to let it
 * go is a store, where a mutex takes another exchange, which waits for all stores
 * before it. Whoever has to wait yields, then sleeps.
 */
struct dmem_brief {
	uint32_t held;
#ifdef DMEM_LOCK_RANKS
	struct dmem_lock as;  /* what the check of the order sees */
#endif
};

/* Once; zeroed is free. */
#ifdef DMEM_LOCK_RANKS
#define dmem_brief_init(brief, name) dmem_lock_init(&(brief)->as, name)
#else
#define dmem_brief_init(brief, name) ((void)(brief))
#endif

/* False: another thread has it. */
DMEM_INLINE bool dmem_brief_trylock(struct dmem_brief *brief)
{
	uint32_t free = 0;

	if (!__atomic_compare_exchange_n(&brief->held, &free, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	dmem_lock_note(&brief->as, true);
	return true;
}

void dmem_brief_lock(struct dmem_brief *brief);

DMEM_INLINE void dmem_brief_unlock(struct dmem_brief *brief)
{
	dmem_lock_note(&brief->as, false);
	dmem_store_release(&brief->held, 0);
}

/*
 * Take a lock within *patience milliseconds, of which those waited are taken.
 * For exit(3), which may be called in a signal handler, or by another thread,
 * while the lock is held for ever: a module's idle() asks for all of its locks.
 */
bool dmem_lock_within(struct dmem_lock *lock, unsigned int *patience);

/* The same, and let it go again. */
bool dmem_lock_idle(struct dmem_lock *lock, unsigned int *patience);
bool dmem_brief_idle(struct dmem_brief *brief, unsigned int *patience);

/*
 * Said before a function of the host is called, and by what must not be called
 * with a lock held because it may come to that.
 */
#define dmem_host_call(what) dmem_lock_check_none(what)

#endif /* DMEM_LOCKS_H */

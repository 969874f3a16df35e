/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The records of caches: those that have an owner, and some that have none any
 * more, for the next threads. For cache/ only; with the list locked
 * (dmem_threads_lock()) where nothing else is said.
 */
#ifndef DMEM_ROSTER_H
#define DMEM_ROSTER_H

#include "threads.h"

/*
 * A way through those with an owner that holds the list for parts of it only:
 * who is at `at` is next. Those that come meanwhile are not met.
 */
struct dmem_walk {
	struct dmem_thread *at;
	struct dmem_walk *next;
	/* Who came first is no older than those it is to meet. */
	uint64_t until;
	/* What it adds up, or NULL; an owner that is gone is added later. */
	struct datamem_stats *stats;
};

struct dmem_roster {
	struct dmem_thread *first, *last;  /* with an owner */
	struct dmem_thread *hand;          /* next one for idle.c, or NULL */
	struct dmem_thread *idle;          /* linked by `next` */
	struct dmem_thread *ended;         /* without memory, for later ones */
	struct dmem_thread *forked;        /* in a child: owners that are in its
					    * parent; linked by `next` */
	struct dmem_thread *eye;           /* next one for watch.c, or NULL */
	struct dmem_thread *look;          /* next one for gone.c, or NULL */
	struct dmem_walk *walks;
	uint32_t nowned, nidle;
	uint64_t entered;                  /* owners that there were */
	unsigned int rounds;               /* of the hand */
};

extern struct dmem_roster dmem_roster;

/* Once. */
void dmem_roster_init(void);

/* A new record, in no list, its bins closed; NULL: no memory. */
struct dmem_thread *dmem_roster_make(void);

/*
 * End records, linked by `next`, that nobody can find any more. With nothing
 * locked: it takes the list's lock by itself. A child that is forked meanwhile
 * keeps those that have not ended yet.
 */
void dmem_roster_end(struct dmem_thread *thread);

/* A record gets an owner: the newest is the first. */
void dmem_roster_enter(struct dmem_thread *thread);

/* Whether a walk has met an owner. */
bool dmem_roster_met(const struct dmem_walk *walk,
		     const struct dmem_thread *thread);

/* Walks: none is under way where the process forks, as seen by the child. */
void dmem_roster_begin(struct dmem_walk *walk);
void dmem_roster_finish(struct dmem_walk *walk);

/* It loses its owner, whose id is in it no longer. */
void dmem_roster_drop(struct dmem_thread *thread);

/* Keep one without an owner; false: there are enough, and it is to be ended. */
bool dmem_roster_keep(struct dmem_thread *thread);

/* One that was kept, or NULL. */
struct dmem_thread *dmem_roster_reuse(void);

#endif /* DMEM_ROSTER_H */

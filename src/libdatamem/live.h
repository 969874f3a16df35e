/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The contents of the control page, and the flag that something is to be done
 * at the next slow path.
 *
 * Modules store their numbers into dmem_live at slow-path events and never read
 * them back. It is private memory at first; live control replaces it by the
 * shared page (control/page.c), at the same address.
 */
#ifndef DMEM_LIVE_H
#define DMEM_LIVE_H

#include "base.h"

#include "../live-page.h"

/* Changes once at most, while the library is wired. */
extern struct live_process *dmem_live;

/* Store a number that its module keeps: OWN or PAGE in statistics.h. */
#define dmem_live_store(name, val)                                           \
	dmem_store(&dmem_live->numbers.name, (uint64_t)(val))

/*
 * Show a number that several threads change at once, each of which then calls
 * this: it is the newest that stays, as it is stored again until it has not changed
 * meanwhile. On rare paths; a number that changes often is stored once, and what
 * is shown may then be a change old until the next.
 */
#define dmem_live_follow(to, from)                                           \
	do {                                                                 \
		__typeof__(*(from)) seen_, now_ = dmem_live_now(from);       \
		do {                                                         \
			seen_ = now_;                                        \
			dmem_store(to, (uint64_t)seen_);                     \
			now_ = dmem_live_now(from);                          \
		} while (seen_ != now_);                                     \
	} while (0)
/* Not a load: whoever changes the number after this also stores it after this. */
#define dmem_live_now(from) __atomic_fetch_add(from, 0, __ATOMIC_ACQ_REL)

/* What is to be done by live control at the next slow path; bits. */
extern unsigned int dmem_live_errand;

enum {
	DMEM_ERRAND_PAGE = 1 << 0,    /* the control page is to be made */
	DMEM_ERRAND_THREAD = 1 << 1,  /* the service thread, to be started */
	DMEM_ERRAND_SHOW = 1 << 2,    /* what settings come to has changed */
	DMEM_ERRAND_EVENTS = 1 << 3,  /* nobody reads the events any more */
};

DMEM_INLINE void dmem_live_errand_add(unsigned int errand)
{
	__atomic_or_fetch(&dmem_live_errand, errand, __ATOMIC_RELAXED);
}

/* Whether there is an errand or a request. */
DMEM_INLINE bool dmem_live_pending(void)
{
	return dmem_load(&dmem_live_errand) ||
	       dmem_load(&dmem_live->request.state) == LIVE_PENDING;
}

/* Have it done: at the end of slow paths, with no lock held. Keeps errno. */
DMEM_COLD void dmem_live_attend(void);

/* Set the function that dmem_live_attend() calls; once, at init. */
void dmem_live_set_attendant(void (*attend)(void));

#endif /* DMEM_LIVE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts who is in the dynamic linker, and who forks. */
#include "linker.h"

#include <sched.h>
#include <time.h>

/* Of a thread that forks; one that is inside is 1. */
#define FORKS (UINT32_C(1) << 16)

/* After so many turns the thread sleeps: what it waits for may have a lower
 * priority. After some seconds of that it waits no more, for good: a thread
 * has left by a jump out of a handler of signals. */
#define TURNS 20
#define NAPS 50000
#define NAP_NS 50000

static uint32_t users;
static bool given_up;

bool dmem_linker_enter(void)
{
	if (dmem_likely(dmem_fetch_add(&users, 1) < FORKS))
		return true;
	dmem_linker_leave();
	return false;
}

void dmem_linker_leave(void)
{
	__atomic_fetch_sub(&users, 1, __ATOMIC_RELEASE);
}

void dmem_linker_fork_prepare(void)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	int saved = errno, state = dmem_cancel_off();

	dmem_fetch_add(&users, FORKS);
	for (unsigned int turn = 0; !dmem_load(&given_up) &&
	     dmem_load_acquire(&users) & (FORKS - 1); turn++)
		if (turn < TURNS)
			sched_yield();
		else if (turn < TURNS + NAPS)
			nanosleep(&nap, NULL);
		else
			dmem_store(&given_up, true);
	dmem_cancel_restore(state);
	errno = saved;
}

void dmem_linker_fork_parent(void)
{
	dmem_fetch_sub(&users, FORKS);
}

void dmem_linker_fork_child(void)
{
	dmem_store(&users, (uint32_t)0);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts who is in the dynamic linker, and who forks. */
#include "linker.h"

#include <sched.h>
#include <time.h>

/* Of a thread that forks; one that is inside is 1. */
#define FORKS (UINT32_C(1) << 16)

/* After so many turns the thread sleeps: what it waits for may have a lower
 * priority. */
#define TURNS 20
#define NAP_NS 50000

static uint32_t users;

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
	int saved = errno;

	dmem_fetch_add(&users, FORKS);
	for (unsigned int turn = 0;
	     dmem_load_acquire(&users) & (FORKS - 1); turn++)
		if (turn < TURNS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
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

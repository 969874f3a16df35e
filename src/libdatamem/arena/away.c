/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Memory in the hands of threads that make system calls on it without the lock.
 * Who waits for them waits for those who left in one turn, while others leave
 * in the next one: so nobody waits for ever where threads come and go. Who waits
 * for all of them, to fork, has those who come wait at the door.
 */
#include "state.h"

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

unsigned int dmem_arena_step_out(void)
{
	unsigned int turn = dmem_arena.turn;

	dmem_arena.away[turn]++;
	dmem_arena_unlock();
	return turn;
}

void dmem_arena_step_in(unsigned int turn)
{
	dmem_arena_lock();
	if (!--dmem_arena.away[turn])
		pthread_cond_broadcast(&changed);
}

static bool anybody_away(void)
{
	return dmem_arena.away[0] || dmem_arena.away[1];
}

static void wait_for_change(void)
{
	dmem_lock_wait(&changed, &dmem_arena.lock);
}

bool dmem_arena_await(void)
{
	unsigned int turn;

	if (!anybody_away())
		return false;
	while (dmem_arena.awaited)
		wait_for_change();
	turn = dmem_arena.turn;
	dmem_arena.turn = !turn;
	dmem_store(&dmem_arena.awaited, true);
	while (dmem_arena.away[turn])
		wait_for_change();
	dmem_store(&dmem_arena.awaited, false);
	pthread_cond_broadcast(&changed);
	return true;
}

void dmem_arena_await_all(void)
{
	dmem_arena.forks = true;
	while (anybody_away())
		wait_for_change();
	dmem_arena.forks = false;
	/* They go on when the lock is free: after fork(2). */
	pthread_cond_broadcast(&changed);
}

void dmem_arena_let_fork(void)
{
	while (dmem_arena.forks)
		wait_for_change();
}

void dmem_arena_await_none(void)
{
	dmem_store(&dmem_arena.awaited, false);
	changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

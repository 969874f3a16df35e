/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Two lists of records. */

#include "roster.h"

/* Records beyond these are unmapped as their threads end; trim unmaps all. */
#define IDLE_MAX 32

struct dmem_roster dmem_roster;

void dmem_roster_enter(struct dmem_thread *thread)
{
	thread->prev = NULL;
	thread->next = dmem_roster.first;
	if (thread->next)
		thread->next->prev = thread;
	else
		dmem_roster.last = thread;
	dmem_roster.first = thread;
	dmem_roster.nowned++;
}

void dmem_roster_drop(struct dmem_thread *thread)
{
	if (dmem_roster.hand == thread)
		dmem_roster.hand = thread->next;
	if (thread->prev)
		thread->prev->next = thread->next;
	else
		dmem_roster.first = thread->next;
	if (thread->next)
		thread->next->prev = thread->prev;
	else
		dmem_roster.last = thread->prev;
	dmem_roster.nowned--;
}

bool dmem_roster_keep(struct dmem_thread *thread)
{
	if (dmem_roster.nidle >= IDLE_MAX)
		return false;
	thread->next = dmem_roster.idle;
	dmem_roster.idle = thread;
	dmem_roster.nidle++;
	return true;
}

struct dmem_thread *dmem_roster_reuse(void)
{
	struct dmem_thread *thread = dmem_roster.idle;

	if (!thread)
		return NULL;
	dmem_roster.idle = thread->next;
	dmem_roster.nidle--;
	return thread;
}

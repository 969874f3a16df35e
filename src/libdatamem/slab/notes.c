/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Notes of misuse, until they can be reported. */

#include "notes.h"

#include <string.h>

#include "stats.h"

/* Beyond this number mistakes are counted, not described. */
#define NOTES_MAX 16

struct note {
	enum dmem_misuse misuse;
	const void *ptr;
	size_t size;
};

static struct dmem_lock lock = DMEM_LOCK_INIT(NOTES);
static struct note notes[NOTES_MAX] DMEM_TABLE;
static size_t nnotes;

void dmem_notes_add(enum dmem_misuse misuse, const void *ptr, size_t size)
{
	dmem_lock(&lock);
	if (nnotes < NOTES_MAX) {
		notes[nnotes] = (struct note){ misuse, ptr, size };
		dmem_store(&nnotes, nnotes + 1);
	} else {
		dmem_stats_count(misuse == DMEM_MISUSE_DOUBLE_FREE ?
					 DMEM_COUNT_DOUBLE_FREES :
					 DMEM_COUNT_FOREIGN_POINTERS);
	}
	dmem_unlock(&lock);
}

void dmem_notes_report(void)
{
	struct note out[NOTES_MAX];
	size_t n;

	if (dmem_likely(!dmem_load(&nnotes)))
		return;
	dmem_lock(&lock);
	n = nnotes;
	memcpy(out, notes, n * sizeof(*out));
	dmem_store(&nnotes, 0);
	dmem_unlock(&lock);
	for (size_t i = 0; i < n; i++)
		dmem_misuse_report(out[i].misuse, "default_allocator",
				   out[i].ptr, out[i].size, false);
}

void dmem_notes_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_notes_fork_parent(void)
{
	dmem_unlock(&lock);
}

bool dmem_notes_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

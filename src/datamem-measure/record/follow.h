/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * From events of a process to the lines of a recording: addresses become names
 * of blocks, thread ids numbers. Whatever events come, the lines are a sound
 * recording: no block is freed that was not made in it, none is made twice.
 *
 * Blocks of the list come first. An entry of it is left out where an event before
 * it has told of its address: what is there now is another block, or none. So
 * lines are held back until the list has ended.
 */
#ifndef RECORD_FOLLOW_H
#define RECORD_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../events-page.h"

struct record_follow;

/* Of blocks of min bytes and more; main_tid has number 0. */
struct record_follow *record_follow_new(uint64_t min, uint32_t main_tid);
void record_follow_free(struct record_follow *follow);

void record_follow_event(struct record_follow *follow,
			 const struct events_entry *event);

/* No list comes (any more). */
void record_follow_no_list(struct record_follow *follow);

struct record_follow_state {
	uint64_t events;        /* lines */
	uint64_t blocks;        /* made, the listed ones included */
	uint64_t listed;
	uint64_t list_missing;  /* blocks that the process found no room for */
	bool list_ended;        /* it came to its end */
	bool full;              /* replay takes no more events */
};
const struct record_follow_state *
record_follow_state(const struct record_follow *follow);

/* The lines so far, which are forgotten; NULL and 0 while they are held back. */
const char *record_follow_lines(struct record_follow *follow, size_t *nbytes);

#endif /* RECORD_FOLLOW_H */

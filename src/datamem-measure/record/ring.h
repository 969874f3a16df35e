/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reads the ring of events of a process (events-page.h), whatever is in it. */
#ifndef RECORD_RING_H
#define RECORD_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../events-page.h"

struct record_ring {
	struct events_header *header;
	struct events_entry *entries;
	uint32_t count;         /* as it was when it was opened */
	uint32_t next;          /* number of the next entry */
	uint64_t min;
};

/* The ring in memory of so many bytes; NULL, or why it is none. */
const char *record_ring_open(void *bytes, uint64_t size,
			     struct record_ring *out);

/* Copy the next entry; false: it is not there yet. */
bool record_ring_take(struct record_ring *ring, struct events_entry *out);

/* Entries that were not finished when their process died are passed over; false:
 * none comes behind them. */
bool record_ring_skip(struct record_ring *ring);

/* Make room for what was taken, and say that the reader is there. */
void record_ring_release(struct record_ring *ring);

/* Nothing comes any more. */
bool record_ring_ended(const struct record_ring *ring);

/* Events that found no room. */
uint64_t record_ring_lost(const struct record_ring *ring);

/* Nothing more is wanted. */
void record_ring_stop(struct record_ring *ring);

#endif /* RECORD_RING_H */

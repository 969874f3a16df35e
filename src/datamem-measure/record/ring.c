/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The reader's side of the ring. */
#include "tool.h"
#include "ring.h"

/* No library has made one with more; what is not written is memory, too, once it
 * is looked at. */
#define ENTRIES_MOST (UINT32_C(1) << 20)

#define load(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

const char *record_ring_open(void *bytes, uint64_t size,
			     struct record_ring *out)
{
	struct events_header header;

	if (size < sizeof(header))
		return "its events are too short";
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.magic, EVENTS_MAGIC, sizeof(header.magic)) != 0 ||
	    header.header_bytes < sizeof(header))
		return "it shows no events";
	if (header.layout != EVENTS_LAYOUT ||
	    header.entry_bytes != sizeof(struct events_entry))
		return "its library is of another version than this tool: the "
		       "events have another layout";
	if (!is_power_of_two(header.entries_count) ||
	    header.entries_count > ENTRIES_MOST ||
	    header.entries_offset < header.header_bytes ||
	    header.entries_offset % sizeof(uint64_t) != 0 ||
	    header.entries_offset > size ||
	    (size - header.entries_offset) / sizeof(struct events_entry) <
		    header.entries_count)
		return "its events are damaged";
	*out = (struct record_ring) {
		.header = bytes,
		.entries = (struct events_entry *)
			   ((char *)bytes + header.entries_offset),
		.count = header.entries_count,
		.min = header.min_bytes ? header.min_bytes : 1,
	};
	return NULL;
}

static struct events_entry *entry_at(const struct record_ring *ring,
				     uint32_t number)
{
	return &ring->entries[number & (ring->count - 1)];
}

static bool is_there(const struct record_ring *ring, uint32_t number)
{
	return __atomic_load_n(&entry_at(ring, number)->seq,
			       __ATOMIC_ACQUIRE) == number + 1;
}

bool record_ring_take(struct record_ring *ring, struct events_entry *out)
{
	const struct events_entry *from = entry_at(ring, ring->next);

	if (!is_there(ring, ring->next))
		return false;
	out->seq = ring->next++;
	out->tid = load(&from->tid);
	out->address = load(&from->address);
	out->what = load(&from->what);
	out->time = load(&from->time);
	return true;
}

bool record_ring_skip(struct record_ring *ring)
{
	for (uint32_t n = 1; n < ring->count; n++)
		if (is_there(ring, ring->next + n)) {
			ring->next += n;
			return true;
		}
	return false;
}

void record_ring_release(struct record_ring *ring)
{
	struct events_header *header = ring->header;

	__atomic_store_n(&header->tail, ring->next, __ATOMIC_RELEASE);
	__atomic_store_n(&header->beat, load(&header->beat) + 1,
			 __ATOMIC_RELAXED);
}

bool record_ring_ended(const struct record_ring *ring)
{
	return __atomic_load_n(&ring->header->state, __ATOMIC_ACQUIRE) !=
	       EVENTS_RUNS;
}

uint64_t record_ring_lost(const struct record_ring *ring)
{
	return load(&ring->header->lost);
}

void record_ring_stop(struct record_ring *ring)
{
	__atomic_store_n(&ring->header->stop, 1, __ATOMIC_RELAXED);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The test itself as the reader of its ring of events. */
#ifndef TESTS_API_EVENTS_READER_H
#define TESTS_API_EVENTS_READER_H

#include "own-page.h"

#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include <events-page.h>

#define MIN 4096

/* The reader. */
static struct events_header *ring;
static uint32_t next_number;

/* When it beat last, and the longest time between two beats of this ring, ms. */
static uint64_t beat_at, longest_pause;

static inline void note_pause(void)
{
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (ms - beat_at > longest_pause)
		longest_pause = ms - beat_at;
	beat_at = ms;
}

static inline void beat(void)
{
	note_pause();
	__atomic_fetch_add(&ring->beat, 1, __ATOMIC_RELAXED);
}

/* Whether it got no processor for so long, or nearly: clocks differ a little. */
static inline bool was_late(uint64_t ms)
{
	note_pause();
	return longest_pause >= ms - ms / 8;
}

/* By the system call: ThreadSanitizer sees nothing that keeps a thread from
 * closing the descriptor before, as that goes through two mappings of a page. */
static inline struct events_header *map_ring(void)
{
	/* Of an int, nothing says what the upper half is. */
	long offset = 0;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t nbytes = page + EVENTS_ENTRIES * sizeof(struct events_entry);
	int fd = find_own(EVENTS_NAME);
	long at;

	ck_assert_int_ge(fd, 0);
	at = syscall(SYS_mmap, NULL, nbytes, PROT_READ | PROT_WRITE,
		     MAP_SHARED, fd, offset);
	ck_assert_int_ne(at, -1);
	return (struct events_header *)at;
}

static inline bool next(struct events_entry *out)
{
	const struct events_entry *entries = (const struct events_entry *)
		((const char *)ring + ring->entries_offset);
	const struct events_entry *entry =
		&entries[next_number % ring->entries_count];

	/* A slow machine makes no dead reader. */
	beat();
	if (__atomic_load_n(&entry->seq, __ATOMIC_ACQUIRE) != next_number + 1)
		return false;
	out->tid = __atomic_load_n(&entry->tid, __ATOMIC_RELAXED);
	out->address = __atomic_load_n(&entry->address, __ATOMIC_RELAXED);
	out->what = __atomic_load_n(&entry->what, __ATOMIC_RELAXED);
	out->time = __atomic_load_n(&entry->time, __ATOMIC_RELAXED);
	next_number++;
	__atomic_store_n(&ring->tail, next_number, __ATOMIC_RELEASE);
	return true;
}

/* Whether other threads answer requests: a list waits for the reader where there
 * is no room, so that the reader is not to be the one that makes it. */
static bool others_answer;

static inline int32_t request(struct live_process *page, const char *what,
		       uint64_t argument)
{
	struct events_entry entry;

	ask(page, LIVE_RECORD, what, "", argument);
	/* Another thread's slow path may take it. */
	while (__atomic_load_n(&page->request.state, __ATOMIC_ACQUIRE) !=
	       LIVE_ANSWERED)
		if (!others_answer)
			datamem_control_poll();
		else if (!ring || !next(&entry))
			sched_yield();
	return answer(page);
}

static inline struct live_process *begin(void)
{
	struct live_process *page = quiet_page();

	note_pause();
	longest_pause = 0;
	ck_assert_int_eq(request(page, "begin", MIN), 0);
	ring = map_ring();
	next_number = 0;
	return page;
}

static inline void expect(enum events_op op, const void *ptr, size_t size)
{
	struct events_entry entry;

	ck_assert(next(&entry));
	ck_assert_uint_eq(EVENTS_OP(entry.what), op);
	ck_assert_uint_eq(entry.address, (uintptr_t)ptr);
	ck_assert_uint_eq(EVENTS_SIZE(entry.what), size);
	ck_assert_uint_eq(entry.tid, (uint32_t)syscall(SYS_gettid));
}

static inline void expect_nothing(void)
{
	struct events_entry entry;

	ck_assert(!next(&entry));
}

#endif /* TESTS_API_EVENTS_READER_H */

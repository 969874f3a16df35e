/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The ring, and who is at it. One word has all that writers must agree on: the
 * number of the next entry, how many are writing, and whether they may. So to
 * take a number is to be counted, and the memory stays mapped for those who are.
 */
#include "events.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "kernel/shared.h"
#include "stats.h"
#include "live.h"
#include "ring.h"

#define HEADER_BYTES ((size_t)4096)
#define LEASE_NS ((uint64_t)EVENTS_LEASE_MS * 1000000)

/* Of the word. */
#define NUMBERS UINT64_C(0xffffffff)
#define WRITER (UINT64_C(1) << 32)
#define WRITERS (UINT64_C(0x7fffffff) << 32)
#define OPEN (UINT64_C(1) << 63)

/* A thread that writes is not waited for any longer: it was preempted there. */
#define WAITS_MAX 1000

size_t dmem_events_min = SIZE_MAX;
bool dmem_events_there;

static struct {
	uint64_t word;
	/* `tail` as it was last looked at, plus the entries: below this number
	 * there is room. */
	uint32_t limit;
} DMEM_OWN_LINES shared_by_writers;

/* `beat` as it was seen last, and when it was another one: by the clock of the
 * entries, and in ms by one that stands still while the machine sleeps. */
static struct {
	uint64_t since;
	uint32_t beat, ms;
} DMEM_OWN_LINES lease;

/* Ring and file as a whole come and go. */
static struct dmem_lock lock = DMEM_LOCK_INIT(EVENTS);
static struct dmem_shared file = { .fd = -1 };
static struct events_header *header;
static struct events_entry *entries;
static size_t file_bytes, min_bytes;
static uint64_t looked;         /* dmem_events_look(), ms */

/* --- Writing -------------------------------------------------------------- */

static void leave(void)
{
	__atomic_fetch_sub(&shared_by_writers.word, WRITER, __ATOMIC_RELEASE);
}

/* The reader is gone: nothing is written any more, and a slow path sees to the
 * rest. */
static void give_up(void)
{
	dmem_store(&dmem_events_min, SIZE_MAX);
	dmem_live_errand_add(DMEM_ERRAND_EVENTS);
}

/* The beat last: who finds it there finds the times that are of it, or later. */
static void renew(uint32_t beat, uint64_t now)
{
	dmem_store(&lease.since, now);
	dmem_store(&lease.ms, (uint32_t)dmem_kernel_clock_ms());
	dmem_store_release(&lease.beat, beat);
}

static bool is_held(uint64_t now)
{
	uint32_t beat = dmem_load(&header->beat);
	uint64_t since;

	if (dmem_load_acquire(&header->stop))
		return false;
	if (beat != dmem_load_acquire(&lease.beat)) {
		renew(beat, now);
		return true;
	}
	since = dmem_load(&lease.since);
	/* Another thread's time may be the later one. */
	return now < since || now - since < LEASE_NS ||
	       (uint32_t)dmem_kernel_clock_ms() - dmem_load(&lease.ms) <
		       EVENTS_LEASE_MS;
}

static void fill(uint32_t number, const struct events_entry *from)
{
	struct events_entry *to = &entries[number % EVENTS_ENTRIES];
	uint64_t now = dmem_kernel_boot_ns();

	dmem_store(&to->tid, from->tid);
	dmem_store(&to->address, from->address);
	dmem_store(&to->what, from->what);
	dmem_store(&to->time, now);
	dmem_store_release(&to->seq, number + 1);
	if (dmem_unlikely(!is_held(now)))
		give_up();
}

/* A limit of before may be stored late. */
static bool has_room(uint32_t number)
{
	return dmem_load(&shared_by_writers.limit) - number - 1 <
	       EVENTS_ENTRIES;
}

enum claim { CLAIM_GOT, CLAIM_FULL, CLAIM_CLOSED };

/* Be counted, and take the next number if there is room for it. */
static enum claim claim(uint32_t *number)
{
	uint64_t old = dmem_load(&shared_by_writers.word), word;
	bool room;

	do {
		if (!(old & OPEN))
			return CLAIM_CLOSED;
		*number = (uint32_t)(old & NUMBERS);
		room = has_room(*number);
		word = (old & ~NUMBERS) + WRITER;
		word |= (uint32_t)(*number + room);
	} while (!__atomic_compare_exchange_n(&shared_by_writers.word, &old,
					      word, true, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return room ? CLAIM_GOT : CLAIM_FULL;
}

/* Look again how far the reader is; by one that is counted. */
static void look(void)
{
	uint32_t tail = dmem_load_acquire(&header->tail);
	uint32_t next = (uint32_t)(dmem_load(&shared_by_writers.word) &
				   NUMBERS);

	/* A tail that cannot be makes no room. */
	if (next - tail <= EVENTS_ENTRIES)
		dmem_store(&shared_by_writers.limit, tail + EVENTS_ENTRIES);
}

bool dmem_ring_put(const struct events_entry *entry)
{
	enum claim got = CLAIM_FULL;
	uint32_t number;

	for (unsigned int tries = 0; got == CLAIM_FULL && tries < 2; tries++) {
		got = claim(&number);
		if (got == CLAIM_CLOSED)
			return false;
		if (got == CLAIM_GOT)
			fill(number, entry);
		else if (!tries)
			look();
		else
			dmem_fetch_add(&header->lost, 1);
		/* Where nothing is written it is not looked, either. */
		if (got == CLAIM_FULL && !is_held(dmem_kernel_boot_ns()))
			give_up();
		leave();
	}
	return got == CLAIM_GOT;
}

/* Be counted without a number; false: there is no ring. */
static bool enter(void)
{
	uint64_t old = dmem_load(&shared_by_writers.word);

	do {
		if (!(old & OPEN))
			return false;
	} while (!__atomic_compare_exchange_n(&shared_by_writers.word, &old,
					      old + WRITER, true,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return true;
}

uint32_t dmem_ring_room(void)
{
	uint32_t next;

	if (!enter())
		return UINT32_MAX;
	look();
	leave();
	next = (uint32_t)(dmem_load(&shared_by_writers.word) & NUMBERS);
	return has_room(next) ? dmem_load(&shared_by_writers.limit) - next : 0;
}

bool dmem_events_look(void)
{
	uint64_t now = dmem_kernel_clock_ms();

	/* Once a tick of the clock: it is asked at every slow path. */
	if (!dmem_load(&dmem_events_there) || now == dmem_load(&looked))
		return false;
	dmem_store(&looked, now);
	return dmem_events_over();
}

bool dmem_events_over(void)
{
	bool held;

	if (!dmem_load(&dmem_events_there))
		return false;
	if (!enter())
		return true;
	held = is_held(dmem_kernel_boot_ns());
	leave();
	return !held;
}

/* --- Coming and going ----------------------------------------------------- */

static void fill_header(size_t min)
{
	*header = (struct events_header) {
		.layout = EVENTS_LAYOUT,
		.header_bytes = sizeof(*header),
		.file_bytes = file_bytes,
		.version = DATAMEM_VERSION_NUMBER,
		.pid = (int32_t)getpid(),
		.made = dmem_kernel_boot_ns(),
		.min_bytes = min,
		.entries_offset = file_bytes -
				  EVENTS_ENTRIES * sizeof(*entries),
		.entry_bytes = sizeof(*entries),
		.entries_count = EVENTS_ENTRIES,
		.page_bytes = (uint32_t)dmem_kernel_page_size(),
		.state = EVENTS_RUNS,
	};
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(header->magic, EVENTS_MAGIC, sizeof(header->magic));
}

/* All of it has memory from the start: a store never finds none. */
static int make(size_t min)
{
	size_t before = DMEM_ROUND_UP(HEADER_BYTES, dmem_kernel_page_size());
	void *at;
	int err;

	file_bytes = before + EVENTS_ENTRIES * sizeof(*entries);
	err = dmem_kernel_shared_make(EVENTS_NAME, file_bytes, &file);
	if (err)
		return err;
	err = dmem_kernel_shared_map(&file, file_bytes, &at);
	if (err)
		goto close;
	err = dmem_kernel_open(at, file_bytes);
	if (!err)
		err = dmem_kernel_shared_allocate(at, file_bytes);
	if (err) {
		dmem_kernel_unmap(at, file_bytes);
		goto close;
	}
	header = at;
	entries = (struct events_entry *)((char *)at + before);
	fill_header(min);
	return 0;
close:
	dmem_kernel_shared_close(&file);
	return err;
}

int dmem_events_open(size_t min, uint64_t *inode)
{
	int err = -EBUSY;

	dmem_lock(&lock);
	if (!header) {
		err = make(min);
		if (!err) {
			min_bytes = min;
			*inode = file.inode;
			renew(0, dmem_kernel_boot_ns());
			dmem_store(&shared_by_writers.limit, EVENTS_ENTRIES);
			dmem_store_release(&shared_by_writers.word, OPEN);
			dmem_store_release(&dmem_events_there, true);
		}
	}
	dmem_unlock(&lock);
	return err;
}

void dmem_events_begin(void)
{
	dmem_lock(&lock);
	if (header)
		dmem_store(&dmem_events_min, min_bytes);
	dmem_unlock(&lock);
}

static bool wait_for_writers(void)
{
	for (unsigned int waits = 0; waits < WAITS_MAX; waits++) {
		if (!(__atomic_load_n(&shared_by_writers.word,
				      __ATOMIC_ACQUIRE) & WRITERS))
			return true;
		sched_yield();
	}
	return false;
}

static void drop(void)
{
	dmem_kernel_shared_close(&file);
	dmem_kernel_unmap(header, file_bytes);
	header = NULL;
	dmem_store(&dmem_events_there, false);
}

bool dmem_events_close(void)
{
	bool closed = true;

	dmem_lock(&lock);
	dmem_store(&dmem_events_min, SIZE_MAX);
	__atomic_and_fetch(&shared_by_writers.word, ~OPEN, __ATOMIC_ACQ_REL);
	if (header) {
		dmem_store_release(&header->state, EVENTS_ENDED);
		closed = wait_for_writers();
		if (closed)
			drop();
	}
	dmem_unlock(&lock);
	return closed;
}

static void collect(struct datamem_stats *stats)
{
	if (dmem_load(&dmem_events_there))
		stats->meta_bytes += HEADER_BYTES +
				     EVENTS_ENTRIES * sizeof(*entries);
}

DMEM_START void dmem_events_init(void)
{
	dmem_stats_collect(collect);
}

void dmem_events_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_events_fork_parent(void)
{
	dmem_unlock(&lock);
}

void dmem_ring_fork_child(void)
{
	dmem_store(&dmem_events_min, SIZE_MAX);
	shared_by_writers.word = 0;
	if (header)
		drop();
	dmem_events_fork_parent();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Retention: how much free memory is kept, for how long, and how it goes.
 *
 * Free chunks stay as they are (hot) until they are retain.age old; then they
 * are offered to the kernel (lazy: MADV_FREE, which costs nothing at reuse);
 * at ten times the age they are given back, as are the oldest when more is kept
 * than the cap allows. Whole chunks only, so that no huge page is split.
 *
 * A chunk on its way is in no run: the system calls are made without the lock.
 */

#include "../kernel/kernel.h"
#include "../settings.h"
#include "arena.h"
#include "place.h"
#include "state.h"

/* Lazy chunks go at this many times retain.age. */
#define PURGE_AGES 10

/* The peak of used memory is that of the present and the last window. */
#define PEAK_WINDOW_MS 10000

/* `auto` keeps what the recent peak needs, a fragmented quarter more and this
 * much for small programs; at most this part of RAM or the cgroup's limit. */
#define SPARE ((size_t)32 << 20)
#define BOUND_PART 8

/* Mapped memory without pages beyond this is given back as address space. */
#define CLEAN_MAX ((size_t)64 << 20)
#define CLEAN_PART 8

static uint64_t bound = UINT64_MAX; /* by RAM and cgroups */
static bool limited;                /* a cgroup limits memory */
static uint32_t window_start, next_tick;
static bool over_cap;               /* more is kept than the cap allows */

/* The clock as it was read last, by whoever frees. */
static uint32_t last_now;

uint32_t dmem_retain_now(void)
{
	uint32_t now = (uint32_t)dmem_kernel_clock_ms();

	dmem_store(&last_now, now);
	return now;
}

bool dmem_retain_limited(void)
{
	return dmem_load(&limited);
}

/* Limits may change while the program runs: read again now and then. */
static void read_limits(void)
{
	uint64_t ram = dmem_kernel_ram(), cgroup = dmem_kernel_cgroup_limit();
	uint64_t least = DMEM_MIN(ram ? ram : UINT64_MAX, cgroup);

	dmem_store(&limited, cgroup < (ram ? ram : UINT64_MAX));
	dmem_store(&bound, least == UINT64_MAX ? least : least / BOUND_PART);
}

static void obey(enum dmem_setting_id id)
{
	(void)id;
	dmem_arena_age();
}

void dmem_retain_init(void)
{
	/* Limits are read at the first tick, so that a program which makes no
	 * large block does not pay for it. */
	window_start = dmem_retain_now() - PEAK_WINDOW_MS;
	next_tick = last_now;
	dmem_setting_watch(DMEM_SETTING_RETAIN_MAX, obey);
	dmem_setting_watch(DMEM_SETTING_RETAIN_AGE, obey);
}

/* Lock held. */
static size_t cap(void)
{
	uint64_t max = dmem_setting_value(DMEM_SETTING_RETAIN_MAX);
	size_t peak = DMEM_MAX(dmem_arena.peak, dmem_arena.last_peak);

	if (max != DMEM_SIZE_AUTO)
		return max;
	peak += peak / 4 + SPARE;
	return DMEM_MIN(peak > dmem_arena.used ? peak - dmem_arena.used : 0,
			dmem_load(&bound));
}

void dmem_retain_note(void)
{
	dmem_store(&over_cap, dmem_arena.retained + dmem_arena.lazy > cap());
}

struct segment {
	uint32_t run, chunk, count;
	uint32_t stamp;
};

static bool is_kept(uint32_t chunk, bool lazy_too)
{
	uint8_t flags = dmem_window.chunks[chunk].flags;

	return (flags & DMEM_CHUNK_FREE) && (flags & DMEM_CHUNK_MAPPED) &&
	       !(flags & DMEM_CHUNK_ZERO) &&
	       (lazy_too || !(flags & DMEM_CHUNK_LAZY));
}

/* The longest row of kept chunks from `chunk` on, of one kind. */
static uint32_t row(uint32_t chunk, uint32_t end, bool lazy_too)
{
	uint8_t kind = DMEM_CHUNK_LAZY | DMEM_CHUNK_ADVISED |
		       DMEM_CHUNK_MOVED | DMEM_CHUNK_HUGETLB;
	uint8_t flags = dmem_window.chunks[chunk].flags & kind;
	uint32_t n = 1;

	while (chunk + n < end && is_kept(chunk + n, lazy_too) &&
	       (dmem_window.chunks[chunk + n].flags & kind) == flags)
		n++;
	return n;
}

/* Find the kept chunks that are free for longest, min_age ms at least. */
static bool find_oldest(uint32_t now, uint32_t min_age, bool lazy_too,
			struct segment *out)
{
	uint32_t granules = dmem_chunk_granules(), run = DMEM_NO_RUN;
	uint32_t oldest = 0;
	bool found = false;

	while ((run = dmem_runs_next_free(run)) != DMEM_NO_RUN) {
		uint32_t chunk = (run + granules - 1) / granules;
		uint32_t end = (run + dmem_window.tags[run].len) / granules, n;

		for (; chunk < end; chunk += n) {
			uint32_t age = now - dmem_window.chunks[chunk].stamp;

			n = 1;
			if (!is_kept(chunk, lazy_too))
				continue;
			n = row(chunk, end, lazy_too);
			/* A stamp just ahead of a coarse clock is age 0. */
			if (age > INT32_MAX)
				age = 0;
			if (age < min_age || (found && age <= oldest))
				continue;
			found = true;
			oldest = age;
			*out = (struct segment){ run, chunk, n,
					dmem_window.chunks[chunk].stamp };
		}
	}
	return found;
}

static void *segment_address(const struct segment *segment, size_t *nbytes)
{
	*nbytes = (size_t)segment->count << dmem_window.chunk_shift;
	return dmem_chunk_address(segment->chunk);
}

/* Take a segment out of its run, so that the lock can be released. */
static void detach(const struct segment *segment)
{
	uint32_t granules = dmem_chunk_granules(), i;

	for (i = 0; i < segment->count; i++)
		dmem_arena_chunk_out(segment->chunk + i);
	dmem_runs_cut(segment->run, segment->chunk * granules,
		      segment->count * granules);
}

/* Enter it again, with flags set and cleared; ages go on. */
static void attach(const struct segment *segment, uint8_t set, uint8_t clear)
{
	uint32_t granules = dmem_chunk_granules(), i;

	for (i = 0; i < segment->count; i++) {
		struct dmem_chunk *c = &dmem_window.chunks[segment->chunk + i];

		c->flags = (uint8_t)((c->flags & ~clear) | set);
		c->stamp = segment->stamp;
		dmem_arena_chunk_in(segment->chunk + i);
	}
	dmem_runs_put(segment->chunk * granules, segment->count * granules);
}

/* Offer a segment to the kernel; false where it refuses (locked memory). */
static bool offer(const struct segment *segment)
{
	size_t nbytes;
	void *addr = segment_address(segment, &nbytes);
	int err;

	detach(segment);
	dmem_arena_unlock();
	err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_FREE);
	dmem_arena_lock();
	attach(segment, err ? 0 : DMEM_CHUNK_LAZY, 0);
	return !err;
}

/* Map afresh what was moved, so that it merges with its neighbours again. */
static int renew(void *addr, size_t nbytes, uint8_t *flags)
{
	int err = dmem_kernel_map_over(addr, nbytes);

	*flags = 0;
	return err ? err : dmem_place_fresh(addr, nbytes, flags);
}

/* Give a segment back to the kernel; false where it refuses. */
static bool purge(const struct segment *segment)
{
	uint8_t flags = dmem_window.chunks[segment->chunk].flags, fresh;
	size_t nbytes;
	void *addr = segment_address(segment, &nbytes);
	bool unmap;
	int err;

	detach(segment);
	if ((flags & DMEM_CHUNK_MOVED) && dmem_arena.moved)
		dmem_arena.moved--;
	/* Explicit huge pages go back to their pool in this way only. */
	unmap = (flags & DMEM_CHUNK_HUGETLB) ||
		dmem_arena.clean + nbytes >
			DMEM_MAX(CLEAN_MAX, dmem_arena.used / CLEAN_PART);
	if (unmap && !dmem_window_unmap(segment->chunk, segment->count)) {
		dmem_arena.purged += nbytes;
		attach(segment, 0, 0);
		return true;
	}
	dmem_arena_unlock();
	if (flags & DMEM_CHUNK_MOVED)
		err = renew(addr, nbytes, &fresh);
	else
		err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE);
	dmem_arena_lock();
	if (err && (flags & DMEM_CHUNK_MOVED)) {
		/* Perhaps a hole now: mapped again, without force, when it is
		 * needed. */
		dmem_window.mapped -= nbytes;
		attach(segment, 0, UINT8_MAX);
	} else if (err) {
		attach(segment, 0, 0);
		return false;
	} else if (flags & DMEM_CHUNK_MOVED) {
		attach(segment, fresh | DMEM_CHUNK_ZERO,
		       DMEM_CHUNK_MOVED | DMEM_CHUNK_ADVISED |
			       DMEM_CHUNK_LAZY);
	} else {
		attach(segment, DMEM_CHUNK_ZERO, DMEM_CHUNK_LAZY);
	}
	dmem_arena.purged += nbytes;
	return true;
}

/* Purge the oldest until at most keep bytes are kept. Lock held. */
static size_t purge_to(size_t keep)
{
	uint32_t now = dmem_retain_now();
	size_t done = 0, kept, over;
	struct segment oldest;

	for (;;) {
		kept = dmem_arena.retained + dmem_arena.lazy;
		if (kept <= keep || !find_oldest(now, 0, true, &oldest))
			return done;
		/* Not more of a long row than is needed, its end first: the
		 * front is handed out first. */
		over = (kept - keep + dmem_chunk_size() - 1) >>
		       dmem_window.chunk_shift;
		if (over < oldest.count) {
			oldest.chunk += oldest.count - (uint32_t)over;
			oldest.count = (uint32_t)over;
		}
		if (!purge(&oldest))
			return done;
		done += (size_t)oldest.count << dmem_window.chunk_shift;
	}
}

size_t dmem_arena_trim(size_t keep)
{
	size_t done;

	dmem_arena_lock();
	done = purge_to(keep);
	dmem_arena_unlock();
	return done;
}

static void roll_peak(uint32_t now)
{
	if (now - window_start < PEAK_WINDOW_MS)
		return;
	window_start = now;
	dmem_arena.last_peak = dmem_arena.peak;
	dmem_arena.peak = dmem_arena.used;
	dmem_arena_unlock();
	read_limits();
	dmem_arena_lock();
}

uint64_t dmem_arena_age(void)
{
	uint32_t now = dmem_retain_now();
	uint32_t age = (uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	struct segment oldest;
	uint64_t due = 0;

	dmem_arena_lock();
	roll_peak(now);
	while (find_oldest(now, age * PURGE_AGES, true, &oldest))
		if (!purge(&oldest))
			break;
	while (find_oldest(now, age, false, &oldest)) {
		uint8_t flags = dmem_window.chunks[oldest.chunk].flags;

		/* On 4 KiB pages an offer costs as much as giving back, and
		 * explicit huge pages cannot be offered. */
		if ((flags & DMEM_CHUNK_ADVISED) &&
		    !(flags & DMEM_CHUNK_HUGETLB) && offer(&oldest))
			continue;
		/* The refused segment is in its run again, found anew. */
		if (!find_oldest(now, age, false, &oldest) || !purge(&oldest))
			break;
	}
	purge_to(cap());
	dmem_retain_note();
	if (dmem_arena.retained || dmem_arena.lazy)
		due = DMEM_MIN(DMEM_MAX(age / 4, 50u), 1000u);
	dmem_arena_unlock();
	return due;
}

void dmem_arena_settle(void)
{
	uint32_t now = dmem_load(&last_now);
	uint32_t age;

	if (!dmem_load(&over_cap) &&
	    (int32_t)(now - dmem_load(&next_tick)) < 0)
		return;
	age = (uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	dmem_store(&next_tick, now + DMEM_MIN(DMEM_MAX(age / 4, 50u), 1000u));
	dmem_arena_age();
}

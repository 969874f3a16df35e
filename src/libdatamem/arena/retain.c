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

#include "arena.h"

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "dump.h"
#include "kept.h"
#include "segment.h"
#include "shelf.h"
#include "state.h"

/* Lazy chunks go at this many times retain.age. */
#define PURGE_AGES 10

/* The peak of used memory is that of the present and the last window. */
#define PEAK_WINDOW_MS 10000

/* `auto` keeps what the recent peak needs, a fragmented quarter more and this
 * much for small programs; at most this part of RAM or the cgroup's limit. */
#define SPARE ((size_t)32 << 20)
#define BOUND_PART 8

static uint64_t bound = UINT64_MAX; /* by RAM and cgroups */
static bool limited;                /* a cgroup limits memory */
static uint32_t window_start, next_tick;
static bool over_cap;               /* more is kept than the cap allows */
static bool keeps;                  /* enough for a service thread */
static bool refused;                /* the kernel takes nothing back */
static void (*when_kept)(void);

/* The clock as a free read it last. */
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

uint64_t dmem_retain_bound(void)
{
	return dmem_load(&bound);
}

/* Limits may change while the program runs: read again now and then. */
static void read_limits(void)
{
	uint64_t ram = dmem_kernel_ram(), cgroup = dmem_kernel_cgroup_limit();
	uint64_t least = DMEM_MIN(ram ? ram : UINT64_MAX, cgroup);

	dmem_store(&limited, cgroup < (ram ? ram : UINT64_MAX));
	dmem_store(&bound, least == UINT64_MAX ? least : least / BOUND_PART);
}

static void obey(enum dmem_setting_id id DMEM_UNUSED)
{
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
	dmem_setting_watch(DMEM_SETTING_SERVICE_RETAINED, obey);
}

/* Lock held. */
static size_t cap(void)
{
	uint64_t max = dmem_setting_value(DMEM_SETTING_RETAIN_MAX);
	size_t peak = DMEM_MAX(dmem_arena.peak, dmem_arena.last_peak);
	/* What shelves keep counts as used, and is not. */
	size_t used = dmem_arena.used -
		      DMEM_MIN(dmem_arena.used, dmem_arena.shelved);

	if (max != DMEM_SIZE_AUTO)
		return max;
	peak += peak / 4 + SPARE;
	return DMEM_MIN(peak > used ? peak - used : 0, dmem_load(&bound));
}

/* Milliseconds from one look at ages to the next. */
static uint32_t tick(uint32_t age)
{
	return DMEM_MIN(DMEM_MAX(age / 4, 50u), 1000u);
}

/*
 * A thread of ours ends the C library's single-threaded mode for good: putc(3)
 * takes 1.7 times as long, a copy of a std::shared_ptr 1.5 times, and
 * unshare(CLONE_NEWUSER) fails. In a program without threads less than this is
 * not worth one, and ages at its calls.
 */
static size_t service_bound(void)
{
	return dmem_setting_value(DMEM_SETTING_SERVICE_RETAINED);
}

static bool worth_a_thread(size_t kept)
{
	return kept >= service_bound() || !dmem_kernel_single_threaded();
}

/* What caches hold beside the arena, and what that keeps. */
static size_t elsewhere, kept_here;

/* Less than this in caches is worth no thread. */
#define ELSEWHERE_MIN (4 * DMEM_MIB)

void dmem_retain_note(void)
{
	size_t kept = dmem_arena_kept();

	dmem_store(&kept_here, kept);
	dmem_store(&keeps, kept && worth_a_thread(kept +
						  dmem_load(&elsewhere)));
	dmem_store(&over_cap, !refused && kept > cap());
}

/* Whether the kernel has taken nothing of all that was to go: then it is asked
 * at ticks only, not at each free. Lock held. */
static void note_refused(bool all)
{
	refused = all;
}

/* Which kept chunks are looked for. */
struct search {
	uint32_t now;
	uint32_t min_age;  /* ms */
	bool lazy_too;
	bool in_order;     /* chunks freed together only, the oldest first */
};

static bool is_sought(const struct dmem_chunk *c, const struct search *search)
{
	uint32_t age = search->now - c->stamp;

	/* A stamp just ahead of a coarse clock is age 0. */
	if (age > INT32_MAX)
		age = 0;
	return dmem_segment_kept(c) && age >= search->min_age &&
	       (search->lazy_too || !(c->flags & DMEM_CHUNK_LAZY));
}

/* Whether a chunk goes the same way as the oldest, in one call. */
static bool goes_along(uint32_t chunk, const struct dmem_chunk *oldest,
		       const struct search *search)
{
	const uint8_t kind = DMEM_CHUNK_LAZY | DMEM_CHUNK_ADVISED |
			     DMEM_CHUNK_MOVED | DMEM_CHUNK_HUGETLB;
	const struct dmem_chunk *c = dmem_chunk_at(chunk);

	return is_sought(c, search) &&
	       (c->flags & kind) == (oldest->flags & kind) &&
	       (!search->in_order || c->stamp == oldest->stamp);
}

/* Find the chunk that is kept for longest, and those beside it that go along.
 * Free neighbours are of one run. */
static bool find_oldest(const struct search *search, struct dmem_segment *out)
{
	uint32_t chunk = dmem_kept_oldest(search->lazy_too), first, end;
	const struct dmem_region *region;
	const struct dmem_chunk *oldest;

	if (chunk == DMEM_NO_CHUNK)
		return false;
	oldest = dmem_chunk_at(chunk);
	if (!is_sought(oldest, search))
		return false;
	region = dmem_region_of(chunk);
	for (first = chunk; first > dmem_region_begin(region); first--)
		if (!goes_along(first - 1, oldest, search))
			break;
	for (end = chunk + 1; end < dmem_region_end(region); end++)
		if (!goes_along(end, oldest, search))
			break;
	*out = (struct dmem_segment){
		.run = dmem_runs_of(first * dmem_chunk_granules()),
		.chunk = first,
		.count = end - first,
	};
	return true;
}

/*
 * Offer a segment to the kernel; false where it refuses (locked memory). All of
 * it is due, and counts as old as its oldest from now on: what enters the list
 * of the offered so is the newest there, and need not be put in its place.
 */
static bool offer(const struct dmem_segment *segment)
{
	uint32_t oldest = dmem_chunk_at(dmem_kept_oldest(false))->stamp;
	size_t nbytes;
	void *addr = dmem_segment_address(segment, &nbytes);
	bool hidden;
	int err;

	dmem_segment_detach(segment);
	for (uint32_t i = 0; i < segment->count; i++)
		dmem_chunk_at(segment->chunk + i)->stamp = oldest;
	dmem_arena_step_out();
	err = dmem_kernel_restore(addr, nbytes);
	if (!err)
		err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_FREE);
	hidden = !err && dmem_dump_hide(segment->chunk, segment->count);
	dmem_arena_step_in();
	if (hidden)
		dmem_dump_note(segment->chunk, segment->count);
	dmem_segment_attach(segment, err ? 0 : DMEM_CHUNK_LAZY, 0);
	return !err;
}

/*
 * Purge the oldest until at most keep bytes are kept; not more than was kept in
 * the beginning, as others may go on freeing. What the kernel refuses is as if
 * freed just now, and the next is tried. Lock held.
 */
static size_t purge_to(size_t keep)
{
	struct search search = { dmem_retain_now(), 0, true, keep > 0 };
	size_t begun, tried = 0, done = 0, kept, over, went;
	struct dmem_segment oldest;

	/* Joined with their neighbours they make more whole chunks. */
	if (!keep || dmem_arena_kept() > keep)
		dmem_shelf_clear();
	begun = dmem_arena_kept();
	for (;;) {
		kept = dmem_arena_kept();
		if (kept <= keep || tried >= begun ||
		    !find_oldest(&search, &oldest))
			break;
		/* Not more of a long row than is needed, its end first: the
		 * front is handed out first. */
		over = (kept - keep + dmem_chunk_size() - 1) >>
		       dmem_window.chunk_shift;
		if (over < oldest.count) {
			oldest.chunk += oldest.count - (uint32_t)over;
			oldest.count = (uint32_t)over;
		}
		went = dmem_segment_purge(&oldest);
		tried += dmem_segment_bytes(&oldest);
		done += went;
	}
	if (tried)
		note_refused(!done);
	return done;
}

void dmem_retain_before_fork(void)
{
	size_t keep = dmem_setting_value(DMEM_SETTING_FORK_RETAINED);

	keep -= DMEM_MIN(keep, dmem_load(&elsewhere));
	if (dmem_arena_kept() > keep)
		purge_to(keep);
}

size_t dmem_arena_trim(size_t keep)
{
	size_t done;

	dmem_arena_lock();
	done = purge_to(keep);
	/* It counts against RLIMIT_AS and the commit limit. */
	dmem_segment_unmap_clean(keep ? dmem_segment_clean_max() : 0);
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
	uint32_t setting =
		(uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	/* Under a memory limit hot memory counts, and a cgroup kills. */
	uint32_t age = dmem_retain_limited() ? 0 : setting;
	struct search old = { now, age, false, false };
	struct search very_old = {
		now, PURGE_AGES * setting, true, false
	};
	struct dmem_segment oldest;
	size_t begun, tried;
	uint64_t due = 0;

	dmem_arena_lock();
	roll_peak(now);
	dmem_shelf_clear();
	/* Not more than there was: what is refused, at age 0, is due again. */
	begun = dmem_arena_kept();
	for (tried = 0; tried < begun && find_oldest(&very_old, &oldest);
	     tried += dmem_segment_bytes(&oldest))
		dmem_segment_purge(&oldest);
	for (tried = 0; tried < begun && find_oldest(&old, &oldest);
	     tried += dmem_segment_bytes(&oldest)) {
		uint8_t flags = dmem_window.chunks[oldest.chunk].flags;

		/* On 4 KiB pages an offer costs as much as giving back, and
		 * explicit huge pages cannot be offered. */
		if ((flags & DMEM_CHUNK_ADVISED) &&
		    !(flags & DMEM_CHUNK_HUGETLB) && offer(&oldest))
			continue;
		/* The refused segment is in its run again, found anew. */
		if (!find_oldest(&old, &oldest))
			break;
		dmem_segment_purge(&oldest);
	}
	purge_to(cap());
	/* Growth by moves leaves it behind. */
	dmem_segment_unmap_clean(dmem_segment_clean_max());
	dmem_retain_note();
	if (dmem_arena_kept())
		due = tick(age);
	dmem_arena_unlock();
	return due;
}

void dmem_arena_when_kept(void (*act)(void))
{
	dmem_store_release(&when_kept, act);
}

static void tell_kept(void)
{
	void (*act)(void);
	int saved = errno;

	act = __atomic_exchange_n(&when_kept, NULL, __ATOMIC_ACQ_REL);
	if (act)
		act();
	errno = saved;
}

void dmem_arena_kept_elsewhere(size_t nbytes)
{
	/* Not written at each slow path of each thread. */
	if (nbytes / DMEM_MIB != dmem_load(&elsewhere) / DMEM_MIB)
		dmem_store(&elsewhere, nbytes);
	if (nbytes >= ELSEWHERE_MIN && dmem_load(&when_kept) &&
	    worth_a_thread(nbytes + dmem_load(&kept_here)))
		tell_kept();
}

void dmem_arena_settle(void)
{
	uint32_t now = dmem_load(&last_now);
	uint32_t age;

	dmem_host_call("what may start a thread");
	if (dmem_unlikely(dmem_load(&when_kept)) && dmem_load(&keeps))
		tell_kept();

	if (!dmem_load(&over_cap) &&
	    (int32_t)(now - dmem_load(&next_tick)) < 0)
		return;
	age = (uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	dmem_store(&next_tick, now + tick(age));
	dmem_arena_age();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Retention: how much free memory is kept, for how long, and how it goes.
 *
 * Free chunks stay as they are (hot) until they are retain.age old; then they
 * are offered to the kernel (lazy: MADV_FREE, which costs nothing at reuse);
 * at ten times the age they are given back, as are the oldest when more is kept
 * than the cap allows. Whole chunks only, so that no huge page is split; those
 * that blocks leave mostly free for as long are opened (open.c).
 *
 * A chunk on its way is in no run: the system calls are made without the lock.
 */

#include "arena.h"

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "settings/settings.h"
#include "cap.h"
#include "dump.h"
#include "kept.h"
#include "open.h"
#include "search.h"
#include "segment.h"
#include "shelf.h"
#include "state.h"

/* Lazy chunks go at this many times retain.age. */
#define PURGE_AGES 10

/* Opened are chunks of which half is free at least; on demand an eighth. */
#define OPEN_PART 2
#define OPEN_PART_TRIM 8

/* Chunks looked at in a tick: 32 GiB in huge pages of 2 MiB. */
#define OPEN_LOOKS 16384

/* Opened in a tick of the service thread, and at a call: half a ms each. */
#define OPEN_MOST 128
#define OPEN_MOST_CALL 2

/*
 * What another thread offers or gives back counts as kept for who asked, and is
 * waited for. In a tick it has the same memory in its hands up to three times;
 * a thread that goes on freeing keeps nobody here.
 */
#define TRIM_ROUNDS 8

static uint32_t next_tick;
static bool broken;                 /* chunks are to be made whole */
static uint32_t open_hand;          /* where ticks look next */
static size_t barren;               /* free in chunks that stay as they are */
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

uint32_t dmem_retain_seen(void)
{
	return dmem_load(&last_now);
}

static void obey(enum dmem_setting_id id DMEM_UNUSED)
{
	dmem_arena_age();
}

void dmem_retain_init(void)
{
	next_tick = dmem_retain_now();
	dmem_cap_init(next_tick);
	dmem_setting_watch(DMEM_SETTING_RETAIN_MAX, obey);
	dmem_setting_watch(DMEM_SETTING_RETAIN_AGE, obey);
	dmem_setting_watch(DMEM_SETTING_SERVICE_RETAINED, obey);
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
	size_t bound = barren + service_bound();

	dmem_store(&kept_here, kept);
	dmem_store(&keeps, (kept && worth_a_thread(kept +
						   dmem_load(&elsewhere))) ||
				   dmem_arena_loose() > bound);
	dmem_store(&broken, dmem_kept_opened() != DMEM_NO_CHUNK);
	dmem_store(&over_cap, !refused && kept > dmem_cap());
}

/* Whether the kernel has taken nothing of all that was to go: then it is asked
 * at ticks only, not at each free. Lock held. */
static void note_refused(bool all)
{
	refused = all;
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
	unsigned int turn;
	bool hidden;
	int err;

	dmem_segment_detach(segment);
	for (uint32_t i = 0; i < segment->count; i++)
		dmem_chunk_at(segment->chunk + i)->stamp = oldest;
	turn = dmem_arena_step_out();
	err = dmem_kernel_restore(addr, nbytes);
	if (!err)
		err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_FREE);
	hidden = !err && dmem_dump_hide(segment->chunk, segment->count);
	dmem_arena_step_in(turn);
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
	struct dmem_search search = { dmem_retain_now(), 0, true, keep > 0 };
	size_t begun, tried = 0, done, kept, went;
	struct dmem_segment oldest;

	/* Joined with their neighbours they make more whole chunks. */
	if (!keep || dmem_arena_kept() > keep)
		dmem_shelf_clear();
	done = dmem_open_mend();
	begun = dmem_arena_kept();
	for (;;) {
		kept = dmem_arena_kept();
		if (kept <= keep || tried >= begun ||
		    !dmem_search_oldest(&search, &oldest))
			break;
		dmem_search_shorten(&oldest, kept - keep);
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

size_t dmem_arena_open_loose(size_t keep)
{
	struct dmem_opening opening = {
		.now = dmem_retain_now(),
		.part = OPEN_PART_TRIM,
		.most = UINT32_MAX,
	};
	uint32_t hand = 0;
	size_t done = 0;

	dmem_arena_enter();
	if (dmem_arena_kept() + dmem_arena_loose() > keep)
		done = dmem_open_chunks(&hand, UINT32_MAX, &opening);
	dmem_arena_unlock();
	return done;
}

/* Whether there is more to open, later. */
static bool open_aged(uint32_t now, uint32_t age, uint32_t most)
{
	struct dmem_opening opening = { now, age, OPEN_PART, most, 0 };
	size_t loose = dmem_arena_loose();

	if (loose <= barren && loose < dmem_chunk_size())
		return false;
	dmem_open_chunks(&open_hand, OPEN_LOOKS, &opening);
	loose = dmem_arena_loose();
	barren = loose - DMEM_MIN(opening.waiting, loose);
	return opening.waiting || open_hand;
}

size_t dmem_arena_trim(size_t keep)
{
	size_t done = 0;

	dmem_arena_enter();
	for (int rounds = 0; rounds < TRIM_ROUNDS; rounds++) {
		done += purge_to(keep);
		/* It counts against RLIMIT_AS and the commit limit. */
		dmem_segment_unmap_clean(keep ? dmem_segment_clean_max() : 0);
		if (!dmem_arena_await())
			break;
	}
	dmem_arena_unlock();
	return done;
}

static uint64_t age_kept(uint32_t open_most)
{
	uint32_t now = dmem_retain_now();
	uint32_t setting =
		(uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	/*
	 * Under a memory limit hot memory counts, and a cgroup kills: what the
	 * cap lets stay warm is offered at the next tick. Small pages are not
	 * offered but given back, which costs much at reuse.
	 */
	uint32_t age = dmem_retain_limited() && dmem_hugepage_possible() ?
			       0 : setting;
	struct dmem_search old = { now, age, false, false };
	struct dmem_search very_old = {
		now, PURGE_AGES * setting, true, false
	};
	struct dmem_segment oldest;
	size_t begun, tried;
	uint64_t due = 0;
	bool more;

	dmem_arena_enter();
	dmem_cap_age(now, setting);
	dmem_shelf_clear();
	/* Not more than there was: what is refused, at age 0, is due again. */
	begun = dmem_arena_kept();
	for (tried = 0; tried < begun && dmem_search_oldest(&very_old, &oldest);
	     tried += dmem_segment_bytes(&oldest))
		dmem_segment_purge(&oldest);
	for (tried = 0; tried < begun && dmem_search_oldest(&old, &oldest);
	     tried += dmem_segment_bytes(&oldest)) {
		uint8_t flags = dmem_window.chunks[oldest.chunk].flags;

		/* On 4 KiB pages an offer costs as much as giving back, and
		 * explicit huge pages cannot be offered. */
		if ((flags & DMEM_CHUNK_ADVISED) &&
		    !(flags & DMEM_CHUNK_HUGETLB) && offer(&oldest))
			continue;
		/* The refused segment is in its run again, found anew. */
		if (!dmem_search_oldest(&old, &oldest))
			break;
		dmem_segment_purge(&oldest);
	}
	purge_to(dmem_cap());
	more = open_aged(now, setting, open_most);
	/* Growth by moves leaves it behind. */
	dmem_segment_unmap_clean(dmem_segment_clean_max());
	dmem_retain_note();
	if (dmem_arena_kept() || more)
		due = tick(age);
	dmem_arena_unlock();
	return due;
}

uint64_t dmem_arena_age(void)
{
	return age_kept(OPEN_MOST);
}

/* Of a free run's or chunk's end: no lock is held. */
static void mend(void)
{
	dmem_arena_enter();
	dmem_open_mend();
	dmem_retain_note();
	dmem_arena_unlock();
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

/* At a free that is over the cap, which may come to each. */
static void obey_cap(void)
{
	dmem_arena_enter();
	purge_to(dmem_cap());
	dmem_segment_unmap_clean(dmem_segment_clean_max());
	dmem_retain_note();
	dmem_arena_unlock();
}

void dmem_arena_settle(void)
{
	uint32_t now = dmem_load(&last_now);
	uint32_t age;

	dmem_host_call("what may start a thread");
	if (dmem_unlikely(dmem_load(&when_kept)) && dmem_load(&keeps))
		tell_kept();
	if (dmem_unlikely(dmem_load(&broken)))
		mend();
	if ((int32_t)(now - dmem_load(&next_tick)) < 0) {
		if (dmem_unlikely(dmem_load(&over_cap)))
			obey_cap();
		return;
	}
	age = (uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	dmem_store(&next_tick, now + tick(age));
	age_kept(OPEN_MOST_CALL);
}

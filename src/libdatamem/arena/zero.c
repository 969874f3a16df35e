/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Knows what is zero; clears the rest, or lets the kernel do it. */

#include "zero.h"

#include <string.h>

#include "kernel/kernel.h"
#include "state.h"

/*
 * Written memory is cleared by hand up to this; the rest comes zero from the
 * kernel, a page at a time as it is touched. By hand costs 15 us a MiB whether
 * it is written or not, the kernel 3, and 95 more for what is: even where a
 * tenth is written, so what bounds it is the memory that sparse arrays would
 * take.
 */
#define HAND_MAX ((size_t)64 << 20)

/* The kernel is asked where a block had this much of fresh memory, or where
 * this much would be cleared that is not in huge pages: 4 us and 8 a MiB of
 * small pages. */
#define ASK_MIN ((size_t)16 << 20)

static uint32_t granules_in(uint32_t chunk, uint32_t at, uint32_t len,
			    uint32_t *from)
{
	uint32_t begin = chunk << dmem_granule_shift();
	uint32_t end = begin + dmem_chunk_granules();

	*from = DMEM_MAX(at, begin) - begin;
	return DMEM_MIN(at + len, end) - begin - *from;
}

/* Add granules of a chunk to those that are written. */
static void widen(struct dmem_chunk *c, uint32_t from, uint32_t to)
{
	if (c->from == c->to)
		c->from = c->to = (uint16_t)from;
	c->from = (uint16_t)DMEM_MIN(c->from, from);
	c->to = (uint16_t)DMEM_MAX(c->to, to);
}

void dmem_zero_written(uint32_t at, uint32_t len)
{
	uint32_t last = (at + len - 1) >> dmem_granule_shift(), from, n;

	for (uint32_t i = at >> dmem_granule_shift(); i <= last; i++) {
		struct dmem_chunk *c = dmem_chunk_at(i);

		n = granules_in(i, at, len, &from);
		/* Zero though it was in use: moved or given away. */
		if (!c->asked && !(c->flags & DMEM_CHUNK_ZERO))
			widen(c, from, from + n);
		c->asked = 0;
	}
}

static void visit(void *arg, uintptr_t from, uintptr_t to)
{
	size_t offset = dmem_window_find((void *)from);
	size_t at = offset >> DMEM_GRANULE_SHIFT;
	size_t end = (offset + (to - from) + DMEM_GRANULE - 1) >>
		     DMEM_GRANULE_SHIFT;
	uint32_t begin, n;

	for (uint32_t i = (uint32_t)(at >> dmem_granule_shift());
	     i <= (uint32_t)((end - 1) >> dmem_granule_shift()); i++) {
		n = granules_in(i, (uint32_t)at, (uint32_t)(end - at), &begin);
		widen(dmem_chunk_at(i), begin, begin + n);
	}
	*(size_t *)arg += to - from;
}

static void set_written(uint32_t first, uint32_t end, uint32_t to)
{
	for (uint32_t i = first; i < end; i++) {
		dmem_chunk_at(i)->from = 0;
		dmem_chunk_at(i)->to = (uint16_t)to;
	}
}

/* Asked once: most kernels either say what was written, or never do. */
static bool can_ask(void)
{
	static int answer;

	if (!dmem_load(&answer))
		dmem_store(&answer, dmem_kernel_can_scan() ? 1 : -1);
	return dmem_load(&answer) > 0;
}

/*
 * Find out what was written of chunks that are the caller's alone, and how many
 * bytes. False: the kernel did not say, and all of them count as written.
 */
static bool look(uint32_t first, uint32_t end, size_t *nbytes)
{
	*nbytes = 0;
	set_written(first, end, 0);
	if (!dmem_kernel_each_written(dmem_chunk_address(first),
				      (size_t)(end - first)
					      << dmem_window.chunk_shift,
				      visit, nbytes))
		return true;
	set_written(first, end, dmem_chunk_granules());
	return false;
}

/* In use, and zero when it was taken: what is written is not known. */
static bool was_zero(const struct dmem_chunk *c)
{
	return c->from == c->to &&
	       !(c->flags & (DMEM_CHUNK_ZERO | DMEM_CHUNK_HUGETLB));
}

void dmem_zero_ask(uint32_t first, uint32_t end)
{
	size_t fresh = 0, nbytes;
	unsigned int turn;

	for (uint32_t i = first; i < end; i++)
		if (was_zero(dmem_chunk_at(i)))
			fresh += dmem_chunk_size();
	if (fresh < ASK_MIN || !can_ask())
		return;
	turn = dmem_arena_step_out();
	look(first, end, &nbytes);
	dmem_arena_step_in(turn);
	for (uint32_t i = first; i < end; i++) {
		struct dmem_chunk *c = dmem_chunk_at(i);

		c->asked = 1;
		if (c->from == c->to && (c->flags & DMEM_CHUNK_MAPPED) &&
		    !(c->flags & DMEM_CHUNK_HUGETLB))
			c->flags |= DMEM_CHUNK_ZERO;
	}
}

/* Granules of a part of a chunk that are not known to be zero. */
static uint32_t written(uint32_t chunk, uint32_t at, uint32_t len,
			uint32_t *begin)
{
	const struct dmem_chunk *c = dmem_chunk_at(chunk);
	uint32_t from, n = granules_in(chunk, at, len, &from);
	uint32_t low = DMEM_MAX(c->from, from);
	uint32_t high = DMEM_MIN(c->to, from + n);

	*begin = (chunk << dmem_granule_shift()) + low;
	return low < high ? high - low : 0;
}

DMEM_START bool dmem_zero_known(uint32_t at, uint32_t len)
{
	uint32_t last = (at + len - 1) >> dmem_granule_shift(), begin;

	for (uint32_t i = at >> dmem_granule_shift(); i <= last; i++)
		if (written(i, at, len, &begin))
			return false;
	return true;
}

/* Note the flags of a run's chunks, which others may change later. */
static void note_flags(uint32_t first, uint32_t end,
		       struct dmem_zero_ends *out)
{
	for (uint32_t i = first; i < end; i++) {
		const struct dmem_chunk *c = dmem_chunk_at(i);

		out->hugetlb |= !!(c->flags & DMEM_CHUNK_HUGETLB);
		if (!(c->flags & DMEM_CHUNK_ADVISED))
			out->small += (size_t)(c->to - c->from)
				      << DMEM_GRANULE_SHIFT;
	}
}

void dmem_zero_note(uint32_t at, uint32_t len, struct dmem_zero_ends *out)
{
	uint32_t granules = dmem_chunk_granules();
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();

	*out = (struct dmem_zero_ends){ .small = 0 };
	if (at % granules || len < granules)
		out->len[0] = written(first, at, len, &out->at[0]);
	if (last > first && (at + len) % granules)
		out->len[1] = written(last, at, len, &out->at[1]);
	note_flags(DMEM_ROUND_UP(at, granules) / granules,
		   (at + len) / granules, out);
}

static void clear(uint32_t at, uint32_t len)
{
	memset(dmem_granule_address(at), 0, (size_t)len << DMEM_GRANULE_SHIFT);
}

bool dmem_zero_by_hand(uint32_t len)
{
	return (size_t)len << DMEM_GRANULE_SHIFT <= HAND_MAX;
}

/* Have the kernel give zero pages instead of those that are there. */
static void renew(uint32_t first, uint32_t end)
{
	size_t nbytes = (size_t)(end - first) << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(first);

	if (dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE)) {
		memset(addr, 0, nbytes);
		return;
	}
	set_written(first, end, 0);
	dmem_arena_lock();
	dmem_arena.purged_bytes += nbytes;
	dmem_arena_unlock();
}

/* Chunks in a row that were written; 0: none begins here. */
static uint32_t row(uint32_t chunk, uint32_t end)
{
	uint32_t n = 0;

	while (chunk + n < end &&
	       dmem_chunk_at(chunk + n)->from != dmem_chunk_at(chunk + n)->to)
		n++;
	return n;
}

/*
 * How many bytes of whole chunks, nobody else's, may be cleared by hand: none
 * where few pages are there, as clearing would make many of them; all of
 * explicit huge pages, which might not come back.
 */
static size_t by_hand(uint32_t first, uint32_t end,
		      const struct dmem_zero_ends *ends)
{
	size_t there;

	if (ends->hugetlb)
		return SIZE_MAX;
	if (ends->small < ASK_MIN || !can_ask())
		return HAND_MAX;
	return look(first, end, &there) && there < ends->small / 2 ? 0
								   : HAND_MAX;
}

/*
 * Clear chunks by hand, as far as that may go; returns the first that is left.
 * A row of them is cleared in one go: 64 MiB in pieces of 2 take twice as
 * long, as memset(3) passes the caches by for large ones only.
 */
static uint32_t clear_chunks(uint32_t first, uint32_t end, size_t most)
{
	uint32_t granules = dmem_chunk_granules(), at = 0, len = 0, begin, n;
	uint32_t i;

	for (i = first; i < end; i++) {
		n = written(i, i * granules, granules, &begin);
		if ((size_t)n << DMEM_GRANULE_SHIFT > most)
			break;
		most -= (size_t)n << DMEM_GRANULE_SHIFT;
		if (n && begin != at + len) {
			clear(at, len);
			at = begin;
			len = 0;
		}
		len += n;
	}
	clear(at, len);
	return i;
}

static void zero_chunks(uint32_t first, uint32_t end,
			const struct dmem_zero_ends *ends)
{
	uint32_t n;

	first = clear_chunks(first, end, by_hand(first, end, ends));
	for (; first < end; first += DMEM_MAX(n, 1u)) {
		n = row(first, end);
		if (n)
			renew(first, first + n);
	}
}

void dmem_zero_run(uint32_t at, uint32_t len,
		   const struct dmem_zero_ends *ends)
{
	uint32_t first = DMEM_ROUND_UP(at, dmem_chunk_granules()) >>
			 dmem_granule_shift();
	uint32_t end = (at + len) >> dmem_granule_shift();

	for (int i = 0; i < 2; i++)
		if (ends->len[i])
			clear(ends->at[i], ends->len[i]);
	if (first < end)
		zero_chunks(first, end, ends);
}

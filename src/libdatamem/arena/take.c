/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Takes runs and ends them, and keeps chunk flags and counters in agreement
 * with that; grows the window.
 */

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "kept.h"
#include "shelf.h"
#include "state.h"

/* The window grows by at least this; space mapped ahead stays below 64 MiB. */
#define STEP ((size_t)32 << 20)

/* Of a free chunk: it has pages, or had them when the kernel was offered it. */
static bool has_kept_pages(const struct dmem_chunk *c)
{
	return (c->flags & DMEM_CHUNK_LAZY) ||
	       (c->flags & (DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO)) ==
		       DMEM_CHUNK_MAPPED;
}

void dmem_arena_chunk_out(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	if (!(c->flags & DMEM_CHUNK_FREE))
		return;
	if (has_kept_pages(c))
		dmem_kept_leave(chunk);
	if (c->flags & DMEM_CHUNK_LAZY)
		dmem_arena.lazy -= dmem_chunk_size();
	else if (!(c->flags & DMEM_CHUNK_MAPPED))
		;
	else if (c->flags & DMEM_CHUNK_ZERO)
		dmem_arena.clean -= dmem_chunk_size();
	else
		dmem_arena.retained -= dmem_chunk_size();
	c->flags &= (uint8_t)~DMEM_CHUNK_FREE;
}

void dmem_arena_chunk_in(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	c->flags |= DMEM_CHUNK_FREE;
	if (has_kept_pages(c))
		dmem_kept_enter(chunk);
	if (c->flags & DMEM_CHUNK_LAZY)
		dmem_arena.lazy += dmem_chunk_size();
	else if (!(c->flags & DMEM_CHUNK_MAPPED))
		;
	else if (c->flags & DMEM_CHUNK_ZERO)
		dmem_arena.clean += dmem_chunk_size();
	else
		dmem_arena.retained += dmem_chunk_size();
}

/* A mapping begins here, or none does. */
static void set_first(uint32_t chunk, bool first)
{
	uint8_t *flags = &dmem_chunk_at(chunk)->flags;

	if (!(*flags & DMEM_CHUNK_FIRST) == !first)
		return;
	*flags ^= DMEM_CHUNK_FIRST;
	if (first)
		dmem_arena.moved++;
	else
		dmem_arena.moved--;
}

void dmem_arena_unmark_moved(uint32_t chunk, uint32_t count)
{
	uint32_t end = chunk + count;

	for (; chunk < end; chunk++) {
		set_first(chunk, false);
		dmem_chunk_at(chunk)->flags &= (uint8_t)~DMEM_CHUNK_MOVED;
	}
	/* The rest of a mapping whose beginning this was. */
	if (dmem_chunk_at(end)->flags & DMEM_CHUNK_MOVED)
		set_first(end, true);
}

void dmem_arena_mark_moved(uint32_t chunk, uint32_t count)
{
	dmem_arena_unmark_moved(chunk, count);
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_chunk_at(i)->flags |= DMEM_CHUNK_MOVED;
	set_first(chunk, true);
}

void dmem_arena_freed(uint32_t run, uint32_t start, uint32_t len)
{
	uint32_t end = run + dmem_window.tags[run].len;
	uint32_t granules = dmem_chunk_granules();
	uint32_t first = start >> dmem_granule_shift();
	uint32_t last = (start + len - 1) >> dmem_granule_shift();
	uint32_t now = dmem_retain_now();

	for (uint32_t i = first; i <= last; i++) {
		if (i << dmem_granule_shift() < run ||
		    (i << dmem_granule_shift()) + granules > end ||
		    (dmem_chunk_at(i)->flags & DMEM_CHUNK_FREE))
			continue;
		dmem_chunk_at(i)->stamp = now;
		dmem_arena_chunk_in(i);
	}
}

void dmem_arena_release(uint32_t start)
{
	uint32_t len = dmem_window.tags[start].len;
	uint32_t run = dmem_runs_end(start);

	dmem_arena.used -= (size_t)len << DMEM_GRANULE_SHIFT;
	dmem_arena_freed(run, start, len);
	dmem_retain_note();
}

/*
 * Offer the whole chunks of a block to the kernel before it is free. Under a
 * memory limit retained memory counts against it, and a cgroup kills where it
 * cannot reclaim; on huge pages this costs 0.5 us a MiB and nothing at reuse.
 * On 4 KiB pages it costs as much as giving them back, so that is done.
 */
static void offer(uint32_t first, uint32_t count)
{
	bool huge = dmem_chunk_at(first)->flags & DMEM_CHUNK_ADVISED;
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	int err;

	dmem_arena_step_out();
	err = dmem_kernel_advise(dmem_chunk_address(first), nbytes,
				 huge ? DMEM_ADVICE_FREE : DMEM_ADVICE_PURGE);
	dmem_arena_step_in();
	for (uint32_t i = first; i < first + count && !err; i++) {
		uint8_t *flags = &dmem_chunk_at(i)->flags;

		/* What was moved away has no pages to offer. */
		*flags |= huge && !(*flags & DMEM_CHUNK_ZERO) ?
				  DMEM_CHUNK_LAZY : DMEM_CHUNK_ZERO;
	}
	if (!err && !huge)
		dmem_arena.purged += nbytes;
}

/* Chunks in a row that are all advised, or all not. */
static uint32_t alike(uint32_t first, uint32_t end)
{
	uint8_t flags = dmem_chunk_at(first)->flags;
	uint32_t n = 1;

	while (first + n < end && !((dmem_chunk_at(first + n)->flags ^ flags) &
				    DMEM_CHUNK_ADVISED))
		n++;
	return n;
}

/* Make sparse memory as if it were fresh. */
static void refresh(uint32_t first, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(first);
	uint8_t set = 0;

	dmem_arena_step_out();
	if (!dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE))
		set |= DMEM_CHUNK_ZERO;
	/* In mode always fresh memory needs no advice, but this does: it was
	 * advised against. */
	if (dmem_hugepage_advise(addr, nbytes) &&
	    !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_HUGEPAGE))
		set |= DMEM_CHUNK_ADVISED;
	dmem_arena_step_in();
	if (set & DMEM_CHUNK_ZERO)
		dmem_arena.purged += nbytes;
	for (uint32_t i = first; i < first + count; i++)
		dmem_chunk_at(i)->flags = (uint8_t)
			((dmem_chunk_at(i)->flags & ~DMEM_CHUNK_ADVISED) | set);
}

void dmem_arena_unadvise(uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t end = (at + len) >> dmem_granule_shift();

	for (; chunk < end; chunk++)
		dmem_chunk_at(chunk)->flags &= (uint8_t)~DMEM_CHUNK_ADVISED;
}

void dmem_arena_retire(uint32_t at)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	uint32_t first = DMEM_ROUND_UP(at, dmem_chunk_granules()) >>
			 dmem_granule_shift();
	uint32_t end = (at + tag->len) >> dmem_granule_shift(), n;

	if (first < end && tag->u.block.lazy)
		refresh(first, end - first);
	else if (dmem_retain_limited())
		for (; first < end; first += n) {
			n = alike(first, end);
			offer(first, n);
		}
	dmem_arena_release(at);
}

/* Written, or shared with blocks and so probably written. */
static bool has_pages(const struct dmem_chunk *c)
{
	return !(c->flags & DMEM_CHUNK_FREE) || !(c->flags & DMEM_CHUNK_ZERO);
}

uint64_t dmem_arena_faults(uint32_t at, uint32_t len)
{
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();
	uint64_t faults = 0;

	for (uint32_t i = first; i <= last; i++)
		if (has_pages(dmem_chunk_at(i)))
			faults += dmem_chunk_at(i)->flags & DMEM_CHUNK_ADVISED ?
				  1 : DMEM_MIN(len, dmem_chunk_granules());
	return faults;
}

/* Account for granules that leave the free ones. */
static void leave_free(uint32_t at, uint32_t len, bool *zero)
{
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();
	uint64_t avoided = dmem_arena_faults(at, len);

	/* What has pages avoids faults. */
	*zero = !avoided;
	dmem_arena.faults_avoided += avoided;
	for (uint32_t i = first; i <= last; i++) {
		dmem_arena_chunk_out(i);
		dmem_chunk_at(i)->flags &=
			(uint8_t)~(DMEM_CHUNK_ZERO | DMEM_CHUNK_LAZY);
	}
	dmem_arena_used((size_t)len << DMEM_GRANULE_SHIFT);
}

void dmem_arena_claim(uint32_t run, uint32_t at, uint32_t len, bool *zero)
{
	dmem_runs_take(run, at, len);
	leave_free(at, len, zero);
}

int dmem_arena_map(uint32_t run, uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t end = ((at + len - 1) >> dmem_granule_shift()) + 1, n;
	int err;

	while (chunk < end) {
		for (n = 0; chunk + n < end &&
			    !(dmem_chunk_at(chunk + n)->flags &
			      DMEM_CHUNK_MAPPED); n++)
			;
		if (!n) {
			chunk++;
			continue;
		}
		err = dmem_window_map(chunk, n);
		if (err == -EEXIST)
			/* Somebody maps in the hole: it is theirs for good. */
			dmem_runs_cut(run, chunk << dmem_granule_shift(),
				      n << dmem_granule_shift());
		if (err)
			return err;
		for (; n > 0; n--) {
			dmem_chunk_at(chunk++)->flags |= DMEM_CHUNK_FREE;
			dmem_arena.clean += dmem_chunk_size();
		}
	}
	return 0;
}

int dmem_arena_extend(uint32_t len, uint32_t align)
{
	uint32_t end = (uint32_t)(dmem_window.extent >> DMEM_GRANULE_SHIFT);
	uint32_t have = end ? dmem_window.tags[end].back : 0;
	uint32_t granules = dmem_chunk_granules();
	uint32_t need, step;
	int64_t chunk;

	/* The free run at the end counts from its first fitting granule on. */
	have = end - DMEM_MIN(end, DMEM_ROUND_UP(end - have, align));
	if (have >= len)
		have = 0;
	need = (len - have + granules - 1) / granules;
	step = DMEM_MAX(need, (uint32_t)(STEP >> dmem_window.chunk_shift));
	chunk = dmem_window_extend(step);
	if (chunk < 0 && step > need) {
		step = need;
		chunk = dmem_window_extend(step);
	}
	if (chunk < 0)
		return (int)chunk;
	dmem_runs_put((uint32_t)chunk * granules, step * granules);
	for (uint32_t i = 0; i < step; i++)
		dmem_arena_chunk_in((uint32_t)chunk + i);
	return 0;
}

/* Whether all chunks of a run have these flags of a mask. */
static bool all_have(uint32_t at, uint32_t len, uint8_t mask, uint8_t flags)
{
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();

	for (uint32_t i = first; i <= last; i++)
		if ((dmem_chunk_at(i)->flags & mask) != flags)
			return false;
	return true;
}

/* Written, or shared with blocks and so probably written. */
static bool is_warm(uint32_t at, uint32_t len)
{
	return all_have(at, len, DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO,
			DMEM_CHUNK_MAPPED);
}

/* The beginning is warm; that is enough of a preference. */
static bool begins_warm(uint32_t at, uint32_t len DMEM_UNUSED)
{
	return is_warm(at, 1);
}

static bool is_fresh(uint32_t at, uint32_t len)
{
	const uint8_t flags = DMEM_CHUNK_FREE | DMEM_CHUNK_ZERO;

	return all_have(at, len, flags, flags);
}

static bool is_mapped(uint32_t at, uint32_t len)
{
	return all_have(at, len, DMEM_CHUNK_MAPPED, DMEM_CHUNK_MAPPED);
}

uint32_t dmem_arena_take(const struct dmem_shape *shape, bool fresh, bool *zero)
{
	unsigned int extended = 0;
	uint32_t at, run;
	int err;

	for (;;) {
		run = dmem_runs_find(shape->len, shape->align,
				     fresh ? is_fresh : begins_warm, &at);
		/* Joined with their neighbours they may do. */
		if (dmem_arena.shelved &&
		    (run == DMEM_NO_RUN || !is_warm(at, shape->len))) {
			dmem_shelf_clear();
			continue;
		}
		if (run == DMEM_NO_RUN)
			run = dmem_runs_find(shape->len, shape->align, NULL,
					     &at);
		if (run == DMEM_NO_RUN) {
			/* Twice at most: what was stepped over lies between
			 * the old end and the new. */
			if (extended++ == 2 ||
			    dmem_arena_extend(shape->len, shape->align))
				return DMEM_NO_RUN;
			continue;
		}
		err = dmem_arena_map(run, at, shape->len);
		if (err == -EEXIST)
			continue;
		if (err) {
			/* No memory for holes: what needs none may fit. */
			run = dmem_runs_find(shape->len, shape->align,
					     is_mapped, &at);
			if (run == DMEM_NO_RUN)
				return DMEM_NO_RUN;
		}
		dmem_arena_claim(run, at, shape->len, zero);
		return at;
	}
}

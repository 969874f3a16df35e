/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A temporary of an expression comes back at once, at the same size or nearly
 * so. To cut its run out of a free one and to join it again costs twice as much
 * as to keep it, and the arena's lock. But runs that do not join take more
 * memory: only blocks that come again are kept, in pairs or by their size; a
 * shelf where many requests in a row find nothing is cleared and used no more
 * for a while, and all are cleared when a request finds no warm run.
 */

#include "shelves.h"

#include <string.h>

#include "guest/guest.h"
#include "settings/settings.h"
#include "arena.h"
#include "limit.h"

/* A run may be longer than asked for by a 64th; by a quarter where blocks have
 * not lived to waste it for long. */
#define SLACK_SHIFT 6
#define SLACK_SHIFT_PAIRS 2
#define PAIRS_LONG 32

/* Requests in a row that find nothing clear a shelf; then so many blocks are
 * not put there. */
#define MISSES_MAX 24
#define REST 64

/* More than this charged for nothing is released. */
#define SURPLUS_MAX ((size_t)1 << 20)

/* The clock is read, and what is due done, at one of so many calls. */
#define NOTE_EVERY 256

/* What a block is asked to be. */
struct wish {
	struct dmem_shape shape;
	size_t nbytes, align;
};

/* Whether a run does, with the block beginning where it did. */
static bool fits(const struct dmem_shelf_slot *run, const struct wish *wish)
{
	size_t start = (size_t)run->block.phase * 64;

	return start + wish->nbytes + wish->shape.apart <=
		       dmem_shelf_slot_bytes(run) &&
	       DMEM_IS_ALIGNED(run->at, wish->shape.align) &&
	       DMEM_IS_ALIGNED(start, DMEM_MIN(wish->align, DMEM_GRANULE)) &&
	       !dmem_turn_needed(run->block.huge);
}

/* The slot whose run does, counted from 1; of several the one freed last. */
static unsigned int search(const struct dmem_shelf *shelf,
			   const struct wish *wish)
{
	unsigned int shift = shelf->pairs < PAIRS_LONG ? SLACK_SHIFT :
							 SLACK_SHIFT_PAIRS;
	uint32_t len = wish->shape.len, slack = len >> shift;
	unsigned int slot;

	for (slot = shelf->filled; slot > 0; slot--)
		if (shelf->slots[slot - 1].len - len <= slack &&
		    fits(&shelf->slots[slot - 1], wish))
			break;
	return slot;
}

/* *more: how much of it was charged now. */
static bool charge(struct dmem_shelf *shelf, size_t nbytes, size_t *more)
{
	*more = nbytes > shelf->surplus ? nbytes - shelf->surplus : 0;
	if (*more && !dmem_limit_charge(*more, 1))
		return false;
	dmem_store(&shelf->surplus, shelf->surplus - (nbytes - *more));
	return true;
}

/* Page faults that a run with pages avoids. */
static uint64_t faults(const struct dmem_shelf_slot *run)
{
	if (!run->block.huge)
		return run->len;
	return ((run->at + run->len - 1) >> dmem_granule_shift()) -
	       (run->at >> dmem_granule_shift()) + 1;
}

/* Make the run of a slot a block. */
static char *make_block(struct dmem_shelf *shelf, unsigned int slot,
			const struct wish *wish)
{
	struct dmem_shelf_slot run = shelf->slots[slot];

	dmem_shelf_take_out(shelf, slot);
	dmem_tag_write(run.at, (dmem_tag_block){
		.nbytes = wish->nbytes,
		.phase = run.block.phase,
		.log2_align = wish->align > 1 ? dmem_log2(wish->align) & 31 : 0,
		.huge = run.block.huge,
		.apart = wish->shape.apart,
	});
	shelf->misses = 0;
	shelf->allocs++;
	shelf->nbytes += wish->nbytes;
	shelf->faults_avoided += faults(&run);
	if (dmem_guest_told())
		dmem_guest_open(dmem_granule_address(run.at),
				(size_t)run.len << DMEM_GRANULE_SHIFT);
	return (char *)dmem_granule_address(run.at) +
	       (size_t)run.block.phase * 64;
}

/* A request that found nothing. True: the shelf is to be cleared. */
static bool missed(struct dmem_shelf *shelf)
{
	if (!shelf->filled || ++shelf->misses < MISSES_MAX)
		return false;
	shelf->rest = REST;
	return true;
}

static bool of_shelf_size(size_t nbytes)
{
	return nbytes > DMEM_SHELF_BLOCK_MIN && nbytes <= DMEM_SHELF_BLOCK_MAX;
}

static uint64_t *size_entry(struct dmem_shelf *shelf, size_t nbytes)
{
	return &shelf->sizes[dmem_hash(nbytes) >>
			     (64 - DMEM_SHELF_SIZES_SHIFT)];
}

/* A block is asked for. */
static void note_size(struct dmem_shelf *shelf, size_t nbytes)
{
	uint64_t *entry = size_entry(shelf, nbytes);

	/* The one before lives. */
	if (shelf->last && shelf->pairs)
		dmem_store(&shelf->pairs, 0);
	shelf->last = nbytes;
	*entry = 2 * (uint64_t)nbytes + (*entry >> 1 == nbytes);
}

/* A block is freed; whether it is worth a place: such blocks come in pairs, or
 * its size came lately. */
static bool worth_it(struct dmem_shelf *shelf, size_t nbytes)
{
	if (shelf->last != nbytes)
		dmem_store(&shelf->pairs, 0);
	else if (shelf->pairs < PAIRS_LONG)
		dmem_store(&shelf->pairs, shelf->pairs + 1);
	shelf->last = 0;
	return shelf->pairs >= DMEM_SHELF_PAIRS_MIN ||
	       *size_entry(shelf, nbytes) == 2 * (uint64_t)nbytes + 1;
}

static char *take(const struct wish *wish)
{
	struct dmem_shelf *shelf = dmem_shelf_lock();
	char *start = NULL;
	bool clear = false;
	unsigned int slot;
	size_t more = 0;

	note_size(shelf, wish->nbytes);
	slot = search(shelf, wish);
	if (!slot)
		clear = missed(shelf);
	else if (charge(shelf, wish->nbytes, &more))
		start = make_block(shelf, slot - 1, wish);
	dmem_shelf_unlock(shelf);
	if (clear)
		dmem_shelf_clear_one(shelf);
	if (more && start)
		dmem_limit_served();
	return start;
}

/* Not for sparse blocks. What limits leave is not asked: the memory is there,
 * and asking uses it up for blocks that need it. */
static bool may_be_kept(size_t nbytes, unsigned int kind)
{
	return of_shelf_size(nbytes) && !(kind & DMEM_KIND_SPARSE) &&
	       dmem_kind_node(kind) < 0 &&
	       (!(kind & DMEM_KIND_ZERO) || nbytes < dmem_chunk_size() ||
		dmem_setting_value(DMEM_SETTING_ZERO_POLICY) != DMEM_ZERO_LAZY);
}

void *dmem_arena_again(size_t nbytes, size_t align, unsigned int kind)
{
	struct wish wish = { .nbytes = nbytes, .align = align ? align : 1 };
	char *start;

	if (!may_be_kept(nbytes, kind) ||
	    !dmem_arena_shape(nbytes, align, kind & DMEM_KIND_APART,
			      &wish.shape))
		return NULL;
	start = take(&wish);
	if (start && kind & DMEM_KIND_ZERO)
		memset(start, 0, nbytes);
	return start;
}

/*
 * The run of a block that may go to a shelf, told without the arena's lock:
 * nobody but its owner changes what is looked at.
 */
static bool find(const void *ptr, struct dmem_shelf_slot *run)
{
	size_t offset = dmem_window_find(ptr);
	union {
		struct dmem_tag tag;
		uint32_t head;
	} copy;

	if (offset == SIZE_MAX)
		return false;
	run->at = (uint32_t)(offset >> DMEM_GRANULE_SHIFT);
	copy.head = dmem_load((const uint32_t *)&dmem_window.tags[run->at]);
	run->len = copy.tag.len;
	run->block = dmem_tag_read(run->at);
	return run->len && copy.tag.used && !run->block.gone &&
	       !run->block.lazy && of_shelf_size(run->block.nbytes) &&
	       !dmem_turn_needed(run->block.huge) &&
	       (offset & (DMEM_GRANULE - 1)) == (size_t)run->block.phase * 64;
}

static bool has_room(const struct dmem_shelf *shelf,
		     const struct dmem_shelf_slot *run, size_t most)
{
	return shelf->filled < DMEM_SHELF_SLOTS &&
	       shelf->bytes + dmem_shelf_slot_bytes(run) <= most;
}

/* A block that was just ended. */
static void put(struct dmem_shelf *shelf, const struct dmem_shelf_slot *run)
{
	size_t nbytes = run->block.nbytes;

	shelf->slots[shelf->filled++] = *run;
	dmem_store(&shelf->bytes, shelf->bytes + dmem_shelf_slot_bytes(run));
	dmem_store(&shelf->surplus, shelf->surplus + nbytes);
	if (shelf->surplus > shelf->bytes + SURPLUS_MAX)
		dmem_shelf_settle(shelf, shelf->bytes);
	shelf->frees++;
	shelf->nbytes -= nbytes;
}

/* More is kept than retention knows of, or it is time to look. */
static bool to_be_noted(struct dmem_shelf *shelf)
{
	if (shelf->filled <= shelf->noted && ++shelf->calls < NOTE_EVERY)
		return false;
	shelf->noted = DMEM_MAX(shelf->noted, shelf->filled);
	shelf->calls = 0;
	return true;
}

/*
 * With the arena's lock: retention hears of what is kept, and older ones make
 * room for a run, if there is one. False: its block is none any more.
 */
static bool put_and_note(struct dmem_shelf *shelf,
			 const struct dmem_shelf_slot *run, size_t most)
{
	bool ended;

	dmem_arena_lock();
	dmem_brief_lock(&shelf->lock);
	ended = !run || dmem_tag_end(run->at, run->block);
	if (ended && run) {
		while (shelf->filled && !has_room(shelf, run, most))
			dmem_shelf_end_oldest(shelf);
		put(shelf, run);
	}
	dmem_shelf_tell(shelf);
	dmem_shelf_unlock(shelf);
	dmem_retain_now();
	dmem_retain_note();
	dmem_arena_unlock();
	dmem_arena_settle();
	return ended;
}

bool dmem_arena_keep(void *ptr, size_t *nbytes)
{
	size_t most = dmem_shelf_most();
	struct dmem_shelf_slot run;
	struct dmem_shelf *shelf;
	bool kept, due;

	if (!find(ptr, &run) || dmem_shelf_slot_bytes(&run) > most)
		return false;
	*nbytes = run.block.nbytes;
	shelf = dmem_shelf_lock();
	if (!worth_it(shelf, run.block.nbytes) || shelf->rest) {
		shelf->rest -= shelf->rest > 0;
		dmem_shelf_unlock(shelf);
		return false;
	}
	if (!has_room(shelf, &run, most)) {
		dmem_shelf_unlock(shelf);
		return put_and_note(shelf, &run, most);
	}
	kept = dmem_tag_end(run.at, run.block);
	if (kept)
		put(shelf, &run);
	due = kept && to_be_noted(shelf);
	dmem_shelf_unlock(shelf);
	if (due)
		put_and_note(shelf, NULL, most);
	return kept;
}

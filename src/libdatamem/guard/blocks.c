/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Records of guarded blocks, and their mappings. */
#include "blocks.h"

#include <string.h>

#include "arena/arena.h"
#include "kernel/kernel.h"
#include "guard.h"

/* Pages of a small slot: two of them without access. */
#define SMALL_PAGES 16

/* A large slot; smaller where there are not so many addresses. */
#define LARGE_MAX DMEM_GIB
#define LARGE_MIN DMEM_MIB

#define PADDING 0xdb

/* In system calls as well: blocks are few, and so are those who wait. */
static struct dmem_lock lock = DMEM_LOCK_INIT(GUARD);

struct dmem_guard_area dmem_guard_area;

static struct {
	struct dmem_guarded *records;
	uint32_t used;              /* records that ever were */
	uint32_t idle;              /* a list: index + 1, 0: none */
	uint32_t oldest, youngest;  /* freed */
	size_t page, small, large;  /* bytes */
	uint16_t owner[DMEM_GUARD_BLOCKS];  /* of a large slot; index + 1 */
	uint32_t hand;              /* where large slots are looked for */
} blocks DMEM_TABLE;

static size_t small_bytes(void)
{
	return DMEM_GUARD_BLOCKS * blocks.small;
}

bool dmem_blocks_open(void)
{
	uintptr_t base = 0;
	size_t nbytes = 0;

	dmem_lock(&lock);
	if (dmem_guard_area.size) {
		dmem_unlock(&lock);
		return true;
	}
	blocks.page = dmem_kernel_page_size();
	blocks.small = SMALL_PAGES * blocks.page;
	blocks.large = LARGE_MAX;
	if (!blocks.records)
		blocks.records = dmem_kernel_map(DMEM_GUARD_BLOCKS *
						 sizeof(*blocks.records));
	dmem_unlock(&lock);
	if (!blocks.records)
		return false;
	for (size_t large = LARGE_MAX; !base && large >= LARGE_MIN; large /= 2) {
		nbytes = small_bytes() + DMEM_GUARD_BLOCKS * large;
		base = dmem_arena_set_aside(nbytes);
		blocks.large = large;
	}
	if (!base)
		return false;
	dmem_kernel_name(blocks.records, DMEM_GUARD_BLOCKS *
			 sizeof(*blocks.records), "datamem tables");
	dmem_store(&dmem_guard_area.base, base);
	dmem_store_release(&dmem_guard_area.size, nbytes);
	return true;
}

static struct dmem_guarded *record(uint32_t number)
{
	return &blocks.records[number - 1];
}

static uint32_t number_of(const struct dmem_guarded *block)
{
	return (uint32_t)(block - blocks.records) + 1;
}

static char *small_slot(const struct dmem_guarded *block)
{
	return (char *)dmem_guard_area.base +
	       (number_of(block) - 1) * blocks.small;
}

static char *large_slot(uint32_t slot)
{
	return (char *)dmem_guard_area.base + small_bytes() +
	       slot * blocks.large;
}

struct dmem_guarded *dmem_blocks_find(const void *ptr)
{
	size_t offset = (uintptr_t)ptr - dmem_guard_area.base;
	struct dmem_guarded *block;
	uint32_t number;

	if (offset >= dmem_load_acquire(&dmem_guard_area.size))
		return NULL;
	if (offset < small_bytes())
		number = (uint32_t)(offset / blocks.small) + 1;
	else
		number = dmem_load(&blocks.owner[(offset - small_bytes()) /
						 blocks.large]);
	if (!number)
		return NULL;
	block = record(number);
	if (dmem_load_acquire(&block->state) == DMEM_GUARDED_NONE ||
	    (size_t)((const char *)ptr - block->map) >= block->mapped)
		return NULL;
	return block;
}

static void own_slots(const struct dmem_guarded *block, uint32_t number)
{
	for (uint32_t i = 0; i < block->slots; i++)
		dmem_store(&blocks.owner[block->slot + i], (uint16_t)number);
}

/* Its mapping goes, and it is nobody's; lock held. */
static void drop(struct dmem_guarded *block)
{
	dmem_store_release(&block->state, DMEM_GUARDED_NONE);
	if (block->mapped)
		dmem_kernel_unmap(block->map, block->mapped);
	block->mapped = 0;
	own_slots(block, 0);
	block->slots = 0;
	block->next = blocks.idle;
	blocks.idle = number_of(block);
}

static bool drop_oldest(void)
{
	struct dmem_guarded *block;

	if (!blocks.oldest)
		return false;
	block = record(blocks.oldest);
	blocks.oldest = block->next;
	if (!blocks.oldest)
		blocks.youngest = 0;
	drop(block);
	return true;
}

void dmem_blocks_forget(void)
{
	dmem_lock(&lock);
	while (drop_oldest())
		;
	dmem_unlock(&lock);
}

/* So many large slots in a row; false: there are none. */
static bool find_slots(uint32_t wanted, uint32_t *slot)
{
	uint32_t row = 0;

	if (wanted > DMEM_GUARD_BLOCKS)
		return false;
	/* Round and round, so that addresses come again late. */
	for (uint32_t i = 0; i < DMEM_GUARD_BLOCKS + wanted; i++) {
		uint32_t at = (blocks.hand + i) % DMEM_GUARD_BLOCKS;

		row = !at || blocks.owner[at] ? 0 : row;
		row += !blocks.owner[at];
		if (row < wanted)
			continue;
		*slot = at + 1 - wanted;
		blocks.hand = (at + 1) % DMEM_GUARD_BLOCKS;
		return true;
	}
	return false;
}

/* The room of a block in its slots. */
struct plan {
	size_t before;  /* least bytes from the slot to the block */
	size_t length;  /* of the block, to the page that has no access */
	size_t bytes;   /* with all that is without access */
};

static bool make_plan(size_t nbytes, size_t align, struct plan *out)
{
	size_t page = blocks.page;

	out->before = DMEM_MAX(page, align);
	if (!dmem_add(nbytes, DMEM_MIN(align, page) - 1, &out->length) ||
	    !dmem_add(out->length, out->before + 3 * page, &out->bytes))
		return false;
	out->length = DMEM_ROUND_DOWN(out->length, DMEM_MIN(align, page));
	out->bytes = out->before + DMEM_ROUND_UP(out->length, page) + page;
	return true;
}

/* A record and its slots; lock held. */
static struct dmem_guarded *take_record(const struct plan *plan)
{
	size_t wanted = (plan->bytes + blocks.large - 1) / blocks.large;
	bool small = plan->bytes <= blocks.small;
	struct dmem_guarded *block;
	uint32_t slot = 0;

	if (!small)
		while (!find_slots((uint32_t)DMEM_MIN(wanted, UINT32_MAX),
				   &slot))
			if (!drop_oldest())
				return NULL;
	if (blocks.used < DMEM_GUARD_BLOCKS) {
		block = record(++blocks.used);
	} else {
		if (!blocks.idle && !drop_oldest())
			return NULL;
		block = record(blocks.idle);
		blocks.idle = block->next;
	}
	block->next = 0;
	block->slot = slot;
	block->slots = small ? 0 : (uint32_t)wanted;
	own_slots(block, number_of(block));
	return block;
}

/* Where the block is to be, and what is mapped for it. */
static void place(struct dmem_guarded *block, const struct plan *plan,
		  size_t align)
{
	uintptr_t at = (uintptr_t)(block->slots ? large_slot(block->slot)
						: small_slot(block));
	size_t page = blocks.page;

	if (align > page) {
		block->start = (char *)DMEM_ROUND_UP(at + page, align);
		block->end = block->start + DMEM_ROUND_UP(plan->length, page);
		block->map = block->start - page;
	} else {
		block->map = (char *)at;
		block->end = (char *)at + page +
			     DMEM_ROUND_UP(plan->length, page);
		block->start = block->end - plan->length;
	}
	block->mapped = (size_t)(block->end + page - block->map);
	block->align = align;
}

static bool map(const struct dmem_guarded *block)
{
	if (dmem_kernel_map_at(block->map, block->mapped))
		return false;
	if (!dmem_kernel_forbid(block->map, blocks.page) &&
	    !dmem_kernel_forbid(block->end, blocks.page)) {
		dmem_kernel_name(block->map, block->mapped, "datamem guarded");
		return true;
	}
	dmem_kernel_unmap(block->map, block->mapped);
	return false;
}

struct dmem_guarded *dmem_blocks_take(size_t nbytes, size_t align)
{
	struct dmem_guarded *block;
	struct plan plan;

	if (!make_plan(nbytes, align, &plan))
		return NULL;
	dmem_lock(&lock);
	block = take_record(&plan);
	if (block) {
		place(block, &plan, align);
		block->nbytes = nbytes;
		if (map(block)) {
			dmem_store(&block->reported, 0);
			dmem_store_release(&block->state, DMEM_GUARDED_MADE);
		} else {
			block->mapped = 0;
			drop(block);
			block = NULL;
		}
	}
	dmem_unlock(&lock);
	return block;
}

void dmem_blocks_each_live(void (*visit)(const void *ptr, size_t nbytes,
					 size_t align))
{
	const struct dmem_guarded *block;

	dmem_lock(&lock);
	for (uint32_t number = 1; number <= blocks.used; number++) {
		dmem_lock_step();
		block = record(number);
		if (dmem_load_acquire(&block->state) == DMEM_GUARDED_LIVE)
			visit(block->start, block->nbytes, block->align);
	}
	dmem_unlock(&lock);
}

/* Lock held; block may be NULL. */
static void copy(const struct dmem_guarded *block, struct dmem_guarded *out)
{
	*out = (struct dmem_guarded) { .state = DMEM_GUARDED_NONE };
	if (!block)
		return;
	out->state = dmem_load_acquire(&block->state);
	out->map = block->map;
	out->mapped = block->mapped;
	out->start = block->start;
	out->end = block->end;
	out->nbytes = block->nbytes;
	out->align = block->align;
	if (out->state >= DMEM_GUARDED_LIVE)
		out->made = block->made;
	if (out->state == DMEM_GUARDED_FREED)
		out->freed = block->freed;
}

bool dmem_blocks_copy(const void *ptr, struct dmem_guarded *out)
{
	dmem_lock(&lock);
	copy(dmem_blocks_find(ptr), out);
	dmem_unlock(&lock);
	return out->state != DMEM_GUARDED_NONE;
}

struct dmem_guarded *dmem_blocks_seize(const void *ptr,
				       struct dmem_guarded *seen)
{
	uint32_t live = DMEM_GUARDED_LIVE;
	struct dmem_guarded *block;

	dmem_lock(&lock);
	block = dmem_blocks_find(ptr);
	if (!block || block->start != ptr ||
	    !__atomic_compare_exchange_n(&block->state, &live,
					 DMEM_GUARDED_GOING, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		copy(block, seen);
		block = NULL;
	}
	dmem_unlock(&lock);
	return block;
}

void dmem_blocks_retire(struct dmem_guarded *block)
{
	/* Where the kernel refuses, its pages stay as they are until then. */
	dmem_kernel_forbid(block->map, block->mapped);
	dmem_lock(&lock);
	dmem_store_release(&block->state, DMEM_GUARDED_FREED);
	block->next = 0;
	if (blocks.youngest)
		record(blocks.youngest)->next = number_of(block);
	else
		blocks.oldest = number_of(block);
	blocks.youngest = number_of(block);
	dmem_unlock(&lock);
}

/* From the page that the block begins on. */
static char *padding_start(const struct dmem_guarded *block)
{
	return (char *)DMEM_ROUND_DOWN((uintptr_t)block->start, blocks.page);
}

void dmem_blocks_pad(struct dmem_guarded *block)
{
	char *from = padding_start(block), *behind = block->start + block->nbytes;

	memset(from, PADDING, (size_t)(block->start - from));
	memset(behind, PADDING, (size_t)(block->end - behind));
}

static const char *changed(const char *from, const char *to)
{
	for (; from < to; from++)
		if (*(const volatile unsigned char *)from != PADDING)
			return from;
	return NULL;
}

const char *dmem_blocks_look(const struct dmem_guarded *block)
{
	const char *found = changed(block->start + block->nbytes, block->end);

	return found ? found : changed(padding_start(block), block->start);
}

void dmem_blocks_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_blocks_fork_parent(void)
{
	dmem_unlock(&lock);
}

bool dmem_blocks_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

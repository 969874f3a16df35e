/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of a class: bitmaps, stashes, and who finds what in them. */

#include "slab.h"

#include <string.h>

#include "arena/arena.h"
#include "hugepage/hugepage.h"
#include "limit.h"
#include "misuse.h"
#include "stats.h"
#include "spans.h"

#define STASH_MAX 256
#define STASH_BYTES ((size_t)256 << 10)
#define SPAN_MAX 5

_Static_assert(SPAN_MAX * DMEM_SPAN <= DMEM_CHUNK_MIN,
	       "a slab does not fit into a chunk");

/* Misuse is found under locks and reported without; what is found beyond this
 * number before that is counted, not described. */
#define NOTES_MAX 16

struct dmem_class dmem_classes[DMEM_CLASSES];

struct central {
	pthread_mutex_t lock;
	struct dmem_slab *partial;  /* some blocks free */
	struct dmem_slab *aligned;  /* the same, with an alignment */
	size_t nfree;               /* blocks free in slabs of `partial` */
	size_t out;                 /* blocks with threads */
	size_t nstash;
	void *stash[STASH_MAX];
} __attribute__((__aligned__(64)));

static struct central centrals[DMEM_CLASSES];

/* The fewest pages whose left over part is at most an eighth. */
static uint16_t pages_for(size_t size)
{
	uint16_t pages = 1;

	while (pages < SPAN_MAX &&
	       (pages * DMEM_SPAN) % size > pages * DMEM_SPAN / 8)
		pages++;
	return pages;
}

static void set_class(unsigned int cls, size_t size)
{
	struct dmem_class *c = &dmem_classes[cls];

	c->size = (uint32_t)size;
	c->recip = UINT32_MAX / (size / 16) + 1;
	c->npages = pages_for(size);
	c->nblocks = (uint32_t)(c->npages * DMEM_SPAN / size);
	c->stash_max = (uint16_t)DMEM_MIN(STASH_MAX, STASH_BYTES / size);
}

void dmem_slab_init(void)
{
	unsigned int i;

	for (i = 1; i <= DMEM_FINE_CLASSES; i++)
		set_class(i, 16 * (size_t)i);
	for (unsigned int shift = 10; shift < 17; shift++)
		for (unsigned int step = 0; step < 8; step++)
			set_class(i++, (size_t)(9 + step) << (shift - 3));
	for (i = 0; i < DMEM_CLASSES; i++)
		pthread_mutex_init(&centrals[i].lock, NULL);
}

static char *slab_start(const struct dmem_slab *slab)
{
	return (char *)dmem_window.base + ((size_t)slab->page << DMEM_SPAN_SHIFT);
}

static void push(struct dmem_slab **list, struct dmem_slab *slab)
{
	slab->prev = NULL;
	slab->next = *list;
	if (*list)
		(*list)->prev = slab;
	*list = slab;
}

static void drop(struct dmem_slab **list, struct dmem_slab *slab)
{
	if (slab->next)
		slab->next->prev = slab->prev;
	if (slab->prev)
		slab->prev->next = slab->next;
	else
		*list = slab->next;
}

static struct dmem_slab **list_of(struct central *central,
				  const struct dmem_slab *slab)
{
	return slab->log2_align ? &central->aligned : &central->partial;
}

static struct dmem_slab *new_slab(unsigned int cls, unsigned int log2_align)
{
	struct dmem_slab *slab = dmem_spans_take(cls, dmem_classes[cls].npages);
	uint32_t n = dmem_classes[cls].nblocks, i;

	if (!slab)
		return NULL;
	slab->log2_align = (uint8_t)log2_align;
	slab->nfree = n;
	slab->cursor = 0;
	for (i = 0; i < n / 64; i++)
		slab->free[i] = UINT64_MAX;
	if (n % 64)
		slab->free[i] = (UINT64_C(1) << (n % 64)) - 1;
	return slab;
}

/* Move up to n blocks of a slab to out, downwards from out[n - 1]. */
static size_t take_from(struct central *central, struct dmem_slab *slab,
			unsigned int cls, void **out, size_t n)
{
	char *start = slab_start(slab);
	size_t got = 0;

	n = DMEM_MIN(n, slab->nfree);
	while (got < n) {
		uint64_t bits = slab->free[slab->cursor];

		while (bits && got < n) {
			size_t index = slab->cursor * (size_t)64 +
				       (size_t)__builtin_ctzll(bits);

			*--out = start + index * dmem_classes[cls].size;
			bits &= bits - 1;
			got++;
		}
		slab->free[slab->cursor] = bits;
		if (got < n)
			slab->cursor++;
	}
	slab->nfree -= (uint32_t)n;
	if (!slab->log2_align)
		central->nfree -= n;
	if (!slab->nfree)
		drop(list_of(central, slab), slab);
	return n;
}

size_t dmem_slab_take(unsigned int cls, void **out, size_t n)
{
	struct central *central = &centrals[cls];
	size_t want = dmem_limit_charge(dmem_classes[cls].size, n), got = 0;
	struct dmem_slab *slab;

	pthread_mutex_lock(&central->lock);
	if (central->nstash && want) {
		got = DMEM_MIN(want, central->nstash);
		central->nstash -= got;
		memcpy(out + n - got, central->stash + central->nstash,
		       got * sizeof(*out));
	}
	while (got < want) {
		slab = central->partial;
		if (!slab) {
			/* One block in hand is enough for one new slab. */
			slab = got ? NULL : new_slab(cls, 0);
			if (!slab)
				break;
			central->nfree += slab->nfree;
			push(&central->partial, slab);
		}
		got += take_from(central, slab, cls, out + n - got, want - got);
	}
	central->out += got;
	pthread_mutex_unlock(&central->lock);
	if (got)
		dmem_limit_served();
	if (got < want)
		dmem_limit_release((want - got) * dmem_classes[cls].size);
	if (got < n)
		memmove(out, out + n - got, got * sizeof(*out));
	return got;
}

void *dmem_slab_take_aligned(unsigned int cls, size_t align)
{
	struct central *central = &centrals[cls];
	unsigned int log2_align = dmem_log2(align);
	struct dmem_slab *slab;
	void *block = NULL;

	if (!dmem_limit_charge(dmem_classes[cls].size, 1))
		return NULL;
	pthread_mutex_lock(&central->lock);
	for (slab = central->aligned; slab; slab = slab->next)
		if (slab->log2_align == log2_align)
			break;
	if (!slab) {
		slab = new_slab(cls, log2_align);
		if (slab)
			push(&central->aligned, slab);
	}
	if (slab)
		central->out += take_from(central, slab, cls, &block + 1, 1);
	pthread_mutex_unlock(&central->lock);
	if (block)
		dmem_limit_served();
	else
		dmem_limit_release(dmem_classes[cls].size);
	return block;
}

/* The block's number in its slab; false when ptr does not begin one. */
static bool index_of(const struct dmem_slab *slab, unsigned int cls,
		     const void *ptr, size_t *index)
{
	size_t offset = (size_t)((const char *)ptr - slab_start(slab));

	/* A multiplication for the division: exact, as offset / 16 is below
	 * 2^15 (5 pages of 64 KiB) and the reciprocal's error below 1. */
	*index = (offset / 16 * dmem_classes[cls].recip) >> 32;
	return *index < dmem_classes[cls].nblocks &&
	       *index * dmem_classes[cls].size == offset;
}

struct note {
	enum dmem_misuse misuse;
	const void *ptr;
	size_t size;
};

static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER;
static struct note notes[NOTES_MAX];
static size_t nnotes;

/* The arena got chunks back. */
static bool unsettled;

static bool note(enum dmem_misuse misuse, const void *ptr, unsigned int cls)
{
	pthread_mutex_lock(&notes_lock);
	if (nnotes < NOTES_MAX) {
		notes[nnotes] = (struct note){ misuse, ptr,
					       dmem_classes[cls].size };
		dmem_store(&nnotes, nnotes + 1);
	} else {
		dmem_stats_count(misuse == DMEM_MISUSE_DOUBLE_FREE ?
					 DMEM_COUNT_DOUBLE_FREES :
					 DMEM_COUNT_FOREIGN_POINTERS);
	}
	pthread_mutex_unlock(&notes_lock);
	return false;
}

void dmem_slab_settle(void)
{
	struct note out[NOTES_MAX];
	size_t n;

	if (dmem_unlikely(dmem_load(&unsettled))) {
		dmem_store(&unsettled, false);
		dmem_arena_settle();
	}
	if (dmem_likely(!dmem_load(&nnotes)))
		return;
	pthread_mutex_lock(&notes_lock);
	n = nnotes;
	memcpy(out, notes, n * sizeof(*out));
	dmem_store(&nnotes, 0);
	pthread_mutex_unlock(&notes_lock);
	for (size_t i = 0; i < n; i++)
		dmem_misuse_report(out[i].misuse, "default_allocator",
				   out[i].ptr, out[i].size, false);
}

/* Put one block into its slab; a slab that is not needed goes to *empty. */
static bool put(struct central *central, unsigned int cls, void *ptr,
		struct dmem_slab **empty)
{
	struct dmem_slab *slab = dmem_spans_slab(ptr);
	uint64_t bit;
	size_t index;

	if (!slab || slab->cls != cls || !index_of(slab, cls, ptr, &index))
		return note(DMEM_MISUSE_FOREIGN_POINTER, ptr, cls);
	bit = UINT64_C(1) << (index % 64);
	if (slab->free[index / 64] & bit)
		return note(DMEM_MISUSE_DOUBLE_FREE, ptr, cls);

	slab->free[index / 64] |= bit;
	slab->cursor = (uint16_t)DMEM_MIN(slab->cursor, index / 64);
	if (!slab->nfree++)
		push(list_of(central, slab), slab);
	if (!slab->log2_align)
		central->nfree++;
	/* One empty slab stays, so that a block at the edge does not make and
	 * unmake slabs. */
	if (slab->nfree == dmem_classes[cls].nblocks &&
	    (slab->log2_align || central->nfree > slab->nfree)) {
		drop(list_of(central, slab), slab);
		if (!slab->log2_align)
			central->nfree -= slab->nfree;
		slab->next = *empty;
		*empty = slab;
	}
	return true;
}

/* Locks of caches may be held: dmem_slab_settle() comes without. */
static void return_slabs(struct dmem_slab *empty)
{
	if (!empty)
		return;
	while (empty) {
		struct dmem_slab *next = empty->next;

		dmem_spans_give(empty);
		empty = next;
	}
	dmem_store(&unsettled, true);
}

void dmem_slab_give(unsigned int cls, void *const *blocks, size_t n)
{
	struct central *central = &centrals[cls];
	struct dmem_slab *empty = NULL;
	size_t i = 0, given = 0, room;

	pthread_mutex_lock(&central->lock);
	/* A single block is checked at once: debug mode relies on it. */
	if (n > 1) {
		room = dmem_classes[cls].stash_max - central->nstash;
		i = DMEM_MIN(n, room);
		memcpy(central->stash + central->nstash, blocks,
		       i * sizeof(*blocks));
		central->nstash += i;
		given = i;
	}
	for (; i < n; i++)
		given += put(central, cls, blocks[i], &empty);
	central->out -= given;
	pthread_mutex_unlock(&central->lock);
	dmem_limit_release(given * dmem_classes[cls].size);
	return_slabs(empty);
}

bool dmem_slab_find(const void *ptr, struct dmem_slab_block *out)
{
	struct dmem_slab *slab = dmem_spans_slab(ptr);
	unsigned int cls;
	size_t index;

	if (!slab)
		return false;
	cls = dmem_load(&slab->cls);
	pthread_mutex_lock(&centrals[cls].lock);
	/* The address of a freed block: its slab may have gone meanwhile. */
	index = (size_t)((const char *)ptr - slab_start(slab)) /
		dmem_classes[cls].size;
	if (dmem_spans_slab(ptr) != slab || dmem_load(&slab->cls) != cls ||
	    index >= dmem_classes[cls].nblocks) {
		pthread_mutex_unlock(&centrals[cls].lock);
		return false;
	}
	out->start = slab_start(slab) + index * dmem_classes[cls].size;
	out->size = dmem_classes[cls].size;
	out->align = slab->log2_align ? (size_t)1 << slab->log2_align : 0;
	out->free = slab->free[index / 64] >> (index % 64) & 1;
	pthread_mutex_unlock(&centrals[cls].lock);
	return true;
}

static void trim_class(unsigned int cls)
{
	struct central *central = &centrals[cls];
	struct dmem_slab *empty = NULL, *next;

	pthread_mutex_lock(&central->lock);
	/* Stashed blocks were counted as given: wrongly where they were free
	 * already, or no blocks at all. */
	while (central->nstash) {
		if (put(central, cls, central->stash[--central->nstash],
			&empty))
			continue;
		central->out++;
		dmem_limit_restore(dmem_classes[cls].size);
	}
	for (struct dmem_slab *slab = central->partial; slab; slab = next) {
		next = slab->next;
		if (slab->nfree != dmem_classes[cls].nblocks)
			continue;
		drop(&central->partial, slab);
		central->nfree -= slab->nfree;
		slab->next = empty;
		empty = slab;
	}
	pthread_mutex_unlock(&central->lock);
	return_slabs(empty);
}

void dmem_slab_trim(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		trim_class(cls);
	dmem_spans_trim();
}

void dmem_slab_count(unsigned int cls, size_t *out, size_t *stashed)
{
	pthread_mutex_lock(&centrals[cls].lock);
	/* Below zero for as long as a block freed twice is in the stash. */
	*out = centrals[cls].out <= DMEM_SIZE_MAX ? centrals[cls].out : 0;
	*stashed = centrals[cls].nstash;
	pthread_mutex_unlock(&centrals[cls].lock);
}

void dmem_slab_fork_prepare(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		pthread_mutex_lock(&centrals[cls].lock);
	pthread_mutex_lock(&notes_lock);
	dmem_spans_fork_prepare();
}

void dmem_slab_fork_parent(void)
{
	dmem_spans_fork_parent();
	pthread_mutex_unlock(&notes_lock);
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		pthread_mutex_unlock(&centrals[cls].lock);
}

/* The thread that took the locks is the one that lives on. */
void dmem_slab_fork_child(void)
{
	dmem_slab_fork_parent();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A hash table by address; entries have the index that they have in the file. */
#include "samples.h"

#include <string.h>

#include "kernel/kernel.h"

#define NONE UINT32_MAX

uint32_t dmem_samples_hints[DMEM_SAMPLES_HINTS] DMEM_TABLE;

_Static_assert(DMEM_SAMPLES_HINTS == UINT32_C(1) << (64 - 50),
	       "14 bits choose the hint");

struct record {
	struct dmem_sample sample;   /* address 0: free */
	uint32_t next;               /* plus 1; in its bucket, or of the free */
	uint32_t seq;
};

static struct record *records;
static uint32_t *buckets, mask;      /* indexes plus 1 */
static uint32_t free_first;
static size_t mapped;

int dmem_samples_make(void)
{
	uint32_t n = dmem_tables_room(DMEM_TABLE_SAMPLES), nbuckets = 64;
	size_t nbytes;

	while (nbuckets < n && nbuckets < UINT32_C(1) << 30)
		nbuckets *= 2;
	nbytes = n * sizeof(*records) + nbuckets * sizeof(*buckets);
	records = dmem_kernel_map(nbytes);
	if (!records)
		return -ENOMEM;
	dmem_kernel_advise(records, nbytes, DMEM_ADVICE_NOHUGEPAGE);
	mapped = nbytes;
	buckets = (uint32_t *)(records + n);
	mask = nbuckets - 1;
	free_first = 0;
	return 0;
}

void dmem_samples_drop(void)
{
	if (records)
		dmem_kernel_unmap(records, mapped);
	records = NULL;
	mapped = 0;
	for (size_t i = 0; i < DMEM_SAMPLES_HINTS; i++)
		if (dmem_load(&dmem_samples_hints[i]))
			dmem_store(&dmem_samples_hints[i], 0);
}

size_t dmem_samples_mapped(void)
{
	return mapped;
}

static uint32_t *bucket_of(uintptr_t address)
{
	return &buckets[dmem_hash(address >> 4) >> 32 & mask];
}

static void show(uint32_t index)
{
	struct record *record = &records[index];
	const struct dmem_sample *sample = &record->sample;
	struct profile_sample *to = dmem_tables_at(DMEM_TABLE_SAMPLES, index);

	dmem_tables_begin(&to->seq, &record->seq);
	dmem_store(&to->stack, sample->stack);
	dmem_store(&to->address, (uint64_t)sample->address);
	dmem_store(&to->size, sample->nbytes);
	dmem_store(&to->interval, sample->interval);
	dmem_store(&to->time, sample->time);
	dmem_store(&to->serial, sample->serial);
	dmem_store(&to->tid, sample->tid);
	dmem_tables_end(&to->seq, &record->seq);
}

void dmem_samples_show_all(void)
{
	for (uint32_t i = 0; i < dmem_tables_used(DMEM_TABLE_SAMPLES); i++)
		show(i);
}

/* The link to the record of an address, or the one at its chain's end. */
static uint32_t *lookup(uintptr_t address)
{
	uint32_t *link = bucket_of(address);

	while (*link && records[*link - 1].sample.address != address)
		link = &records[*link - 1].next;
	return link;
}

/* The index of a free record; NONE: the table is full. */
static uint32_t take_free(void)
{
	uint32_t index = free_first;

	if (index) {
		free_first = records[--index].next;
		return index;
	}
	if (!dmem_tables_reserve(DMEM_TABLE_SAMPLES, 1))
		return NONE;
	return dmem_tables_used(DMEM_TABLE_SAMPLES);
}

bool dmem_samples_enter(const struct dmem_sample *sample,
			struct dmem_sample *old)
{
	uint32_t index, *bucket;

	/* A block that went through no function of ours when it was freed, as
	 * of a handler that the program calls by itself. */
	if (!dmem_samples_take((void *)sample->address, old))
		old->address = 0;
	index = take_free();
	if (index == NONE)
		return false;
	bucket = bucket_of(sample->address);
	records[index].sample = *sample;
	records[index].next = *bucket;
	*bucket = index + 1;
	show(index);
	if (index == dmem_tables_used(DMEM_TABLE_SAMPLES))
		dmem_tables_raise(DMEM_TABLE_SAMPLES, 1);
	dmem_fetch_add(dmem_samples_hint((void *)sample->address), 1);
	return true;
}

bool dmem_samples_take(const void *ptr, struct dmem_sample *out)
{
	uint32_t *link = lookup((uintptr_t)ptr), index;

	if (!*link)
		return false;
	index = *link - 1;
	*out = records[index].sample;
	*link = records[index].next;
	records[index].sample.address = 0;
	records[index].next = free_first;
	free_first = index + 1;
	show(index);
	dmem_fetch_sub(dmem_samples_hint(ptr), 1);
	return true;
}

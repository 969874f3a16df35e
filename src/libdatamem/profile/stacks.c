/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Hash tables of stacks and strings: the truth, of which the file is a copy. */
#include "stacks.h"

#include <string.h>

#include "kernel/kernel.h"

/* A string of the table takes about so many bytes or more. */
#define STRING_BYTES 16

struct record {
	uint64_t hash;
	uint32_t next;       /* in its bucket; 0: the last */
	uint32_t seq;
	uint32_t frames_first;
	uint16_t natives, pythons, flags;
	uint32_t handler, domain;
	struct profile_totals allocated, live;
	uint64_t peak, peak_time, first_time, last_time, variance;
};

struct string {
	uint64_t hash;
	uint32_t next;       /* as above */
	uint32_t offset;
};

static struct record *records;
static uint32_t *buckets, nbuckets;
static struct string *strings;          /* from 1 on */
static uint32_t *string_buckets, nstrings, strings_room;
static char *mapping;
static size_t mapped;

static uint32_t power_of_two_from(uint32_t n)
{
	uint32_t power = 64;

	while (power < n && power < UINT32_C(1) << 30)
		power *= 2;
	return power;
}

int dmem_stacks_make(void)
{
	uint32_t stacks = dmem_tables_room(DMEM_TABLE_STACKS);
	size_t nbytes;
	char *at;

	strings_room = dmem_tables_room(DMEM_TABLE_STRINGS) / STRING_BYTES;
	nbuckets = power_of_two_from(DMEM_MAX(stacks, strings_room));
	nbytes = stacks * sizeof(*records) +
		 (strings_room + (size_t)1) * sizeof(*strings) +
		 2 * nbuckets * sizeof(*buckets);
	at = dmem_kernel_map(nbytes);
	if (!at)
		return -ENOMEM;
	dmem_kernel_advise(at, nbytes, DMEM_ADVICE_NOHUGEPAGE);
	mapping = at;
	mapped = nbytes;
	records = (struct record *)at;
	at += stacks * sizeof(*records);
	strings = (struct string *)at;
	at += (strings_room + (size_t)1) * sizeof(*strings);
	buckets = (uint32_t *)at;
	string_buckets = buckets + nbuckets;
	nstrings = 0;
	/* The empty string, and the stack for all that have no room. */
	if (!dmem_tables_reserve(DMEM_TABLE_STRINGS, 1) ||
	    !dmem_tables_reserve(DMEM_TABLE_STACKS, 1)) {
		dmem_stacks_drop();
		return -ENOMEM;
	}
	dmem_tables_raise(DMEM_TABLE_STRINGS, 1);
	records[0].flags = PROFILE_OVERFLOW;
	dmem_tables_raise(DMEM_TABLE_STACKS, 1);
	dmem_stacks_show_all();
	return 0;
}

void dmem_stacks_drop(void)
{
	if (mapping)
		dmem_kernel_unmap(mapping, mapped);
	mapping = NULL;
	mapped = 0;
}

size_t dmem_stacks_mapped(void)
{
	return mapped;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = dmem_hash(hash ^ word);
	return hash ^ hash >> 29;
}

static uint64_t hash_text(const char *text, size_t len)
{
	uint64_t hash = len, word;

	for (; len >= sizeof(word); len -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, text, len);
	return mix(mix(hash, word), 1);
}

uint32_t dmem_stacks_string(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	uint32_t *bucket, offset;
	uint64_t hash;

	if (!len || len > UINT16_MAX)
		return 0;
	hash = hash_text(text, len);
	bucket = &string_buckets[hash & (nbuckets - 1)];
	for (uint32_t i = *bucket; i; i = strings[i].next)
		if (strings[i].hash == hash)
			return strings[i].offset;
	if (nstrings == strings_room ||
	    !dmem_tables_reserve(DMEM_TABLE_STRINGS, (uint32_t)len + 1))
		return 0;
	offset = dmem_tables_used(DMEM_TABLE_STRINGS);
	memcpy(dmem_tables_at(DMEM_TABLE_STRINGS, offset), text, len + 1);
	dmem_tables_raise(DMEM_TABLE_STRINGS, (uint32_t)len + 1);
	strings[++nstrings] = (struct string) { hash, *bucket, offset };
	*bucket = nstrings;
	return offset;
}

static void show_totals(struct profile_totals *to,
			const struct profile_totals *from)
{
	dmem_store(&to->samples, from->samples);
	dmem_store(&to->count, from->count);
	dmem_store(&to->bytes, from->bytes);
}

static void show(uint32_t stack)
{
	struct record *record = &records[stack];
	struct profile_stack *to = dmem_tables_at(DMEM_TABLE_STACKS, stack);

	dmem_tables_begin(&to->seq, &record->seq);
	show_totals(&to->allocated, &record->allocated);
	show_totals(&to->live, &record->live);
	dmem_store(&to->peak, record->peak);
	dmem_store(&to->peak_time, record->peak_time);
	dmem_store(&to->first_time, record->first_time);
	dmem_store(&to->last_time, record->last_time);
	dmem_store(&to->variance, record->variance);
	dmem_tables_end(&to->seq, &record->seq);
}

/* What never changes of it. */
static void show_shape(uint32_t stack)
{
	struct record *record = &records[stack];
	struct profile_stack *to = dmem_tables_at(DMEM_TABLE_STACKS, stack);

	to->frames_first = record->frames_first;
	to->natives = record->natives;
	to->pythons = record->pythons;
	to->flags = record->flags;
	to->handler = record->handler;
	to->domain = record->domain;
}

void dmem_stacks_show_all(void)
{
	for (uint32_t i = 0; i < dmem_tables_used(DMEM_TABLE_STACKS); i++) {
		show_shape(i);
		show(i);
	}
}

/* The frames at the end of the table; false: no room. */
static bool write_frames(const struct dmem_frames *frames,
			 const struct profile_frame *pythons)
{
	struct profile_frame *to;
	uint32_t n = (uint32_t)frames->natives + frames->pythons;

	if (!dmem_tables_reserve(DMEM_TABLE_FRAMES, n))
		return false;
	to = dmem_tables_at(DMEM_TABLE_FRAMES,
			    dmem_tables_used(DMEM_TABLE_FRAMES));
	for (uint32_t i = 0; i < frames->natives; i++)
		to[i] = (struct profile_frame) {
			.kind = PROFILE_NATIVE,
			.u.address = frames->native[i],
		};
	memcpy(to + frames->natives, pythons,
	       frames->pythons * sizeof(*pythons));
	return true;
}

static uint32_t enter(const struct dmem_frames *frames,
		      const struct profile_frame *pythons, uint64_t hash,
		      uint32_t handler, unsigned int domain)
{
	uint32_t *bucket = &buckets[hash & (nbuckets - 1)];
	uint32_t n = (uint32_t)frames->natives + frames->pythons;
	uint32_t stack = dmem_tables_used(DMEM_TABLE_STACKS);

	if (!dmem_tables_reserve(DMEM_TABLE_STACKS, 1) ||
	    !write_frames(frames, pythons))
		return 0;
	records[stack] = (struct record) {
		.hash = hash,
		.next = *bucket,
		.frames_first = dmem_tables_used(DMEM_TABLE_FRAMES),
		.natives = frames->natives,
		.pythons = frames->pythons,
		.flags = frames->flags,
		.handler = handler,
		.domain = domain,
	};
	show_shape(stack);
	dmem_tables_raise(DMEM_TABLE_FRAMES, n);
	dmem_tables_raise(DMEM_TABLE_STACKS, 1);
	*bucket = stack;
	return stack;
}

uint32_t dmem_stacks_find(const struct dmem_frames *frames,
			  const char *handler, unsigned int domain,
			  struct dmem_sums *sums)
{
	/* Too much for the stack of whoever allocates; there is a lock. */
	static struct profile_frame pythons[PROFILE_PYTHON_MAX] DMEM_TABLE;
	uint32_t handler_string = dmem_stacks_string(handler), stack;
	uint64_t hash = mix(mix(handler_string, domain), frames->flags);

	for (uint32_t i = 0; i < frames->natives; i++)
		hash = mix(hash, frames->native[i]);
	for (uint32_t i = 0; i < frames->pythons; i++) {
		const struct dmem_python_frame *from = &frames->python[i];

		pythons[i] = (struct profile_frame) {
			.kind = PROFILE_PYTHON,
			.line = from->line,
			.u.python.file = dmem_stacks_string(from->file),
			.u.python.function = dmem_stacks_string(from->function),
		};
		hash = mix(mix(hash, pythons[i].line),
			   (uint64_t)pythons[i].u.python.file << 32 |
			   pythons[i].u.python.function);
	}
	for (stack = buckets[hash & (nbuckets - 1)]; stack;
	     stack = records[stack].next)
		if (records[stack].hash == hash)
			return stack;
	stack = enter(frames, pythons, hash, handler_string, domain);
	if (!stack)
		sums->dropped_stacks++;
	return stack;
}

void dmem_totals_add(struct profile_totals *to,
		     const struct dmem_weight *weight)
{
	to->samples++;
	to->count += weight->count;
	to->bytes += weight->bytes;
}

void dmem_totals_take(struct profile_totals *from,
		      const struct dmem_weight *weight)
{
	from->samples--;
	from->count -= weight->count;
	from->bytes -= weight->bytes;
}

static void add_live(struct record *record, const struct dmem_weight *weight,
		     uint64_t now)
{
	dmem_totals_add(&record->live, weight);
	if (record->live.bytes > record->peak) {
		record->peak = record->live.bytes;
		record->peak_time = now;
	}
}

void dmem_stacks_add(uint32_t stack, const struct dmem_weight *weight,
		     uint64_t now, bool live)
{
	struct record *record = &records[stack];

	dmem_totals_add(&record->allocated, weight);
	record->variance += weight->variance;
	if (!record->first_time)
		record->first_time = now;
	record->last_time = now;
	if (live)
		add_live(record, weight, now);
	show(stack);
}

void dmem_stacks_resume(uint32_t stack, const struct dmem_weight *weight,
			uint64_t now)
{
	add_live(&records[stack], weight, now);
	show(stack);
}

void dmem_stacks_end(uint32_t stack, const struct dmem_weight *weight)
{
	dmem_totals_take(&records[stack].live, weight);
	show(stack);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Copies arrays of a profile that may change, or be made to mislead. */
#include "tool.h"
#include "part.h"

#include "process/process.h"

/* How often an entry that changes is read again. */
#define TRIES 20
/* Read in one call; entries are smaller. */
#define CHUNK 65536u
#define ENTRY_MOST 4096u

static bool lies_inside(const struct ctl_source *source,
			const struct sampled_part *part)
{
	return part->entry >= part->least && part->entry <= ENTRY_MOST &&
	       part->entry % 8 == 0 && part->offset % 8 == 0 &&
	       part->used <= part->count && part->offset <= source->size &&
	       part->count <= (source->size - part->offset) / part->entry;
}

char *sampled_part_read(const struct ctl_source *source,
			const struct sampled_part *part)
{
	char *entries, chunk[CHUNK];
	uint32_t each;

	if (!lies_inside(source, part))
		return NULL;
	each = CHUNK / part->entry;
	entries = ctl_alloc(part->used, part->wanted);
	for (uint32_t i = 0; i < part->used; i += each) {
		uint32_t n = part->used - i < each ? part->used - i : each;

		if (!source->read(source, chunk, (size_t)n * part->entry,
				  part->offset + (uint64_t)i * part->entry)) {
			free(entries);
			return NULL;
		}
		for (uint32_t k = 0; k < n; k++)
			memcpy(entries + (size_t)(i + k) * part->wanted,
			       chunk + (size_t)k * part->entry, part->wanted);
	}
	return entries;
}

/* Every entry begins with its seq. */
static uint32_t seq_of(const char *entry)
{
	uint32_t seq;

	memcpy(&seq, entry, sizeof(seq));
	return seq;
}

/* Whether an entry could be copied that is whole; else it is all zero. */
static bool read_again(const struct ctl_source *source,
		       const struct sampled_part *part, uint32_t i, char *entry)
{
	uint64_t offset = part->offset + (uint64_t)i * part->entry;
	uint32_t seq;

	for (int tries = 0; tries < TRIES; tries++) {
		if (!source->read(source, entry, part->wanted, offset) ||
		    !source->read(source, &seq, sizeof(seq), offset))
			break;
		if (seq % 2 == 0 && seq == seq_of(entry))
			return true;
	}
	memset(entry, 0, part->wanted);
	return false;
}

char *sampled_part_read_changing(const struct ctl_source *source,
				 const struct sampled_part *part,
				 size_t *unread)
{
	char *entries = sampled_part_read(source, part);
	char *later = entries ? sampled_part_read(source, part) : NULL;

	for (uint32_t i = 0; later && i < part->used; i++) {
		char *entry = entries + (size_t)i * part->wanted;
		uint32_t seq = seq_of(later + (size_t)i * part->wanted);

		if (seq % 2 == 0 && seq == seq_of(entry))
			continue;
		if (!read_again(source, part, i, entry))
			++*unread;
	}
	if (!later) {
		free(entries);
		return NULL;
	}
	free(later);
	return entries;
}

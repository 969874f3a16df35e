/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Arrays of a profile, copied within the bounds of the file. For read.c. */
#ifndef SAMPLED_PART_H
#define SAMPLED_PART_H

#include <stddef.h>
#include <stdint.h>

/* An array of the file. */
struct sampled_part {
	uint64_t offset;
	uint32_t entry, count, used;
	size_t wanted;            /* bytes of an entry that are known here */
	size_t least;             /* that every layout has */
};

#define SAMPLED_PART(h, name, plural, type)                                  \
	((struct sampled_part){ (h)->plural##_offset, (h)->name##_bytes,     \
				(h)->plural##_count, (h)->plural##_used,     \
				sizeof(type), sizeof(type) })

/*
 * Copy all entries of a part, each `wanted` bytes long. NULL where they cannot
 * be read; an empty part is no NULL.
 */
struct ctl_source;
char *sampled_part_read(const struct ctl_source *source,
			const struct sampled_part *part);
/*
 * The same of entries that change, which begin with their seq: what had the
 * same even seq in two copies, one after the other, was whole in the first.
 * *unread counts those that never were, and are all zero.
 */
char *sampled_part_read_changing(const struct ctl_source *source,
				 const struct sampled_part *part,
				 size_t *unread);

#endif /* SAMPLED_PART_H */

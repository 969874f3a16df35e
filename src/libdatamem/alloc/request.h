/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the parts of the slow path share. For alloc/ only. */
#ifndef DMEM_REQUEST_H
#define DMEM_REQUEST_H

#include "profile/profile.h"
#include "slow.h"

/* A request as it comes in; product checked. */
struct dmem_request {
	size_t nbytes;
	size_t align;
	unsigned int kind;  /* enum dmem_kind */
	enum dmem_door door;
	bool guarded;       /* if it can be had */
};

/* The size of a block in the accounts. */
DMEM_INLINE size_t dmem_request_size(const struct dmem_request *request)
{
	bool more = request->door == DMEM_DOOR_HANDLER_APART;

	return more && request->nbytes > 1 ? request->nbytes - 1
					   : request->nbytes;
}

/* The kind of block that a door asks for. */
DMEM_INLINE unsigned int dmem_request_kind(enum dmem_door door)
{
	return door == DMEM_DOOR_HANDLER_APART ? DMEM_KIND_APART : 0;
}

/* The owner of a pointer; looked up once a call. */
struct dmem_found {
	const struct datamem_allocator *table;  /* NULL: the default's */
	const struct dmem_block *block;         /* the default's; NULL: none */
	struct dmem_block room;
};
void dmem_slow_find(enum dmem_door door, const void *ptr,
		    struct dmem_found *out);

/* What stands behind the family, and its table; NULL: the default. */
struct dmem_alloc_family;
const struct dmem_alloc_family *dmem_slow_family(void);
const struct datamem_allocator *dmem_slow_table(void);

/* Answer requests from outside, with no lock held. */
void dmem_slow_attend(void);

/* Tell a recording of a block; false: it is in a class too small for that. */
bool dmem_slow_tell(void (*tell)(const void *ptr), const void *ptr);

/* Around a call while a profile is on; true: the block is to be a sample. */
bool dmem_slow_begin_sample(struct dmem_profile_ticket *ticket,
			    struct dmem_request *request, const void *old_ptr);
void dmem_slow_end_sample(struct dmem_profile_ticket *ticket, const void *ptr,
			  const struct datamem_allocator *table,
			  enum dmem_door door, void *const *frame);

#endif /* DMEM_REQUEST_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Memory for the records of caches, a mapping for many of them: fork(2) takes
 * time for each mapping, and the kernel allows 65530. For roster.c; with the
 * list of caches locked where nothing else is said.
 *
 *   [ records | their counts | locks, bounds | slots of bins ]
 *
 * A record is a page, and so are its counts, DMEM_COUNTS_OFFSET behind it. Those
 * of neighbours lie side by side, so that the pages of the control page that
 * lie there make one mapping, too. Locks are together because fork(2) takes all
 * of them: a parent copies each page that one lies on.
 */
#ifndef DMEM_GROUPS_H
#define DMEM_GROUPS_H

#include "threads.h"

/* slots: pointers that the bins of a record have. Once. */
void dmem_groups_init(uint32_t slots);

/* A record that was not used yet, zeroed but for its place; NULL: no memory. */
struct dmem_thread *dmem_groups_take(void);

/* Its memory to the kernel, as far as nobody looks there any more. No lock. */
void dmem_groups_purge(struct dmem_thread *thread);

/* One of the group gets an owner, or is kept for one; or has ended. */
void dmem_groups_enter(struct dmem_group *group);
void dmem_groups_leave(struct dmem_group *group);

/* Whether all that were ever used have ended and others have room: then it is
 * the caller's, who ends it without a lock. */
bool dmem_groups_vacant(struct dmem_group *group);
void dmem_groups_end(struct dmem_group *group);

/* The records that were ever used; NULL behind the last. */
struct dmem_thread *dmem_groups_record(struct dmem_group *group, uint32_t i);

/* The locks of all records. */
void dmem_groups_lock(void);
void dmem_groups_unlock(void);

#endif /* DMEM_GROUPS_H */

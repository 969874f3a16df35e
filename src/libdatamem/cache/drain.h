/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Empties the caches of all threads. For cache/ only. */
#ifndef DMEM_CACHE_DRAIN_H
#define DMEM_CACHE_DRAIN_H

/*
 * Empty all caches that hold blocks, one after the other: an owner waits for its
 * own only, and the list is locked for a few at a time. An owner that comes to
 * its slow path meanwhile, or cannot be kept off, does it there. The caller may
 * hold locks; dmem_slab_settle() is to follow when none is held.
 */
void dmem_drain_all(void);

#endif /* DMEM_CACHE_DRAIN_H */

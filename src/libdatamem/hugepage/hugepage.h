/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Decides whether huge pages are worth asking for, asks, and explains the
 * result. Does not know blocks: it is given ranges of the library's own
 * mappings.
 *
 * The probe runs at first need, perhaps under the arena's lock; again, with
 * growing pauses, while it fails.
 */
#ifndef DMEM_HUGEPAGE_H
#define DMEM_HUGEPAGE_H

#include "base.h"

/* Read the settings and the probe's cheap half; no functional test. */
void dmem_hugepage_init(void);

/*
 * The unit in which the arena maps and advises, a power of two: the huge page
 * where there is one of 512 KiB to 32 MiB that is not too large for the
 * machine, else 2 MiB.
 */
size_t dmem_hugepage_chunk_size(void);

/* No chunk is smaller: slabs that span pages lie within one. */
#define DMEM_CHUNK_MIN (512 * DMEM_KIB)

/*
 * Whether new memory is to be advised: by the setting, and under `auto` by the
 * probe (made on the first call). Under `on` also where the probe is not sure.
 * False where advice can do nothing (mode always or never, denied) so that no
 * call is wasted.
 */
bool dmem_hugepage_wanted(void);

/* Whether they are too large for the memory that there is, and kept off. */
bool dmem_hugepage_little(void);

/* Whether new memory may come in huge pages, advised or (mode always) not. */
bool dmem_hugepage_possible(void);

/*
 * Whether that may have been another answer before, as the setting was changed
 * or the probe found something else: memory of then does not go with new
 * memory.
 */
bool dmem_hugepage_turned(void);

/*
 * Advise a range of own, fresh memory if wanted; the first one may be touched,
 * and is zero all the same, as the probe tries it out. True when the kernel may
 * back it with huge pages from now on: it was advised, or, in mode always,
 * needs no advice (also with the setting `off`, which holds back advice, no
 * more). Where memory is little for them, huge pages are kept off it.
 */
bool dmem_hugepage_advise(void *addr, size_t nbytes);

/* Keep huge pages off a range that is not advised, where they come without. */
void dmem_hugepage_hush(void *addr, size_t nbytes);

/*
 * Fill in a receipt for [ptr, ptr + nbytes) of an own block. `eligible` and
 * `advised` (what dmem_hugepage_advise() said) are the arena's knowledge;
 * backed and reason are found here.
 */
void dmem_hugepage_receipt(const void *ptr, size_t nbytes, size_t eligible,
			   size_t advised, bool lazy,
			   struct datamem_hugepage_receipt *out);

/* Collapse a range of own, advised memory; errors of datamem_promote(). */
int dmem_hugepage_collapse(void *addr, size_t nbytes);

/* Forget the probe, so that unit tests can begin anew. */
void dmem_hugepage_reset(void);

#endif /* DMEM_HUGEPAGE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Mistakes that the handler `debug` finds: what is known of each, and said. */
#ifndef DMEM_DEBUG_FINDING_H
#define DMEM_DEBUG_FINDING_H

#include "base.h"
#include "misuse.h"
#include "reports/reports.h"
#include "debug-roster.h"

#define DMEM_DEBUG_NAME "debug"

/* A mistake, of which is told when no lock is held. */
struct dmem_debug_finding {
	enum dmem_misuse misuse;
	const void *ptr;
	size_t nbytes;
	ptrdiff_t offset;       /* of what was written; PTRDIFF_MAX: unknown */
	int made_by, freed_by;  /* threads */
	struct dmem_stack made_at;  /* of depth 0: not known */
};

/* With the shard locked, or of a block that is the caller's. */
struct dmem_debug_finding
dmem_debug_find(enum dmem_misuse misuse, const struct dmem_debug_block *block);

/* With no lock held. */
void dmem_debug_tell(const struct dmem_debug_finding *finding);

#endif /* DMEM_DEBUG_FINDING_H */

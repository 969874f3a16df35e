/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What is due while the program does nothing, for the service thread: memory is
 * aged, quiet caches are emptied, and all free memory is given back when memory
 * is short. For thread.c.
 */
#ifndef DMEM_CONTROL_UPKEEP_H
#define DMEM_CONTROL_UPKEEP_H

#include "base.h"
#include "kernel/shared.h"

/* Of one thread, from its start on; all zero but quiet_since, the time then. */
struct dmem_upkeep {
	uint64_t last_tick, quiet_since;
	uint64_t large;              /* calls for large blocks */
	unsigned int rounds;         /* of looks at all caches ... */
	unsigned int quiet_round;    /* ... when one had been used */
	bool has_work, emptied;
	struct dmem_pressure pressure;
	uint64_t pressure_at;        /* when it was read; 0: not yet */
};

/* Look around, once a second at most. has_work: there will be more to do. */
void dmem_upkeep_tick(struct dmem_upkeep *upkeep, uint64_t now);

#endif /* DMEM_CONTROL_UPKEEP_H */

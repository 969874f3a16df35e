/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks freed last, kept as they are. All with the arena's lock held. */
#ifndef DMEM_ARENA_SHELF_H
#define DMEM_ARENA_SHELF_H

#include "state.h"

/* Keep the run of a block that nobody finds any more; false: end it. */
bool dmem_shelf_put(uint32_t at);

/* A kept run for a block, with its phase; else DMEM_NO_RUN. */
uint32_t dmem_shelf_take(const struct dmem_shape *shape, size_t nbytes,
			 size_t align);

/* End all of them, so that they join their neighbours; whether there was one. */
bool dmem_shelf_clear(void);

#endif /* DMEM_ARENA_SHELF_H */

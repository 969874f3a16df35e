/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * How much free memory is kept: what the work of the last seconds needed.
 */
#ifndef DMEM_ARENA_CAP_H
#define DMEM_ARENA_CAP_H

#include "base.h"

void dmem_cap_init(uint32_t now);

/* Bytes that may be kept. Lock held. */
size_t dmem_cap(void);

/* What is not needed any more is forgotten, in steps. Lock held, and left in
 * between. */
void dmem_cap_age(uint32_t now, uint32_t age);

#endif /* DMEM_ARENA_CAP_H */

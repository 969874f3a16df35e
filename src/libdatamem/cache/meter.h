/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Countdowns of a thread. For cache/ only. */
#ifndef DMEM_METER_H
#define DMEM_METER_H

#include "threads.h"

/*
 * The owner opens its bins, counting for others (enum dmem_count_mode). A
 * countdown for another profile, or of blocks since another time, sends it to a
 * fresh one. What is not counted never comes to its end.
 */
void dmem_meter_begin(struct dmem_thread *thread, unsigned int counting);

#endif /* DMEM_METER_H */

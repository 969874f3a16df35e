/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts of small blocks, for samples; for cache/ only. */
#ifndef DMEM_COUNTING_H
#define DMEM_COUNTING_H

#include "threads.h"

/* By the owner, with its cache locked, as it opens bins that count. */
void dmem_counting_anew(struct dmem_thread *thread, unsigned int counting);

#endif /* DMEM_COUNTING_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The process-wide count of bytes handed out by arena and slabs, and the limit
 * on it (setting limit.max). Blocks in threads' caches are charged, so that the
 * fast path needs no test: near the limit the caches are emptied before an
 * allocation fails. Also where the peak is taken.
 */
#ifndef DMEM_LIMIT_H
#define DMEM_LIMIT_H

#include "base.h"

/* Charge n units of some bytes, or as many as the limit allows; returns how
 * many. */
size_t dmem_limit_charge(size_t unit, size_t n);

/* Charged bytes are in use now: the peak may be a new one. */
void dmem_limit_served(void);

void dmem_limit_release(size_t nbytes);

/* Take a release back, whatever the limit. */
void dmem_limit_restore(size_t nbytes);

/* Whether a request of nbytes could be refused for the limit now. */
bool dmem_limit_refuses(size_t nbytes);

#endif /* DMEM_LIMIT_H */

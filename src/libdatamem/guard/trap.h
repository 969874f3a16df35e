/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The handler of SIGSEGV and SIGBUS. For guard/ only; one thread at a time.
 * It reports accesses to guarded blocks, then calls the handler that was there
 * before, or has the access made again with the default action.
 */
#ifndef DMEM_TRAP_H
#define DMEM_TRAP_H

#include "base.h"

/* Install it; 0 or -errno. */
int dmem_trap_set(void);

/* Put the former one back, unless the host has installed another since, which
 * may call ours. Then it stays, reports nothing, and passes on. */
void dmem_trap_clear(void);

/* Whether it is still the one that the kernel calls. */
bool dmem_trap_is_first(void);

#endif /* DMEM_TRAP_H */

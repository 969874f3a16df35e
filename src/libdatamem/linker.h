/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The lock of the dynamic linker under which objects are listed beside fork(2).
 * glibc (seen in 2.36) leaves it locked in a child, if another thread of the
 * parent was in dl_iterate_phdr(3): the next call in the child, and dlopen(3),
 * wait for ever. Profiles call it for every sample, so a fork waits until nobody
 * of ours is inside, and nobody enters meanwhile: who comes then does without,
 * as a wait might be for the thread that forks.
 */
#ifndef DMEM_LINKER_H
#define DMEM_LINKER_H

#include "base.h"

/* Before dl_iterate_phdr(3), or the unwinder, which may call it; false: not
 * now. Async-signal-safe. */
bool dmem_linker_enter(void);
void dmem_linker_leave(void);

/* With no lock held. */
void dmem_linker_fork_prepare(void);
void dmem_linker_fork_parent(void);
void dmem_linker_fork_child(void);

#endif /* DMEM_LINKER_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Whether memory is left for huge pages of zeroed blocks, of which a program
 * may write a few bytes each, and for what is faulted in ahead of the program:
 * a cgroup kills, it does not refuse.
 */
#ifndef DMEM_ARENA_ROOM_H
#define DMEM_ARENA_ROOM_H

#include "base.h"

/*
 * Whether nbytes more, and all that blocks have not touched yet, would take at
 * most half of what the limits leave if all of it came in huge pages. Looked at
 * now and then. True also where there are no huge pages. Without the lock.
 */
bool dmem_room_for(size_t nbytes);

/*
 * Whether nbytes may be faulted in now, though the program may not use them: at
 * most half of what the limits leave. Without the lock.
 */
bool dmem_room_affords(size_t nbytes);

#endif /* DMEM_ARENA_ROOM_H */

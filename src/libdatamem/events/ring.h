/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ring (events-page.h). For events/ only. */
#ifndef DMEM_EVENTS_RING_H
#define DMEM_EVENTS_RING_H

#include "base.h"

#include "../../events-page.h"

/* Write an entry, but its seq and time; false: there is no room, which is
 * counted, or no ring. */
bool dmem_ring_put(const struct events_entry *entry);

/* Entries that there is room for; UINT32_MAX: there is no ring. */
uint32_t dmem_ring_room(void);

/* In a child: locks are held, and no other thread is left. */
void dmem_ring_fork_child(void);

#endif /* DMEM_EVENTS_RING_H */

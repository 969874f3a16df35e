/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The registered handlers, how often each is in use, and which one is
 * process-wide. Knows neither threads nor blocks.
 *
 * Handlers are the callers' structs and live for ever; the registry keeps their
 * pointers, and one count of uses for each pointer, registered or not, so that
 * the count is right whatever the order of use, registration and removal.
 *
 * All functions are thread-safe. The lock is taken before that of settings.
 */
#ifndef DMEM_REGISTRY_H
#define DMEM_REGISTRY_H

#include "base.h"
#include "settings/settings.h"

/* Enter the built-in handlers and bind the process-wide one; once, at init. */
void dmem_registry_init(void);

/* Whether a handler passes the checks of registration, but for uniqueness. */
bool dmem_registry_valid(const struct datamem_handler *handler);

/*
 * Count one more use by a buffer, a context or a thread: 0, or -ENOMEM.
 * Built-in handlers are not counted: they are never removed, and a shared
 * counter would cost more than the allocation.
 */
int dmem_registry_use(const struct datamem_handler *handler);
void dmem_registry_unuse(const struct datamem_handler *handler);

/* The handler that threads start with; never NULL after init. */
const struct datamem_handler *dmem_registry_process_wide(void);

/* Bytes mapped for the registry's records. */
size_t dmem_registry_meta_bytes(void);

/* Whether the setting names a handler that is not there (yet), and whether one
 * of the program's was ever entered. */
bool dmem_registry_waits(void);
bool dmem_registry_foreign(void);

void dmem_registry_fork_prepare(void);
void dmem_registry_fork_parent(void);

/* registry-notes.c. Notes of the settings `handler`, and `limit.max` (blocks that
 * it does not cover). They take no lock, as settings may hold its own. */
void dmem_registry_note(enum dmem_setting_id id, bool look, char *out,
			size_t out_size);
void dmem_registry_note_limit(enum dmem_setting_id id, bool look, char *out,
			      size_t out_size);
/* Say that the handler of the setting was never registered, in debug mode. */
void dmem_registry_at_exit(void);

#endif /* DMEM_REGISTRY_H */

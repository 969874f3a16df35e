/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reads settings from the environment, and keeps its mistakes until they can be
 * logged.
 */
#ifndef DMEM_ENVIRONMENT_H
#define DMEM_ENVIRONMENT_H

#include "base.h"

/* Set what the environment sets; see dmem_settings_init(). Not thread-safe. */
void dmem_environment_read(void);
/* See dmem_settings_report(). */
void dmem_environment_report(void);

#endif /* DMEM_ENVIRONMENT_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Messages of the library: a line to the function set with datamem_log_set(),
 * else to standard error. Formats into a buffer on the
 * stack, takes no lock while the function runs, keeps errno. A line longer than
 * DMEM_LOG_MAX is cut and ends in "..."; control characters become '?'.
 */
#ifndef DMEM_LOG_H
#define DMEM_LOG_H

#include "base.h"

/* Bytes of a line, with its NUL. On a stack of 16 KiB it is formatted, too. */
#define DMEM_LOG_MAX 640

void dmem_log(const char *format, ...) DMEM_PRINTF(1, 2);

/* For handlers of signals: to standard error, whatever the host has set. */
void dmem_log_plain(const char *message);

void dmem_log_fork_prepare(void);
void dmem_log_fork_parent(void);
bool dmem_log_idle(unsigned int *patience);

#endif /* DMEM_LOG_H */

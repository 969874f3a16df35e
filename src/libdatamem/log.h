/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one way in which the library speaks: a line to the function set with
 * datamem_log_set(), else to standard error. Formats into a buffer on the
 * stack, takes no lock while the function runs, keeps errno.
 */
#ifndef DMEM_LOG_H
#define DMEM_LOG_H

#include "base.h"

void dmem_log(const char *format, ...) DMEM_PRINTF(1, 2);

#endif /* DMEM_LOG_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Settings of libdatamem for a program that is about to be started. */
#ifndef CTL_ENVIRONMENT_H
#define CTL_ENVIRONMENT_H

/*
 * Check a setting with the library's table and put it into the environment: its
 * own variable, or its item in DATAMEM_CONF, whose other items stay. Warns when
 * the library says that the value cannot act yet.
 *
 * Returns NULL, or what is wrong, for the caller to free.
 */
char *ctl_environment_set(const char *name, const char *value);

#endif /* CTL_ENVIRONMENT_H */

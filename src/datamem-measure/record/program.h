/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Whether a program can be observed, before it is run. */
#ifndef RECORD_PROGRAM_H
#define RECORD_PROGRAM_H

/*
 * Why a library that is preloaded sees nothing of the program's memory, as a
 * sentence for the caller to free; NULL: it may, or the program is not found.
 */
char *record_program_obstacle(const char *program);

#endif /* RECORD_PROGRAM_H */

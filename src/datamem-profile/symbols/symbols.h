/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Names of native code: functions, files and lines of addresses. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "sampled/sampled.h"

/*
 * Give the native places of a profile their lines. What is found stays until
 * symbols_free(), which comes after sampled_free() of every profile.
 */
void symbols_resolve(struct sampled *profile);
void symbols_free(void);
/* What keeps names from being known, as a text; NULL: nothing. */
const char *symbols_missing(void);

#endif /* SYMBOLS_H */

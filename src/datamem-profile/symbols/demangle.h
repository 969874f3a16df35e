/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Names of C++ functions. */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

/* As in the source; the same where it is no such name, or where there is no C++
 * library to ask. The caller frees it. */
char *demangle(const char *symbol);

#endif /* SYMBOLS_DEMANGLE_H */

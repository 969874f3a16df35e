/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Sanitizers: all of guest.h for them. */
#ifndef DMEM_SANITIZER_H
#define DMEM_SANITIZER_H

#include "base.h"

/* Its name; NULL: the process has none that watches memory. */
const char *dmem_sanitizer_find(void);

/* ThreadSanitizer; also beside another. */
bool dmem_sanitizer_is_of_threads(void);

void dmem_sanitizer_on_free(void (*gone)(const void *ptr));
bool dmem_sanitizer_alive(const void *ptr);
void dmem_sanitizer_complain(const void *ptr);
void dmem_sanitizer_complain_dead(void *ptr);
void dmem_sanitizer_forbid(const void *ptr, size_t nbytes);
/* defined: with contents that may be read. */
void dmem_sanitizer_permit(const void *ptr, size_t nbytes, bool defined);

#endif /* DMEM_SANITIZER_H */

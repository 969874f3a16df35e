/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* valgrind's tools: all of guest.h for them. */
#ifndef DMEM_VALGRIND_H
#define DMEM_VALGRIND_H

#include "base.h"

/*
 * The tool's name, as in "valgrind memcheck"; NULL: not under valgrind, or the
 * library was built without its headers. *watches: it replaces malloc.
 */
const char *dmem_valgrind_find(bool *watches);

bool dmem_valgrind_alive(const void *ptr);
void dmem_valgrind_complain(const void *ptr);
bool dmem_valgrind_complain_lost(const void *ptr);
void dmem_valgrind_forbid(const void *ptr, size_t nbytes);
void dmem_valgrind_permit(const void *ptr, size_t nbytes);
/* Contents may be read. */
void dmem_valgrind_open(const void *ptr, size_t nbytes);
void dmem_valgrind_made(const void *ptr, size_t nbytes, bool zeroed);
void dmem_valgrind_gone(const void *ptr);
void dmem_valgrind_resized(const void *ptr, size_t old_nbytes, size_t nbytes);
/* After dmem_valgrind_gone() at the old place. */
void dmem_valgrind_moved(size_t old_nbytes, const void *ptr, size_t nbytes);

#endif /* DMEM_VALGRIND_H */

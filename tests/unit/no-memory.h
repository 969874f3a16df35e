/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A switch that makes dmem_kernel_map() fail; for one source file of a program
 * that links with -Wl,--wrap=dmem_kernel_map.
 */
#ifndef TESTS_NO_MEMORY_H
#define TESTS_NO_MEMORY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/kernel.h"

/* The service thread maps as well. */
static _Atomic bool no_memory;

void *__real_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes)
{
	if (!no_memory)
		return __real_dmem_kernel_map(nbytes);
	errno = ENOMEM;
	return NULL;
}

#endif /* TESTS_NO_MEMORY_H */

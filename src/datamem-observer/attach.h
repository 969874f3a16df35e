/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What the library calls when it is loaded into a program that is recorded, by
 * a weak reference: its blocks are not malloc(3)'s.
 */
#ifndef OBSERVER_ATTACH_H
#define OBSERVER_ATTACH_H

#include <stddef.h>

/* datamem_trace_hook */
typedef void (*datamem_observer_hook)(void *arg, int event, unsigned int domain,
				      const void *old_ptr, const void *new_ptr,
				      size_t nbytes);

void datamem_observer_attach(int (*set_hook)(datamem_observer_hook hook,
					     void *arg),
			     int (*start)(void));

#endif /* OBSERVER_ATTACH_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* malloc(3) and its family, forwarded to the next in order. */
#ifndef OBSERVER_FAMILY_H
#define OBSERVER_FAMILY_H

/* Find the next allocator. To be called once before threads are started. */
void observer_family_resolve(void);

/* The file that brings it, "" if unknown. */
const char *observer_family_library(void);

#endif /* OBSERVER_FAMILY_H */

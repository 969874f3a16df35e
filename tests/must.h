/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* For test programs without Check: what has to succeed. */
#ifndef MUST_H
#define MUST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void must(bool well, const char *what)
{
	if (!well) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

#endif /* MUST_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A profile as text, and as its own copy. For profile/ only; no lock. */
#ifndef DMEM_PROFILE_WRITE_H
#define DMEM_PROFILE_WRITE_H

#include "base.h"

#include "../../profile-page.h"

bool dmem_write_knows(int format);

/* Write a copy (tables.h) to a file; 0 or -errno. */
int dmem_write(int fd, int format, struct profile_header *profile,
	       size_t nbytes);

#endif /* DMEM_PROFILE_WRITE_H */

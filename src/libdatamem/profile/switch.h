/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The tables of the profile as a whole. For profile/ only. */
#ifndef DMEM_PROFILE_SWITCH_H
#define DMEM_PROFILE_SWITCH_H

#include "profile.h"

#include "../../profile-page.h"

/* Make them, if there are none, and sample with this interval: 0 or -errno. */
int dmem_profile_open(uint64_t interval);
/* End them. */
void dmem_profile_close(void);

/* Why there are none: -errno, or 0. */
int dmem_profile_error(void);

/* Bytes mapped for them. */
size_t dmem_profile_mapped(void);

/* As dmem_tables_copy(): 0, or -ENODATA, -ENOMEM. */
int dmem_profile_copy(struct profile_header **out, size_t *nbytes);

/* Their lock, for fork(2); with it, in the child: leave those of the parent. */
void dmem_profile_lock(void);
void dmem_profile_unlock(void);
void dmem_profile_leave(void);

#endif /* DMEM_PROFILE_SWITCH_H */

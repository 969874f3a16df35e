/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The executable segments that native frames lie in. For profile/ only. */
#ifndef DMEM_PROFILE_MAPPINGS_H
#define DMEM_PROFILE_MAPPINGS_H

#include "tables.h"

/* A segment, as the dynamic linker has it. */
struct dmem_segment {
	uintptr_t start, end, bias;
	uint64_t offset;
	uint32_t build_id_bytes;  /* 0: none */
	uint8_t build_id[20];
	char path[256];
};

/* With no lock held: the linker has one. False: the address is in none, or a
 * fork is under way. */
bool dmem_mappings_look(uintptr_t address, struct dmem_segment *out);

/* Whether the table has a segment that holds an address. Any lock, or none: what
 * it misses is looked up again. */
bool dmem_mappings_known(uintptr_t address);

/* Note a segment, if it is not there yet; with the lock of the profile held. */
void dmem_mappings_note(const struct dmem_segment *segment);

/* The table is empty. */
void dmem_mappings_forget(void);

/* Objects that the linker has unloaded so far: after another number a segment
 * may be another's. With no lock held. While a fork is under way: before. */
uint64_t dmem_mappings_unloads(uint64_t before);

#endif /* DMEM_PROFILE_MAPPINGS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The row of `datamem-ctl probe`: what the kernel said, and what follows. The
 * door of this folder.
 */
#ifndef CTL_PROBE_H
#define CTL_PROBE_H

#include <datamem.h>

#include "output/output.h"

enum {
	PROBE_KERNEL,
	PROBE_PAGE_SIZE,
	PROBE_HUGEPAGE_SIZE,
	PROBE_ENABLED,
	PROBE_SIZE_ENABLED,
	PROBE_SIZES,
	PROBE_DEFRAG,
	PROBE_KHUGEPAGED_DEFRAG,
	PROBE_MAX_PTES_NONE,
	PROBE_PRCTL,
	PROBE_RAM,
	PROBE_CGROUP_LIMIT,
	PROBE_FEATURES,
	PROBE_TEST,
	PROBE_ADVICE,
	PROBE_STATE,
	PROBE_VERDICT,
	PROBE_REASON,
	PROBE_FIX,
	PROBE_COLUMNS
};

extern const struct ctl_column ctl_probe_columns[PROBE_COLUMNS];

/* enum datamem_hugepage_mode as the kernel writes it; NULL: unknown. */
const char *ctl_probe_mode_name(int mode);

/*
 * To be called first by a command that looks at a recorded machine: has it
 * start once more with DATAMEM_SYSROOT set. The library may look at the machine
 * as soon as it is loaded, so the variable has to be there before. argv[0] is
 * the name of the command. Errors end the tool.
 */
void ctl_probe_start_below(const char *sysroot, const char *command,
			   char **argv);

/* Set the cells up to PROBE_ADVICE: what was found. */
void ctl_probe_facts(struct ctl_output *out,
		     const struct datamem_hugepage_probe *probe);

/*
 * Set the cells from PROBE_STATE on: the outcome, why, and the command that
 * would change it. Returns the exit status.
 */
int ctl_probe_verdict(struct ctl_output *out,
		      const struct datamem_hugepage_probe *probe);

#endif /* CTL_PROBE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Programs of the tool's own, below libexec. */
#ifndef CTL_LOCATE_H
#define CTL_LOCATE_H

/*
 * The path of "datamem-COMMAND" as it is found from here: in the build
 * directory, where all was moved to, or where it was installed; it need not
 * exist. The caller frees it.
 */
char *ctl_locate(const char *command);

#endif /* CTL_LOCATE_H */

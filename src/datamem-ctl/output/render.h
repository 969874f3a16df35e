/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How output.c keeps cells for render.c, which prints them. */
#ifndef CTL_RENDER_H
#define CTL_RENDER_H

/* Between the strings of a list in its cell. */
#define CTL_LIST_SEPARATOR "\n"

/* A word of ctl_output_absent(): kept apart from values by its first byte. */
#define CTL_ABSENT_MARK '\001'

#endif /* CTL_RENDER_H */

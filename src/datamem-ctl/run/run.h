/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Programs run with other settings: what they find in their environment, how
 * they are started, what they leave behind. The door of this folder.
 */
#ifndef CTL_RUN_H
#define CTL_RUN_H

#include "environment.h"
#include "exit-stats.h"
#include "launch.h"

#endif /* CTL_RUN_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Recordings of allocations: read, checked, run against an allocator, reported.
 * The door of this folder.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "job.h"
#include "report.h"
#include "run.h"
#include "recording.h"

#endif /* REPLAY_H */

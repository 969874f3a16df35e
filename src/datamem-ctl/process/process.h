/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Running processes: which ones a command is for, what they show, what they are
 * asked for. The door of this folder.
 */
#ifndef CTL_PROCESS_H
#define CTL_PROCESS_H

#include "alert.h"
#include "ask.h"
#include "beat.h"
#include "files.h"
#include "history.h"
#include "inspect.h"
#include "request.h"
#include "sealed.h"
#include "statistics.h"
#include "summary.h"
#include "targets.h"

#endif /* CTL_PROCESS_H */

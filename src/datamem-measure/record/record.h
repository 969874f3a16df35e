/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Programs that are run under the observer, and processes that run. The door of
 * this folder. */
#ifndef RECORD_H
#define RECORD_H

#include "attach.h"
#include "observe.h"
#include "program.h"

#endif /* RECORD_H */

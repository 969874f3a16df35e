/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What other allocators would bring a recorded program. The door. */
#ifndef ADVISE_H
#define ADVISE_H

#include "model.h"
#include "report.h"
#include "variants.h"

#endif /* ADVISE_H */

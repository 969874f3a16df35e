/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The five lines of advise, or its table. */
#ifndef ADVISE_REPORT_H
#define ADVISE_REPORT_H

#include "output/output.h"
#include "replay/replay.h"
#include "variants.h"

void advise_report_init(struct ctl_output *out);

/* A row for each variant. */
void advise_report_table(struct ctl_output *out,
			 const struct advise_variants *variants);

/* Five lines on standard output. */
void advise_report_lines(const struct recording *recording,
			 const struct advise_variants *variants);

#endif /* ADVISE_REPORT_H */

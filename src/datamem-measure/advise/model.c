/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The arithmetic of advise. */
#include "model.h"

double advise_share(const struct advise_program *program,
		    const struct advise_cost *present)
{
	if (program->faults <= 0 || present->faults <= program->faults)
		return 1;
	return program->faults / present->faults;
}

static double predict(double program, double share, double present,
		      double variant)
{
	double value;

	if (program <= 0)
		program = present;
	value = program + share * (variant - present);
	/* What the replay itself needs, the program needs, too. */
	return value > share * variant ? value : share * variant;
}

struct advise_cost advise_predict(const struct advise_program *program,
				  const struct advise_cost *present,
				  const struct advise_cost *variant)
{
	double share = advise_share(program, present);

	return (struct advise_cost){
		.cpu_ns = predict(program->cpu_ns, share, present->cpu_ns,
				  variant->cpu_ns),
		.faults = predict(program->faults, share, present->faults,
				  variant->faults),
		.peak = predict(program->peak, share, present->peak,
				variant->peak),
	};
}

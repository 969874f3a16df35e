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

double advise_kernel(const struct advise_program *program,
		     const struct advise_cost *present)
{
	double share = advise_share(program, present), part, kernel;

	if (program->system_ns <= 0 || program->faults <= 0 ||
	    present->system_ns <= 0)
		return share;
	part = present->faults / program->faults;
	kernel = program->system_ns * (part < 1 ? part : 1) /
		 present->system_ns;
	if (kernel < share)
		return share;
	return kernel < ADVISE_KERNEL_MAX ? kernel : ADVISE_KERNEL_MAX;
}

/*
 * What the replay itself needs, the program needs, too; unless the recorded one
 * did with less.
 */
static double add(double base, double difference, double least)
{
	double value = base + difference;

	if (least > base)
		least = base;
	return value > least ? value : least;
}

static double user_of(const struct advise_cost *cost)
{
	return cost->cpu_ns - cost->system_ns;
}

static double cpu_with(double kernel, const struct advise_program *program,
		       const struct advise_cost *present,
		       const struct advise_cost *variant)
{
	double share = advise_share(program, present);
	double user = share * (user_of(variant) - user_of(present));
	double in_kernel = kernel * (variant->system_ns - present->system_ns);

	return add(program->cpu_ns > 0 ? program->cpu_ns : present->cpu_ns,
		   user + in_kernel,
		   share * user_of(variant) + kernel * variant->system_ns);
}

struct advise_range advise_range(const struct advise_program *program,
				 const struct advise_cost *present,
				 const struct advise_cost *variant)
{
	double share = advise_share(program, present);
	double one = cpu_with(share, program, present, variant);
	double other = cpu_with(ADVISE_KERNEL_MAX, program, present, variant);

	return (struct advise_range){
		.least_ns = one < other ? one : other,
		.most_ns = one < other ? other : one,
	};
}

struct advise_cost advise_predict(const struct advise_program *program,
				  const struct advise_cost *present,
				  const struct advise_cost *variant)
{
	double share = advise_share(program, present);

	return (struct advise_cost){
		.cpu_ns = cpu_with(advise_kernel(program, present), program,
				   present, variant),
		.faults = add(program->faults > 0 ? program->faults :
						    present->faults,
			      share * (variant->faults - present->faults),
			      share * variant->faults),
		.peak = add(program->peak > 0 ? program->peak : present->peak,
			    share * (variant->peak - present->peak),
			    share * variant->peak),
	};
}

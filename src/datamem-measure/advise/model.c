/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The arithmetic of advise. */
#include "model.h"

#include <stddef.h>

double advise_share(const struct advise_program *program,
		    const struct advise_cost *present)
{
	if (program->faults <= 0 || present->faults <= program->faults)
		return 1;
	return program->faults / present->faults;
}

/* All of the system time that the program's faults can have cost, in the
 * replay's. */
static double price(const struct advise_program *program,
		    const struct advise_cost *present)
{
	double share = advise_share(program, present), part, price;

	if (program->system_ns <= 0 || program->faults <= 0 ||
	    present->system_ns <= 0)
		return share;
	part = present->faults / program->faults;
	price = program->system_ns * (part < 1 ? part : 1) /
		present->system_ns;
	return price > share ? price : share;
}

double advise_kernel(const struct advise_program *program,
		     const struct advise_cost *present)
{
	double kernel = price(program, present);

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

/* With a price of page faults, and what the variant needed of them. */
static double cpu_with(double kernel, double system_ns,
		       const struct advise_program *program,
		       const struct advise_cost *present,
		       const struct advise_cost *variant)
{
	double share = advise_share(program, present);
	double user = share * (user_of(variant) - user_of(present));
	double in_kernel = kernel * (system_ns - present->system_ns);

	return add(program->cpu_ns > 0 ? program->cpu_ns : present->cpu_ns,
		   user + in_kernel,
		   share * user_of(variant) + kernel * system_ns);
}

struct advise_range advise_range(const struct advise_program *program,
				 const struct advise_cost *present,
				 const struct advise_cost *variant)
{
	const double kernels[] = { price(program, present),
				   advise_kernel(program, present),
				   advise_share(program, present) };
	const double systems[] = { variant->system_least_ns, variant->system_ns,
				   variant->system_most_ns };
	struct advise_range range = { 0, 0 };

	for (size_t i = 0; i < 9; i++) {
		double cpu = cpu_with(kernels[i / 3], systems[i % 3], program,
				      present, variant);

		if (!i || cpu < range.least_ns)
			range.least_ns = cpu;
		if (cpu > range.most_ns)
			range.most_ns = cpu;
	}
	return range;
}

struct advise_cost advise_predict(const struct advise_program *program,
				  const struct advise_cost *present,
				  const struct advise_cost *variant)
{
	double share = advise_share(program, present);

	return (struct advise_cost){
		.cpu_ns = cpu_with(advise_kernel(program, present),
				   variant->system_ns, program, present,
				   variant),
		.faults = add(program->faults > 0 ? program->faults :
						    present->faults,
			      share * (variant->faults - present->faults),
			      share * variant->faults),
		.peak = add(program->peak > 0 ? program->peak : present->peak,
			    share * (variant->peak - present->peak),
			    share * variant->peak),
	};
}

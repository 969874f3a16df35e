/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Variants of a recording, and their rounds. */
#include "tool.h"
#include "variants.h"

#include <unistd.h>

/* Parts of the processor time that are noise: a setting has to be worth it. */
#define WORTH_A_SETTING 0.03

#define HUGETLB "glibc.malloc.hugetlb=1"
#define KEEP                                                                 \
	"glibc.malloc.mmap_max=0:"                                           \
	"glibc.malloc.trim_threshold=9223372036854775807"

static const struct {
	const char *label;
	const char *name, *value;
} settings[] = {
	{ "hugepage=off", "DATAMEM_HUGEPAGE", "off" },
	{ "retain.max=0", "DATAMEM_CONF", "retain.max=0" },
	{ "zero.policy=eager", "DATAMEM_CONF", "zero.policy=eager" },
	{ "cache.max=64M", "DATAMEM_CONF", "cache.max=64M" },
};

static struct advise_variant *add(struct advise_variants *variants,
				  enum advise_kind kind, const char *label,
				  const char *base)
{
	struct advise_variant *v = &variants->items[variants->n++];

	*v = (struct advise_variant){ .kind = kind, .label = label };
	v->allocator = allocator_by_name(base, NULL);
	v->allocator.base = base;
	v->allocator.name = label;
	return v;
}

/* Freed with the variants. */
static void *own(struct advise_variants *variants, void *what)
{
	return variants->owned[variants->nowned++] = what;
}

void advise_variants_free(struct advise_variants *variants)
{
	while (variants->nowned)
		free(variants->owned[--variants->nowned]);
}

/* The user's own items of DATAMEM_CONF stay. */
static char *assignment(const char *name, const char *value)
{
	const char *before = getenv(name);

	if (strcmp(name, "DATAMEM_CONF") || !before || !*before)
		return ctl_printf("%s=%s", name, value);
	return ctl_printf("%s=%s,%s", name, before, value);
}

static void add_settings(struct advise_variants *variants)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(settings); i++) {
		const char **environment =
			own(variants, ctl_alloc(2, sizeof(*environment)));
		struct advise_variant *v = add(variants, ADVISE_SETTING,
					       settings[i].label, "datamem");

		environment[0] = own(variants, assignment(settings[i].name,
							  settings[i].value));
		v->allocator.environment = environment;
	}
}

/* What the program has set for itself comes before what is tried. */
static const char *tunables_with(struct advise_variants *variants,
				 const char *before, const char *more)
{
	return before && *before ?
		       own(variants, ctl_printf("%s:%s", before, more)) : more;
}

static void add_free(struct advise_variants *variants, const char *base,
		     const char *before)
{
	static const char *const tunables[] = { HUGETLB, KEEP,
						HUGETLB ":" KEEP };

	for (size_t i = 0; i < CTL_ARRAY_SIZE(tunables); i++) {
		struct advise_variant *v = add(
			variants, ADVISE_FREE,
			own(variants, ctl_printf("GLIBC_TUNABLES=%s",
						 tunables[i])), base);

		v->allocator.tunables = tunables_with(variants, before,
						      tunables[i]);
	}
}

void advise_variants_make(const struct recording_facts *facts,
			  const char *with, bool trusted,
			  struct advise_variants *out)
{
	/* NumPy's way is the C library's, and its advice. */
	const char *base = facts->hugepage_advice ? "numpy" : "glibc";
	const char *before = trusted ? facts->tunables : "";
	struct advise_variant *present;

	out->n = out->nowned = 0;
	if (facts->libdatamem) {
		add(out, ADVISE_PRESENT, "libdatamem", "datamem");
		add(out, ADVISE_FREE, "the C library", base);
		add_settings(out);
		return;
	}
	if (with) {
		struct allocator_list list = { .n = 0 };

		allocator_list_library(&list, with);
		present = add(out, ADVISE_PRESENT, list.items[0].name, "glibc");
		present->allocator = list.items[0];
	} else {
		present = add(out, ADVISE_PRESENT,
			      facts->hugepage_advice ?
			      "the C library, and huge pages that the program "
			      "advises" : "the C library", base);
		if (*before)
			present->allocator.tunables = before;
		add_free(out, base, before);
	}
	add(out, ADVISE_LIBRARY, "libdatamem", "datamem");
	add_settings(out);
}

/* --- Rounds --------------------------------------------------------------- */

struct samples {
	double *cpus, *systems, *faults, *peaks;
};

static void take(struct samples *s, unsigned int round,
		 const struct replay_result *result)
{
	s->cpus[round] = (double)result->cpu_ns;
	s->systems[round] = (double)result->system_ns;
	s->faults[round] = (double)result->minor_faults;
	s->peaks[round] = (double)result->peak_rss;
}

static void run(const struct advise_variants *variants, size_t which, int job,
		size_t prime, struct samples *s, unsigned int round)
{
	struct replay_result result;

	if (replay_job_run(job, &variants->items[which].allocator, false, prime,
			   &result))
		ctl_die("%s: the replay failed", variants->items[which].label);
	take(s, round, &result);
}

static struct advise_cost cost_of(const struct samples *s, unsigned int rounds)
{
	struct measure_summary system = measure_summarize(s->systems, rounds);

	return (struct advise_cost){
		.cpu_ns = measure_summarize(s->cpus, rounds).median,
		.system_ns = system.median,
		.system_least_ns = system.min,
		.system_most_ns = system.max,
		.faults = measure_summarize(s->faults, rounds).median,
		.peak = measure_summarize(s->peaks, rounds).median,
	};
}

static void samples_make(struct samples *s, unsigned int rounds)
{
	s->cpus = ctl_alloc(rounds, sizeof(double));
	s->systems = ctl_alloc(rounds, sizeof(double));
	s->faults = ctl_alloc(rounds, sizeof(double));
	s->peaks = ctl_alloc(rounds, sizeof(double));
}

static void samples_free(struct samples *s)
{
	free(s->cpus);
	free(s->systems);
	free(s->faults);
	free(s->peaks);
}

static void predict(struct advise_variants *variants,
		    const struct recording_facts *facts)
{
	const struct advise_program program = {
		.cpu_ns = (double)facts->cpu_ns,
		.system_ns = (double)facts->system_ns,
		.faults = (double)facts->faults,
		.peak = (double)facts->peak_rss,
	};
	const struct advise_cost *present = &variants->items[0].cost;

	for (size_t i = 0; i < variants->n; i++) {
		struct advise_variant *v = &variants->items[i];

		v->predicted = advise_predict(&program, present, &v->cost);
		/* What was recorded has been paid. */
		v->range = i ? advise_range(&program, present, &v->cost) :
			       (struct advise_range){ v->predicted.cpu_ns,
						      v->predicted.cpu_ns };
	}
	variants->allocation_ns =
		advise_share(&program, present) *
			(present->cpu_ns - present->system_ns) +
		advise_kernel(&program, present) * present->system_ns;
}

void advise_variants_measure(struct advise_variants *variants,
			     const struct recording *recording,
			     unsigned int rounds)
{
	const struct replay_options page = { .touch = REPLAY_TOUCH_PAGE };
	size_t prime = measure_prime_size(recording->peak_bytes);
	struct samples samples[ADVISE_VARIANTS];
	size_t n = variants->n;
	int job = replay_job_make(recording, &page);

	for (size_t i = 0; i < n; i++)
		samples_make(&samples[i], rounds);
	for (unsigned int round = 0; round < rounds; round++) {
		measure_progress("advise", round, rounds);
		for (size_t i = 0; i < n; i++) {
			size_t which = (i + round) % n;

			run(variants, which, job, prime, &samples[which],
			    round);
		}
	}
	for (size_t i = 0; i < n; i++) {
		variants->items[i].cost = cost_of(&samples[i], rounds);
		samples_free(&samples[i]);
	}
	close(job);
	measure_progress("advise", rounds, rounds);
	predict(variants, &recording->facts);
}

const struct advise_variant *
advise_variants_best(const struct advise_variants *variants,
		     enum advise_kind kind, enum advise_kind other)
{
	const struct advise_variant *best = NULL;

	for (size_t i = 0; i < variants->n; i++) {
		const struct advise_variant *v = &variants->items[i];

		if (v->kind != kind && v->kind != other)
			continue;
		/* The first is the simplest. */
		if (!best || v->predicted.cpu_ns <
				     best->predicted.cpu_ns *
					     (1 - WORTH_A_SETTING))
			best = v;
	}
	return best;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Medians of benchmarks, and their columns. */
#include "tool.h"
#include "report.h"

#include "measure/measure.h"

#define BASELINE "glibc"

enum {
	COL_BENCH, COL_ALLOCATOR, COL_NS, COL_MIN, COL_MAX, COL_RATIO,
	COL_BEST, COL_REFERENCE, COL_END, COL_PEAK, COL_HAD, COL_FAULTS,
	COL_BACKED, COL_LIVE, COL_OVER, COL_HUGE, COL_HUGE_LARGE, COL_WORST,
	COL_WORST_SIZE, COL_LONGEST,
	COL_OPERATION,
};

static const struct ctl_column columns[] = {
	[COL_BENCH] = { "BENCH", CTL_STRING, CTL_SHOWN,
		"name of the benchmark" },
	[COL_ALLOCATOR] = { "ALLOCATOR", CTL_STRING, CTL_SHOWN,
		"name of the allocator" },
	[COL_NS] = { "NS", CTL_REAL, CTL_SHOWN,
		"nanoseconds an operation, median of the rounds" },
	[COL_MIN] = { "MIN", CTL_REAL, CTL_SHOWN, "the fastest round" },
	[COL_MAX] = { "MAX", CTL_REAL, CTL_SHOWN, "the slowest round" },
	[COL_RATIO] = { "RATIO", CTL_REAL, CTL_SHOWN,
		"time of " BASELINE " / this time" },
	[COL_BEST] = { "BEST", CTL_REAL, CTL_SHOWN,
		"time of the fastest other / this time" },
	[COL_REFERENCE] = { "REFERENCE", CTL_REAL, CTL_SHOWN,
		"time on warm memory (growth: with copies) / this time" },
	[COL_END] = { "END", CTL_SIZE, CTL_SHOWN,
		"resident when all is freed" },
	[COL_PEAK] = { "PEAK", CTL_SIZE, 0, "most memory resident" },
	[COL_HAD] = { "HAD", CTL_SIZE, 0,
		"bytes of blocks before one was refused (scale-limit-*)" },
	[COL_FAULTS] = { "FAULTS", CTL_REAL, 0, "page faults an operation" },
	[COL_BACKED] = { "BACKED", CTL_RATIO, 0,
		"huge pages of a block, of those possible (libdatamem)" },
	[COL_LIVE] = { "LIVE", CTL_SIZE, 0,
		"bytes of the blocks that live at the end (memory-*)" },
	[COL_OVER] = { "OVER", CTL_REAL, 0,
		"resident, by these bytes (memory-*)" },
	[COL_HUGE] = { "HUGE", CTL_RATIO, 0,
		"of these bytes, in huge pages (memory-*; Linux 6.7)" },
	[COL_HUGE_LARGE] = { "HUGE2M", CTL_RATIO, 0,
		"the same of blocks of 2 MiB and more" },
	[COL_WORST] = { "WORST", CTL_REAL, 0,
		"OVER of the size that takes most (memory-sizes*)" },
	[COL_WORST_SIZE] = { "WORSTSIZE", CTL_SIZE, 0, "that size" },
	[COL_LONGEST] = { "LONGEST", CTL_REAL, 0,
		"nanoseconds of processor time of one call (scale-holes)" },
	[COL_OPERATION] = { "OPERATION", CTL_STRING, 0,
		"what an operation is" },
};

struct bench_samples *bench_samples_make(size_t n, size_t rounds)
{
	struct bench_samples *samples = ctl_alloc(n, sizeof(*samples));

	for (size_t i = 0; i < n; i++) {
		double **arrays[] = { &samples[i].ns, &samples[i].references,
				      &samples[i].faults, &samples[i].peaks,
				      &samples[i].ends };

		for (size_t k = 0; k < CTL_ARRAY_SIZE(arrays); k++)
			*arrays[k] = ctl_alloc(rounds, sizeof(double));
	}
	return samples;
}

void bench_samples_take(struct bench_samples *s,
			const struct bench_result *result)
{
	s->ns[s->n] = result->ns;
	s->references[s->n] = result->reference_ns;
	s->faults[s->n] = result->faults;
	s->peaks[s->n] = (double)result->peak_rss;
	s->ends[s->n] = (double)result->end_rss;
	s->last = *result;
	s->n++;
}

void bench_samples_free(struct bench_samples *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(samples[i].ns);
		free(samples[i].references);
		free(samples[i].faults);
		free(samples[i].peaks);
		free(samples[i].ends);
	}
	free(samples);
}

static double median(double *samples, size_t n)
{
	return measure_summarize(samples, n).median;
}

static void summarize(struct bench_samples *s, struct bench_figures *out)
{
	struct measure_summary ns;

	*out = (struct bench_figures){ 0 };
	if (s->broken || !s->n)
		return;
	ns = measure_summarize(s->ns, s->n);
	out->ns = ns.median;
	out->min = ns.min;
	out->max = ns.max;
	out->reference = median(s->references, s->n);
	out->faults = median(s->faults, s->n);
	out->peak = median(s->peaks, s->n);
	out->end = median(s->ends, s->n);
}

void bench_report_figures(const struct allocator_list *allocators,
			  struct bench_samples *samples,
			  struct bench_figures *figures)
{
	size_t n = allocators->n;
	size_t base = allocator_list_find(allocators, BASELINE);

	for (size_t i = 0; i < n; i++)
		summarize(&samples[i], &figures[i]);
	for (size_t i = 0; i < n; i++) {
		double best = 0;

		if (!(figures[i].ns > 0))
			continue;
		if (base < n)
			figures[i].ratio = figures[base].ns / figures[i].ns;
		for (size_t k = 0; k < n; k++) {
			if (k != i && figures[k].ns > 0 &&
			    (!(best > 0) || figures[k].ns < best))
				best = figures[k].ns;
		}
		figures[i].best = best / figures[i].ns;
	}
}

/* Three or four digits are more than the spread is worth. */
static void add_ns(struct ctl_output *out, size_t column, double ns)
{
	ctl_output_real(out, column, ns, ns < 100 ? 2 : 0);
}

static void add_positive(struct ctl_output *out, size_t column, double value)
{
	if (value > 0)
		ctl_output_real(out, column, value, 2);
}

static void add_size(struct ctl_output *out, size_t column, double value)
{
	if (value < (double)MEASURE_UNKNOWN)
		ctl_output_size(out, column, (uint64_t)value);
}

void bench_report_init(struct ctl_output *out)
{
	ctl_output_init(out, "bench", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
}

static void add_memory(struct ctl_output *out, const struct bench_memory *m,
		       double end)
{
	double resident = m->resident ? (double)m->resident : end;

	if (!m->live)
		return;
	ctl_output_size(out, COL_LIVE, m->live);
	if (resident < (double)MEASURE_UNKNOWN)
		ctl_output_real(out, COL_OVER, resident / (double)m->live, 3);
	if (m->huge != MEASURE_UNKNOWN) {
		ctl_output_ratio(out, COL_HUGE, (double)m->huge,
				 (double)m->live);
		ctl_output_ratio(out, COL_HUGE_LARGE, (double)m->large_huge,
				 (double)m->large);
	}
	if (m->worst_size) {
		ctl_output_real(out, COL_WORST, m->worst, 3);
		ctl_output_size(out, COL_WORST_SIZE, m->worst_size);
	}
}

void bench_report_add(struct ctl_output *out, const struct bench_row *row,
		      const struct allocator_list *allocators,
		      const struct bench_samples *samples,
		      const struct bench_figures *figures)
{
	for (size_t i = 0; i < allocators->n; i++) {
		const struct bench_figures *f = &figures[i];
		const struct bench_result *last = &samples[i].last;

		ctl_output_row(out);
		ctl_output_string(out, COL_BENCH, row->name);
		ctl_output_string(out, COL_ALLOCATOR,
				  allocators->items[i].name);
		ctl_output_string(out, COL_OPERATION, row->what);
		if (!(f->ns > 0)) {
			ctl_output_absent(out, COL_NS, "failed");
			continue;
		}
		add_ns(out, COL_NS, f->ns);
		add_ns(out, COL_MIN, f->min);
		add_ns(out, COL_MAX, f->max);
		add_positive(out, COL_RATIO, f->ratio);
		add_positive(out, COL_BEST, f->best);
		add_positive(out, COL_REFERENCE, f->reference / f->ns);
		add_size(out, COL_END, f->end);
		add_size(out, COL_PEAK, f->peak);
		if (last->had)
			ctl_output_size(out, COL_HAD, last->had);
		ctl_output_real(out, COL_FAULTS, f->faults, 2);
		ctl_output_ratio(out, COL_BACKED, (double)last->backed,
				 (double)last->eligible);
		add_memory(out, &last->memory, f->end);
		if (last->longest_ns > 0)
			ctl_output_real(out, COL_LONGEST, last->longest_ns, 0);
	}
}

void bench_report_init_saved(struct ctl_output *out)
{
	bench_report_init(out);
	out->json = true;
	for (size_t i = 0; i < CTL_ARRAY_SIZE(columns); i++)
		out->selected[i] = i;
	out->nselected = CTL_ARRAY_SIZE(columns);
}

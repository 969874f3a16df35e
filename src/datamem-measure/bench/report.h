/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The results of the benchmarks, as rows of the output or a plot. */
#ifndef CTL_BENCH_REPORT_H
#define CTL_BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/measure.h"
#include "bench.h"
#include "output/output.h"

/* Of one allocator in one benchmark. */
struct bench_samples {
	double *ns, *references, *faults, *peaks, *ends;
	size_t n;
	struct bench_result last;
	bool broken;            /* its process failed */
};

struct bench_samples *bench_samples_make(size_t n, size_t rounds);
void bench_samples_take(struct bench_samples *samples,
			const struct bench_result *result);
void bench_samples_free(struct bench_samples *samples, size_t n);

/* Medians; ns is 0 where a process failed. */
struct bench_figures {
	double ns, min, max, reference, faults, peak, end;
	double ratio;           /* time of glibc / this time; 0: unknown */
	double best;            /* the fastest other / this time; 0 */
};

void bench_report_init(struct ctl_output *out);
/* All columns as JSON. */
void bench_report_init_saved(struct ctl_output *out);
/* Figures of all allocators in a benchmark. */
void bench_report_figures(const struct allocator_list *allocators,
			  struct bench_samples *samples,
			  struct bench_figures *figures);
void bench_report_add(struct ctl_output *out, const struct bench_row *row,
		      const struct allocator_list *allocators,
		      const struct bench_samples *samples,
		      const struct bench_figures *figures);

/*
 * Draws the ratios to glibc as bars, by gnuplot(1): figures has, for each of
 * n_rows benchmarks, those of all allocators. The ending of file, .svg or
 * .png, is the form. False after a message.
 */
bool bench_plot(const char *file, const struct bench_row *const *rows,
		size_t n_rows, const struct allocator_list *allocators,
		const struct bench_figures *figures);
/* Ends the tool when the file could not be drawn later. */
void bench_plot_check(const char *file);

#endif /* CTL_BENCH_REPORT_H */

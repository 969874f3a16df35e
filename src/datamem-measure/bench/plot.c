/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Bars of benchmarks, drawn by gnuplot. */
#include "tool.h"

#include <signal.h>

#include "report.h"

static const struct {
	const char *ending, *terminal;
} forms[] = {
	{ ".svg", "svg dynamic background rgb 'white' font 'sans,12'" },
	{ ".png", "pngcairo font 'sans,10'" },
};

static const char *find_terminal(const char *file)
{
	size_t length = strlen(file);

	for (size_t i = 0; i < CTL_ARRAY_SIZE(forms); i++) {
		size_t ending = strlen(forms[i].ending);

		if (length > ending &&
		    !strcmp(file + length - ending, forms[i].ending))
			return forms[i].terminal;
	}
	return NULL;
}

void bench_plot_check(const char *file)
{
	if (!find_terminal(file))
		ctl_die("%s: a plot ends in .svg or .png", file);
	if (system("command -v gnuplot >/dev/null 2>&1") != 0)
		ctl_die("%s: needs gnuplot (Debian: gnuplot-nox)", file);
}

/* A string of gnuplot: only the quote itself has a meaning in it. */
static void put_string(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			putc('\'', out);
		putc(*text, out);
	}
	putc('\'', out);
}

static void put_setup(FILE *out, const char *file, size_t n_rows,
		      size_t n_allocators)
{
	size_t width = 160 + n_rows * (16 + 9 * n_allocators);

	fprintf(out, "set terminal %s size %zu,560\nset output ",
		find_terminal(file), width < 640 ? 640 : width);
	put_string(out, file);
	fputs("\nset style data histograms\n"
	      "set style histogram clustered gap 2\n"
	      "set style fill solid border -1\n"
	      "set logscale y 2\n"
	      "set grid ytics\n"
	      "set xtics rotate by -45 noenhanced\n"
	      "set key outside top center horizontal noenhanced\n"
	      "set ylabel 'times as fast as glibc'\n"
	      "set yrange [0.25:*]\n", out);
}

bool bench_plot(const char *file, const struct bench_row *const *rows,
		size_t n_rows, const struct allocator_list *allocators,
		const struct bench_figures *figures)
{
	size_t n = allocators->n;
	FILE *out = popen("gnuplot", "w");

	if (!out) {
		ctl_error("gnuplot: %s", strerror(errno));
		return false;
	}
	/* gnuplot may end early; its own message says why. */
	signal(SIGPIPE, SIG_IGN);
	put_setup(out, file, n_rows, n);
	fputs("$data << END\n", out);
	for (size_t i = 0; i < n_rows; i++) {
		fprintf(out, "\"%s\"", rows[i]->name);
		for (size_t k = 0; k < n; k++) {
			double ratio = figures[i * n + k].ratio;

			if (ratio > 0)
				fprintf(out, " %.4f", ratio);
			else
				fputs(" NaN", out);
		}
		putc('\n', out);
	}
	fputs("END\nplot ", out);
	for (size_t k = 0; k < n; k++) {
		fprintf(out, "%s$data using %zu:xtic(1) title ",
			k ? ", " : "", k + 2);
		put_string(out, allocators->items[k].name);
	}
	putc('\n', out);
	if (pclose(out) != 0) {
		ctl_error("%s: gnuplot failed", file);
		return false;
	}
	return true;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the replays mean, in words. */
#include "tool.h"
#include "report.h"

/* A gain of less than this part of the program's time is none. */
#define WORTH_IT 0.03
/* A range that is wider than this part of the predicted time is told. */
#define UNSURE 0.15

enum { COL_VARIANT, COL_CPU, COL_LEAST, COL_MOST, COL_PEAK, COL_REPLAY,
	COL_FAULTS, COL_HELD };

static const struct ctl_column columns[] = {
	[COL_VARIANT] = { "VARIANT", CTL_STRING, CTL_SHOWN,
		"allocator, or setting of libdatamem" },
	[COL_CPU] = { "CPU_S", CTL_REAL, CTL_SHOWN,
		"predicted processor time of the program, in seconds" },
	[COL_LEAST] = { "CPU_MIN", CTL_REAL, 0,
		"the same where page faults cost least, in seconds" },
	[COL_MOST] = { "CPU_MAX", CTL_REAL, 0,
		"the same where page faults cost most, in seconds" },
	[COL_PEAK] = { "PEAK", CTL_SIZE, CTL_SHOWN,
		"predicted most resident memory of the program" },
	[COL_REPLAY] = { "REPLAY_S", CTL_REAL, CTL_SHOWN,
		"processor time of the replay, in seconds" },
	[COL_FAULTS] = { "FAULTS", CTL_COUNT, CTL_SHOWN,
		"page faults of the replay" },
	[COL_HELD] = { "REPLAY_PEAK", CTL_SIZE, CTL_SHOWN,
		"most resident memory of the replay" },
};

void advise_report_init(struct ctl_output *out)
{
	ctl_output_init(out, "advise", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
}

void advise_report_table(struct ctl_output *out,
			 const struct advise_variants *variants)
{
	for (size_t i = 0; i < variants->n; i++) {
		const struct advise_variant *v = &variants->items[i];

		ctl_output_row(out);
		ctl_output_string(out, COL_VARIANT, v->label);
		ctl_output_real(out, COL_CPU, v->predicted.cpu_ns / 1e9, 3);
		ctl_output_real(out, COL_LEAST, v->range.least_ns / 1e9, 3);
		ctl_output_real(out, COL_MOST, v->range.most_ns / 1e9, 3);
		ctl_output_size(out, COL_PEAK, (uint64_t)v->predicted.peak);
		ctl_output_real(out, COL_REPLAY, v->cost.cpu_ns / 1e9, 3);
		ctl_output_count(out, COL_FAULTS, (uint64_t)v->cost.faults);
		ctl_output_size(out, COL_HELD, (uint64_t)v->cost.peak);
	}
}

/* --- Lines ---------------------------------------------------------------- */

static void print_label(const char *label)
{
	printf("%-11s ", label);
}

static const char *size_text(double nbytes)
{
	static char texts[4][32];
	static unsigned int next;
	char *text = texts[next++ % 4];

	ctl_format_size(text, sizeof(texts[0]), (uint64_t)nbytes, false);
	return text;
}

static void print_program(const struct recording *recording)
{
	const struct recording_facts *facts = &recording->facts;
	char *program = ctl_printable(*facts->program ? facts->program :
				      "a recorded program");

	print_label("program");
	printf("%.60s: ", program);
	free(program);
	if (facts->cpu_ns)
		printf("%.2f s of processor time, %s at most, %llu page "
		       "faults\n", (double)facts->cpu_ns / 1e9,
		       size_text((double)facts->peak_rss),
		       (unsigned long long)facts->faults);
	else
		printf("it took %.2f s; its processor time is not known\n",
		       (double)recording->recorded_ns / 1e9);
}

/* What gains are a part of. */
static double whole_ns(const struct recording *recording)
{
	return recording->facts.cpu_ns ? (double)recording->facts.cpu_ns :
					 (double)recording->recorded_ns;
}

static double gain_of(const struct advise_variants *variants,
		      const struct advise_variant *v)
{
	return variants->items[0].predicted.cpu_ns - v->predicted.cpu_ns;
}

/* What is left of the program's time depends on the price of page faults. */
static bool is_unsure(const struct advise_variants *variants,
		      const struct advise_variant *v)
{
	return v && v->range.most_ns - v->range.least_ns >
			    UNSURE * v->predicted.cpu_ns &&
	       v->range.most_ns < variants->items[0].predicted.cpu_ns;
}

static void print_part(const struct advise_variants *variants,
		       const struct advise_variant *v, double whole)
{
	double now = variants->items[0].predicted.cpu_ns;
	double gain = gain_of(variants, v);

	if (whole <= 0)
		whole = now;
	if (is_unsure(variants, v))
		printf("%.0f to %.0f%%",
		       100 * (now - v->range.most_ns) / whole,
		       100 * (now - v->range.least_ns) / whole);
	else
		printf("%.0f%%", 100 * (gain < 0 ? -gain : gain) / whole);
}

static void print_gain(const struct advise_variants *variants,
		       const struct advise_variant *v)
{
	double now = variants->items[0].predicted.cpu_ns;
	double gain = gain_of(variants, v);

	if (is_unsure(variants, v))
		printf("%.2f to %.2f", (now - v->range.most_ns) / 1e9,
		       (now - v->range.least_ns) / 1e9);
	else
		printf("%.2f", (gain < 0 ? -gain : gain) / 1e9);
	printf(" s of processor time %s", gain < 0 ? "more" : "less");
}

static void print_now(const struct recording *recording,
		      const struct advise_variants *variants, bool unsure)
{
	double whole = whole_ns(recording);

	print_label("now");
	printf("%s: %.2f s (%.0f%%) in allocation and page faults%s\n",
	       variants->items[0].label, variants->allocation_ns / 1e9,
	       whole > 0 ? 100 * variants->allocation_ns / whole : 0,
	       unsure ? ", whose price varies" : "");
}

static void print_variant(const char *label, const struct recording *recording,
			  const struct advise_variants *variants,
			  const struct advise_variant *v)
{
	print_label(label);
	if (!v) {
		printf("nothing to compare with\n");
		return;
	}
	if (v->kind == ADVISE_SETTING)
		printf("with %s: ", v->label);
	else if (v->kind != ADVISE_LIBRARY)
		printf("%s: ", v->label);
	print_gain(variants, v);
	printf(" (");
	print_part(variants, v, whole_ns(recording));
	printf("), ");
	if (recording->facts.peak_rss)
		printf("%s at most\n", size_text(v->predicted.peak));
	else
		printf("%s instead of %s for the blocks\n",
		       size_text(v->cost.peak),
		       size_text(variants->items[0].cost.peak));
}

static void print_nothing(const struct recording *recording,
			  const struct advise_variants *variants)
{
	double whole = whole_ns(recording);

	if (variants->allocation_ns < WORTH_IT * whole)
		printf("nothing to gain: the program hardly spends time on "
		       "its memory\n");
	else
		printf("nothing to gain: the present allocator does as well "
		       "on these blocks\n");
}

static void print_advice(const struct recording *recording,
			 const struct advise_variants *variants,
			 const struct advise_variant *library,
			 const struct advise_variant *free_one)
{
	double whole = whole_ns(recording);
	double gain = library ? gain_of(variants, library) : 0;
	double for_free = free_one ? gain_of(variants, free_one) : 0;

	print_label("advice");
	if (gain < WORTH_IT * whole && for_free < WORTH_IT * whole) {
		print_nothing(recording, variants);
		return;
	}
	if (for_free > gain - WORTH_IT * whole) {
		printf("what is for free does as well as libdatamem\n");
		return;
	}
	printf("libdatamem%s%s saves ",
	       library->kind == ADVISE_SETTING ? " with " : "",
	       library->kind == ADVISE_SETTING ? library->label : "");
	print_part(variants, library, whole);
	printf(" of the processor time");
	if (for_free >= WORTH_IT * whole)
		printf("; the C library's tunables alone %.0f%%",
		       100 * for_free / whole);
	printf("\n");
}

void advise_report_lines(const struct recording *recording,
			 const struct advise_variants *variants)
{
	const struct advise_variant *library =
		advise_variants_best(variants, ADVISE_LIBRARY, ADVISE_SETTING);
	const struct advise_variant *free_one =
		advise_variants_best(variants, ADVISE_FREE, ADVISE_FREE);

	print_program(recording);
	print_now(recording, variants, is_unsure(variants, library) ||
				       is_unsure(variants, free_one));
	print_variant("libdatamem", recording, variants, library);
	print_variant("for free", recording, variants, free_one);
	print_advice(recording, variants, library, free_one);
}

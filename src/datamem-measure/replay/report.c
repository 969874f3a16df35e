/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Medians of rounds, and their columns. */
#include "tool.h"
#include "report.h"

#include "measure/measure.h"

#define BASELINE "glibc"

enum {
	COL_RECORDING = REPLAY_COLUMN_RECORDING, COL_ALLOCATOR, COL_TIME,
	COL_RATIO, COL_FAULTS, COL_PEAK, COL_END, COL_HUGE, COL_HITS, COL_MIN,
	COL_MAX, COL_CPU, COL_MAJOR, COL_SMALL_HITS, COL_LARGE_HITS, COL_FAULTS_AVOIDED,
	COL_RETAINED, COL_LAZY, COL_PURGED, COL_EVENTS, COL_FAILED, COL_RESULT,
};

static const struct ctl_column columns[] = {
	[COL_RECORDING] = { "RECORDING", CTL_STRING, CTL_SHOWN,
		"name of the recording; the title of a table" },
	[COL_ALLOCATOR] = { "ALLOCATOR", CTL_STRING, CTL_SHOWN,
		"name of the allocator" },
	[COL_TIME] = { "TIME_MS", CTL_REAL, CTL_SHOWN,
		"of the replay, calls and touching" },
	[COL_RATIO] = { "RATIO", CTL_REAL, CTL_SHOWN,
		"time of " BASELINE " / this time" },
	[COL_FAULTS] = { "FAULTS", CTL_COUNT, CTL_SHOWN, "page faults" },
	[COL_PEAK] = { "PEAK", CTL_SIZE, CTL_SHOWN, "most memory resident" },
	[COL_END] = { "END", CTL_SIZE, CTL_SHOWN, "resident at the end" },
	[COL_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"in huge pages when most is live" },
	[COL_HITS] = { "HITS", CTL_RATIO, CTL_SHOWN,
		"served by warm memory (libdatamem)" },
	[COL_MIN] = { "MIN_MS", CTL_REAL, 0, "shortest round" },
	[COL_MAX] = { "MAX_MS", CTL_REAL, 0, "longest round" },
	[COL_CPU] = { "CPU_MS", CTL_REAL, 0,
		"processor time of all threads, without waiting" },
	[COL_MAJOR] = { "MAJOR", CTL_COUNT, 0, "page faults that read a disk" },
	[COL_SMALL_HITS] = { "SMALL_HITS", CTL_RATIO, 0,
		"small blocks from a thread's cache" },
	[COL_LARGE_HITS] = { "LARGE_HITS", CTL_RATIO, 0,
		"large blocks from retained memory" },
	[COL_FAULTS_AVOIDED] = { "FAULTS_AVOIDED", CTL_COUNT, 0,
		"page faults that warm memory spared (libdatamem)" },
	[COL_RETAINED] = { "RETAINED", CTL_SIZE, 0,
		"free at the end, kept for reuse (libdatamem)" },
	[COL_LAZY] = { "LAZY", CTL_SIZE, 0,
		"free at the end, the kernel may take it (libdatamem)" },
	[COL_PURGED] = { "PURGED", CTL_SIZE, 0,
		"given back to the kernel (libdatamem)" },
	[COL_EVENTS] = { "EVENTS", CTL_COUNT, 0, "events of the recording" },
	[COL_FAILED] = { "FAILED", CTL_COUNT, 0, "allocations refused" },
	[COL_RESULT] = { "RESULT", CTL_STRING, 0,
		"measured, verified or failed" },
};

struct replay_samples *replay_samples_make(size_t n, size_t rounds)
{
	struct replay_samples *samples = ctl_alloc(n, sizeof(*samples));

	for (size_t i = 0; i < n; i++) {
		double **arrays[] = { &samples[i].times, &samples[i].faults,
				      &samples[i].majors, &samples[i].peaks,
				      &samples[i].ends, &samples[i].cpus };

		for (size_t k = 0; k < CTL_ARRAY_SIZE(arrays); k++)
			*arrays[k] = ctl_alloc(rounds, sizeof(double));
	}
	return samples;
}

void replay_samples_free(struct replay_samples *samples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(samples[i].times);
		free(samples[i].faults);
		free(samples[i].majors);
		free(samples[i].peaks);
		free(samples[i].ends);
		free(samples[i].cpus);
	}
	free(samples);
}

void replay_samples_take(struct replay_samples *s,
			 const struct replay_result *result)
{
	s->times[s->n] = (double)result->ns / 1e6;
	s->cpus[s->n] = (double)result->cpu_ns / 1e6;
	s->faults[s->n] = (double)result->minor_faults;
	s->majors[s->n] = (double)result->major_faults;
	s->peaks[s->n] = (double)result->peak_rss;
	s->ends[s->n] = (double)result->end_rss;
	s->last = *result;
	s->n++;
}

static double median(double *samples, size_t n)
{
	return measure_summarize(samples, n).median;
}

static void add_size(struct ctl_output *out, size_t column, double value)
{
	if (value < (double)MEASURE_UNKNOWN)
		ctl_output_size(out, column, (uint64_t)value);
}

static void add_times(struct ctl_output *out, struct replay_samples *s,
		      double baseline)
{
	struct measure_summary time = measure_summarize(s->times, s->n);

	ctl_output_real(out, COL_TIME, time.median, 3);
	ctl_output_real(out, COL_MIN, time.min, 3);
	ctl_output_real(out, COL_MAX, time.max, 3);
	ctl_output_real(out, COL_CPU, median(s->cpus, s->n), 3);
	if (baseline > 0 && time.median > 0)
		ctl_output_real(out, COL_RATIO, baseline / time.median, 2);
	ctl_output_count(out, COL_FAULTS,
			 (uint64_t)median(s->faults, s->n));
	ctl_output_count(out, COL_MAJOR, (uint64_t)median(s->majors, s->n));
	add_size(out, COL_PEAK, median(s->peaks, s->n));
	add_size(out, COL_END, median(s->ends, s->n));
}

static void add_work(struct ctl_output *out, const struct replay_result *r)
{
	double small = (double)(r->hits + r->misses);
	double large = (double)(r->large_hits + r->large_misses);

	ctl_output_ratio(out, COL_HITS, (double)(r->hits + r->large_hits),
			 small + large);
	ctl_output_ratio(out, COL_SMALL_HITS, (double)r->hits, small);
	ctl_output_ratio(out, COL_LARGE_HITS, (double)r->large_hits, large);
	ctl_output_count(out, COL_FAULTS_AVOIDED, r->faults_avoided);
	ctl_output_size(out, COL_RETAINED, r->retained);
	ctl_output_size(out, COL_LAZY, r->lazy);
	ctl_output_size(out, COL_PURGED, r->purged);
}

/* False when memory was refused. */
static bool add_row(struct ctl_output *out, const char *allocator,
		    struct replay_samples *s, double baseline, bool counts)
{
	const struct replay_result *seen = s->n ? &s->last : &s->inspected;

	ctl_output_string(out, COL_ALLOCATOR, allocator);
	if (s->broken) {
		ctl_output_absent(out, COL_TIME, "failed");
		ctl_output_string(out, COL_RESULT, "failed");
		return true;
	}
	ctl_output_string(out, COL_RESULT, s->n ? "measured" : "verified");
	if (s->n)
		add_times(out, s, baseline);
	if (s->inspected.anon != MEASURE_UNKNOWN &&
	    s->inspected.huge != MEASURE_UNKNOWN)
		ctl_output_ratio(out, COL_HUGE, (double)s->inspected.huge,
				 (double)s->inspected.anon);
	if (counts)
		add_work(out, seen);
	ctl_output_count(out, COL_FAILED, seen->failed);
	if (seen->failed)
		ctl_error("%s: %llu allocations were refused", allocator,
			  (unsigned long long)seen->failed);
	return !seen->failed;
}

bool replay_report_add(struct ctl_output *out, const char *name,
		       const struct recording *recording,
		       const struct allocator_list *allocators,
		       struct replay_samples *samples)
{
	size_t base = allocator_list_find(allocators, BASELINE);
	double baseline = 0;
	bool good = true;

	if (base < allocators->n && samples[base].n)
		baseline = median(samples[base].times, samples[base].n);
	for (size_t i = 0; i < allocators->n; i++) {
		const struct allocator *allocator = &allocators->items[i];

		ctl_output_row(out);
		ctl_output_string(out, COL_RECORDING, name);
		ctl_output_count(out, COL_EVENTS, recording->n_events);
		if (!add_row(out, allocator->name, &samples[i], baseline,
			     allocator->kind == ALLOCATOR_DATAMEM))
			good = false;
	}
	return good;
}

void replay_report_title(const char *name, const struct recording *recording)
{
	static bool again;
	char peak[32];

	ctl_format_size(peak, sizeof(peak), recording->peak_bytes, false);
	printf("%s%s: %zu events, %zu blocks, %zu thread%s, %s live at most\n",
	       again ? "\n" : "", name, recording->n_events,
	       recording->n_blocks, recording->n_threads,
	       recording->n_threads == 1 ? "" : "s", peak);
	again = true;
}

void replay_report_init(struct ctl_output *out)
{
	ctl_output_init(out, "replay", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
}

void replay_report_verify(struct ctl_output *out)
{
	static const size_t verified[] = { COL_RECORDING, COL_ALLOCATOR,
					   COL_RESULT };
	size_t shown = 0;

	for (size_t i = 0; i < CTL_ARRAY_SIZE(columns); i++) {
		if (!(columns[i].flags & CTL_SHOWN))
			continue;
		if (shown == out->nselected || out->selected[shown++] != i)
			return;
	}
	if (shown != out->nselected)
		return;
	memcpy(out->selected, verified, sizeof(verified));
	out->nselected = CTL_ARRAY_SIZE(verified);
}

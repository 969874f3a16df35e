/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What changes from one look to the next. */
#include "tool.h"
#include "history.h"

#include <time.h>

struct ctl_past {
	char *key;
	struct ctl_statistics statistics;
	double seen;            /* CLOCK_MONOTONIC, seconds */
	uint64_t look;
	uint64_t live[CTL_HISTORY_LOOKS];  /* the last is the newest */
	size_t nlive;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void ctl_history_begin(struct ctl_history *history)
{
	size_t kept = 0;

	for (size_t i = 0; i < history->n; i++) {
		if (history->pasts[i].look == history->look)
			history->pasts[kept++] = history->pasts[i];
		else
			free(history->pasts[i].key);
	}
	history->n = kept;
	history->look++;
}

static struct ctl_past *find_past(struct ctl_history *history, const char *key)
{
	struct ctl_past *past;

	for (size_t i = 0; i < history->n; i++)
		if (strcmp(history->pasts[i].key, key) == 0)
			return &history->pasts[i];
	history->pasts = ctl_realloc(history->pasts, history->n + 1,
				     sizeof(*history->pasts));
	past = &history->pasts[history->n++];
	memset(past, 0, sizeof(*past));
	past->key = ctl_strdup(key);
	return past;
}

/* A counter that went back is that of other processes. */
static void find_rates(const struct ctl_past *past,
		       const struct ctl_statistics *statistics,
		       double seconds, struct ctl_rates *out)
{
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		uint64_t before = past->statistics.values[i];
		uint64_t after = statistics->values[i];

		out->known[i] = ctl_statistics[i].metric == CTL_COUNTER &&
				past->statistics.known[i] &&
				statistics->known[i] && after >= before &&
				seconds > 0;
		out->values[i] = out->known[i] ?
				 (double)(after - before) / seconds : 0;
	}
}

static void draw(const struct ctl_past *past, char *out)
{
	const char *levels = CTL_HISTORY_LEVELS;
	const size_t most = sizeof(CTL_HISTORY_LEVELS) - 2;
	size_t missing = CTL_HISTORY_LOOKS - past->nlive;
	uint64_t highest = 1;

	for (size_t i = 0; i < past->nlive; i++)
		if (past->live[i] > highest)
			highest = past->live[i];
	memset(out, ' ', missing);
	for (size_t i = 0; i < past->nlive; i++) {
		double part = (double)past->live[i] / (double)highest;

		out[missing + i] = levels[(size_t)(part * (double)most + 0.5)];
	}
	out[CTL_HISTORY_LOOKS] = '\0';
}

void ctl_history_note(struct ctl_history *history, const char *key,
		      const struct ctl_statistics *statistics,
		      struct ctl_trend *out)
{
	struct ctl_past *past = find_past(history, key);
	double time = now();

	find_rates(past, statistics, past->seen > 0 ? time - past->seen : 0,
		   &out->rates);
	if (past->nlive == CTL_HISTORY_LOOKS) {
		memmove(past->live, past->live + 1,
			sizeof(past->live) - sizeof(past->live[0]));
		past->nlive--;
	}
	past->live[past->nlive++] =
		statistics->values[CTL_STATISTIC_LIVE];
	past->statistics = *statistics;
	past->seen = time;
	past->look = history->look;
	draw(past, out->history);
}

void ctl_history_free(struct ctl_history *history)
{
	for (size_t i = 0; i < history->n; i++)
		free(history->pasts[i].key);
	free(history->pasts);
	memset(history, 0, sizeof(*history));
}

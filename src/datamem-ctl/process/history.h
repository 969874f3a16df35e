/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What changes from one look to the next: rates, and a line of the past. */
#ifndef CTL_HISTORY_H
#define CTL_HISTORY_H

#include "statistics.h"

/* Looks that a line of the past has. */
#define CTL_HISTORY_LOOKS 8
/* Its characters, from nothing to the most; a terminal may draw others. */
#define CTL_HISTORY_LEVELS " .:-=+*#"

struct ctl_trend {
	struct ctl_rates rates;                 /* since the last look */
	char history[CTL_HISTORY_LOOKS + 1];    /* of LIVE; the last is now */
};

/* All zero: empty. */
struct ctl_history {
	struct ctl_past *pasts;
	size_t n;
	uint64_t look;
};

/* To be called before each look. Forgets what the last one did not see. */
void ctl_history_begin(struct ctl_history *history);
/* Note the numbers of what has this key, and tell the trend. */
void ctl_history_note(struct ctl_history *history, const char *key,
		      const struct ctl_statistics *statistics,
		      struct ctl_trend *out);
void ctl_history_free(struct ctl_history *history);

#endif /* CTL_HISTORY_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The statistics of src/statistics.h as columns and metrics, for what shows
 * them (`stat`, `list`, `top`, `export`, `run --stats`).
 *
 * They come from two places: a process leaves those of struct datamem_stats in
 * a line at its exit, and shows some, and others, in its control page.
 */
#ifndef CTL_STATISTICS_H
#define CTL_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "../../statistics.h"
#include "output/output.h"

enum ctl_statistic {
#define STATISTIC(column, member, ctype, unit, kind, place, help)            \
	CTL_STATISTIC_##column,
	STATISTICS(STATISTIC)
#undef STATISTIC
	CTL_STATISTICS_COUNT
};

/* Of one process; what a library of another version lacks is not known. */
struct ctl_statistics {
	uint64_t values[CTL_STATISTICS_COUNT];
	bool known[CTL_STATISTICS_COUNT];
};

enum ctl_statistic_places {
	CTL_LEFT = 1 << 0,      /* at exit */
	CTL_PAGE = 1 << 1,      /* in the control page, or derived from it */
};

enum ctl_metric { CTL_GAUGE, CTL_COUNTER };

struct ctl_statistic_info {
	const char *column;
	const char *name;       /* of the member */
	enum ctl_type type;
	enum ctl_metric metric;
	unsigned int places;    /* enum ctl_statistic_places; 0: not shown */
	const char *help;
};

extern const struct ctl_statistic_info ctl_statistics[CTL_STATISTICS_COUNT];

/* The name of its metric: the column's, with the unit; the caller frees it. */
char *ctl_statistics_metric(enum ctl_statistic which);

/* The columns of the statistics from one place, behind one for HIT. */
#define CTL_STATISTICS_COLUMNS (1 + CTL_STATISTICS_COUNT)

/*
 * Fill in the columns of the statistics from CTL_LEFT (for `run --stats`) or
 * CTL_PAGE (for `stat`); returns how many these are.
 */
size_t ctl_statistics_columns(struct ctl_column *columns, unsigned int from);
/* Set the cells of the last row that belong to them, from column first on. */
void ctl_statistics_cells(struct ctl_output *out, size_t first,
			  unsigned int from,
			  const struct ctl_statistics *statistics);

/*
 * The columns from one place that are not known, separated by commas, as with a
 * library older than this tool; NULL: none. The caller frees it.
 */
char *ctl_statistics_missing(const struct ctl_statistics *statistics,
			     unsigned int from);

/* A column of its own for one of them. */
struct ctl_column ctl_statistics_column(enum ctl_statistic which, bool shown);
void ctl_statistics_cell(struct ctl_output *out, size_t column,
			 enum ctl_statistic which,
			 const struct ctl_statistics *statistics);

/* Changes of counters in a second, between two looks. */
struct ctl_rates {
	double values[CTL_STATISTICS_COUNT];
	bool known[CTL_STATISTICS_COUNT];
};

/*
 * A column for the rate of a counter: ALLOCS_S of ALLOCS. Texts live for ever.
 * The others are those of the counters with CTL_PAGE, in their order.
 */
struct ctl_column ctl_statistics_rate_column(enum ctl_statistic which,
					     bool shown);
void ctl_statistics_rate_cell(struct ctl_output *out, size_t column,
			      enum ctl_statistic which,
			      const struct ctl_rates *rates);
size_t ctl_statistics_rate_columns(struct ctl_column *columns);
void ctl_statistics_rate_cells(struct ctl_output *out, size_t first,
			       const struct ctl_rates *rates);

/* The part of the small blocks that a cache served. */
#define CTL_HIT_COLUMN(flags)                                                \
	{ "HIT", CTL_RATIO, flags,                                           \
	  "part of the small blocks that a cache served" }
void ctl_statistics_hit(struct ctl_output *out, size_t column,
			const struct ctl_statistics *statistics);

#endif /* CTL_STATISTICS_H */

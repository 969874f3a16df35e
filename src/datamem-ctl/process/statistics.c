/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of statistics as columns and cells. */
#include "statistics.h"

#define BOTH(column, member, type, shown, metric, source, help)              \
	{ #column, #member, type, metric, CTL_LEFT | CTL_PAGE | (shown), help },
#define LEFT(column, member, type, shown, metric, source, help)              \
	{ #column, #member, type, metric, CTL_LEFT | (shown), help },
#define PAGE(column, member, type, shown, metric, source, help)              \
	{ #column, #member, type, metric, CTL_PAGE | (shown), help },
const struct ctl_statistic_info ctl_statistics[CTL_STATISTICS_COUNT] = {
	CTL_STATISTICS(BOTH, LEFT, PAGE)
};

struct ctl_column ctl_statistics_column(enum ctl_statistic which, bool shown)
{
	const struct ctl_statistic_info *info = &ctl_statistics[which];

	return (struct ctl_column){
		.name = info->column,
		.type = info->type,
		.flags = shown ? CTL_SHOWN : 0,
		.help = info->help,
	};
}

size_t ctl_statistics_columns(struct ctl_column *columns, unsigned int from,
			      unsigned int shown)
{
	size_t n = 0;

	columns[n++] = (struct ctl_column)CTL_HIT_COLUMN(CTL_SHOWN);
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		if (!(ctl_statistics[i].flags & from))
			continue;
		columns[n++] = ctl_statistics_column(
			(enum ctl_statistic)i,
			(ctl_statistics[i].flags & shown) != 0);
	}
	return n;
}

void ctl_statistics_cell(struct ctl_output *out, size_t column,
			 enum ctl_statistic which,
			 const struct ctl_statistics *statistics)
{
	uint64_t value = statistics->values[which];

	if (!statistics->known[which])
		return;
	switch (ctl_statistics[which].type) {
	case CTL_SIZE:
		ctl_output_size(out, column, value);
		break;
	case CTL_BOOL:
		ctl_output_bool(out, column, value != 0);
		break;
	default:
		ctl_output_count(out, column, value);
	}
}

void ctl_statistics_hit(struct ctl_output *out, size_t column,
			const struct ctl_statistics *statistics)
{
	double hits = (double)statistics->values[CTL_STATISTIC_HITS];

	ctl_output_ratio(out, column, hits, hits +
			 (double)statistics->values[CTL_STATISTIC_MISSES]);
}

void ctl_statistics_cells(struct ctl_output *out, size_t first,
			  unsigned int from,
			  const struct ctl_statistics *statistics)
{
	ctl_statistics_hit(out, first++, statistics);
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++)
		if (ctl_statistics[i].flags & from)
			ctl_statistics_cell(out, first++,
					    (enum ctl_statistic)i, statistics);
}

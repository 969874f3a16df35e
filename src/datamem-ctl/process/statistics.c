/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of src/statistics.h as columns and cells. */
#include "tool.h"
#include "statistics.h"

#include <ctype.h>

#define TYPE_SIZE CTL_SIZE
#define TYPE_COUNT CTL_COUNT
#define TYPE_BOOL CTL_BOOL
#define TYPE_ADDRESS CTL_COUNT

#define PLACES_SIZE(places) places
#define PLACES_COUNT(places) places
#define PLACES_BOOL(places) places
#define PLACES_ADDRESS(places) 0

const struct ctl_statistic_info ctl_statistics[CTL_STATISTICS_COUNT] = {
#define STATISTIC(column, member, ctype, unit, kind, place, help)            \
	{ #column, #member, TYPE_##unit, CTL_##kind,                         \
	  PLACES_##unit(0 STATISTIC_IN_SNAPSHOT_##place(| CTL_LEFT)          \
			STATISTIC_IN_PAGE_##place(| CTL_PAGE)                \
			STATISTIC_DERIVED_##place(| CTL_PAGE)), help },
	STATISTICS(STATISTIC)
#undef STATISTIC
};

/* From where they are printed by default; the others with -o. */
static const unsigned int shown[CTL_STATISTICS_COUNT] = {
	[CTL_STATISTIC_LIVE] = CTL_PAGE | CTL_LEFT,
	[CTL_STATISTIC_PEAK] = CTL_PAGE | CTL_LEFT,
	[CTL_STATISTIC_CACHED] = CTL_PAGE,
	[CTL_STATISTIC_HELD] = CTL_PAGE | CTL_LEFT,
	[CTL_STATISTIC_RETAINED] = CTL_PAGE,
	[CTL_STATISTIC_LAZY] = CTL_PAGE,
	[CTL_STATISTIC_ADVISED] = CTL_LEFT,
	[CTL_STATISTIC_PURGED] = CTL_PAGE,
	[CTL_STATISTIC_ALLOCS] = CTL_PAGE | CTL_LEFT,
	[CTL_STATISTIC_LARGE_HITS] = CTL_PAGE,
	[CTL_STATISTIC_LARGE_MISSES] = CTL_PAGE,
	[CTL_STATISTIC_FAILED] = CTL_PAGE,
	[CTL_STATISTIC_THREADS] = CTL_PAGE,
};

struct ctl_column ctl_statistics_column(enum ctl_statistic which,
					bool is_shown)
{
	const struct ctl_statistic_info *info = &ctl_statistics[which];

	return (struct ctl_column){
		.name = info->column,
		.type = info->type,
		.flags = is_shown ? CTL_SHOWN : 0,
		.help = info->help,
	};
}

size_t ctl_statistics_columns(struct ctl_column *columns, unsigned int from)
{
	size_t n = 0;

	columns[n++] = (struct ctl_column)CTL_HIT_COLUMN(CTL_SHOWN);
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		if (!(ctl_statistics[i].places & from))
			continue;
		columns[n++] = ctl_statistics_column((enum ctl_statistic)i,
						     (shown[i] & from) != 0);
	}
	return n;
}

char *ctl_statistics_metric(enum ctl_statistic which)
{
	const struct ctl_statistic_info *info = &ctl_statistics[which];
	char *name = ctl_printf("datamem_%s%s", info->column,
				info->type == CTL_SIZE ? "_bytes" : "");

	for (char *c = name; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

char *ctl_statistics_missing(const struct ctl_statistics *statistics,
			     unsigned int from)
{
	char *list = NULL;

	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		char *longer;

		if (!(ctl_statistics[i].places & from) || statistics->known[i])
			continue;
		longer = ctl_printf("%s%s%s", list ? list : "",
				    list ? ", " : "", ctl_statistics[i].column);
		free(list);
		list = longer;
	}
	return list;
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
		if (ctl_statistics[i].places & from)
			ctl_statistics_cell(out, first++,
					    (enum ctl_statistic)i, statistics);
}

static bool has_rate(int which)
{
	return (ctl_statistics[which].places & CTL_PAGE) &&
	       ctl_statistics[which].metric == CTL_COUNTER;
}

struct ctl_column ctl_statistics_rate_column(enum ctl_statistic which,
					     bool is_shown)
{
	static char *names[CTL_STATISTICS_COUNT], *helps[CTL_STATISTICS_COUNT];
	const struct ctl_statistic_info *info = &ctl_statistics[which];

	if (!names[which]) {
		names[which] = ctl_printf("%s_S", info->column);
		helps[which] = ctl_printf("change of %s in a second",
					  info->column);
	}
	return (struct ctl_column){
		.name = names[which],
		.type = info->type == CTL_SIZE ? CTL_SIZE : CTL_REAL,
		.flags = is_shown ? CTL_SHOWN : 0,
		.help = helps[which],
	};
}

/* Of a hostile page it may be more than any number of bytes. */
static uint64_t whole(double rate)
{
	return rate < 0x1p64 ? (uint64_t)rate : UINT64_MAX;
}

void ctl_statistics_rate_cell(struct ctl_output *out, size_t column,
			      enum ctl_statistic which,
			      const struct ctl_rates *rates)
{
	if (!rates->known[which])
		return;
	if (ctl_statistics[which].type == CTL_SIZE)
		ctl_output_size(out, column, whole(rates->values[which]));
	else
		ctl_output_real(out, column, rates->values[which], 0);
}

size_t ctl_statistics_rate_columns(struct ctl_column *columns)
{
	size_t n = 0;

	for (int i = 0; i < CTL_STATISTICS_COUNT; i++)
		if (has_rate(i))
			columns[n++] = ctl_statistics_rate_column(
				(enum ctl_statistic)i, false);
	return n;
}

void ctl_statistics_rate_cells(struct ctl_output *out, size_t first,
			       const struct ctl_rates *rates)
{
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++)
		if (has_rate(i))
			ctl_statistics_rate_cell(out, first++,
						 (enum ctl_statistic)i, rates);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Options that several commands take. */
#include "tool.h"
#include "options.h"

#define MAX_SECONDS 1e6

unsigned int ctl_options_count(const char *text, unsigned int max,
			       const char *what, struct argp_state *state)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !number || number > max)
		argp_error(state, "'%s' is not a number of %s (1 to %u)",
			   text, what, max);
	return (unsigned int)number;
}

bool ctl_seconds_parse(const char *text, double min, double *seconds)
{
	char *end;
	double number = strtod(text, &end);

	/* The other way around, so that nan is none. */
	if (end == text || *end || !(number >= min && number <= MAX_SECONDS))
		return false;
	*seconds = number;
	return true;
}

bool ctl_size_parse(const char *text, uint64_t *nbytes)
{
	static const char units[] = "kKmMgGtT";
	const char *unit;
	char *end;

	errno = 0;
	*nbytes = strtoull(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9')
		return false;
	if (*end == '\0')
		return true;
	unit = strchr(units, *end);
	return unit && end[1] == '\0' &&
	       !__builtin_mul_overflow(*nbytes, (uint64_t)1 <<
				       10 * ((unit - units) / 2 + 1), nbytes);
}

uint64_t ctl_options_size(const char *text, struct argp_state *state)
{
	uint64_t nbytes = 0;

	if (!ctl_size_parse(text, &nbytes))
		argp_error(state, "'%s' is not a size", text);
	return nbytes;
}

double ctl_options_seconds(const char *text, double min,
			   struct argp_state *state)
{
	double seconds = min;

	if (!ctl_seconds_parse(text, min, &seconds))
		argp_error(state, "'%s' is not a number of seconds (%g to %.0f)",
			   text, min, MAX_SECONDS);
	return seconds;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A condition on a number of a process. */
#include "tool.h"
#include "alert.h"

#include <strings.h>

#include "options.h"

/* False: there is no such number. */
static bool find_number(struct ctl_alert *alert, const char *name, size_t n)
{
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		const struct ctl_statistic_info *info = &ctl_statistics[i];
		size_t length = strlen(info->column);

		if (!(info->places & CTL_PAGE) || n < length ||
		    strncasecmp(info->column, name, length) != 0)
			continue;
		alert->rate = info->metric == CTL_COUNTER &&
			      n == length + 2 &&
			      strncasecmp(name + length, "_S", 2) == 0;
		if (n != length && !alert->rate)
			continue;
		alert->which = (enum ctl_statistic)i;
		return true;
	}
	return false;
}

struct ctl_alert ctl_alert_parse(const char *text, struct argp_state *state)
{
	size_t n = strcspn(text, " <>=");
	struct ctl_alert alert = { .text = text };
	const char *sign = text + n + strspn(text + n, " ");
	const char *value = sign + (*sign != '\0');
	uint64_t bound = 0;

	if (!find_number(&alert, text, n))
		argp_error(state, "--alert: no number is named '%.*s'", (int)n,
			   text);
	alert.less = *sign == '<';
	alert.equal = *value == '=';
	value += alert.equal;
	value += strspn(value, " ");
	if ((*sign != '<' && *sign != '>') ||
	    !ctl_size_parse(value, &bound))
		argp_error(state, "--alert: '%s' is not a name, <, <=, > or "
			   ">=, and a size or number",
			   text);
	alert.bound = (double)bound;
	return alert;
}

bool ctl_alert_holds(const struct ctl_alert *alert,
		     const struct ctl_statistics *statistics,
		     const struct ctl_rates *rates)
{
	enum ctl_statistic which = alert->which;
	double value = alert->rate ? rates->values[which] :
				     (double)statistics->values[which];

	if (!(alert->rate ? rates->known[which] : statistics->known[which]))
		return false;
	if (value == alert->bound)
		return alert->equal;
	return alert->less ? value < alert->bound : value > alert->bound;
}

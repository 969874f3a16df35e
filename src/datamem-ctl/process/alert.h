/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A condition on a number of a process: "held>2G", "allocs_s >= 1000". */
#ifndef CTL_ALERT_H
#define CTL_ALERT_H

#include <argp.h>

#include "statistics.h"

struct ctl_alert {
	const char *text;       /* as it was given; NULL: none */
	enum ctl_statistic which;
	bool rate;              /* of its column NAME_S */
	bool less, equal;       /* < rather than >; or equal to it */
	double bound;
};

/* The argument of --alert; ends the tool where it is none. */
struct ctl_alert ctl_alert_parse(const char *text, struct argp_state *state);

/* Whether it holds; never for a number that is not known. */
bool ctl_alert_holds(const struct ctl_alert *alert,
		     const struct ctl_statistics *statistics,
		     const struct ctl_rates *rates);

#endif /* CTL_ALERT_H */

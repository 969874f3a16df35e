/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Charges bytes against limit.max. */

#include "limit.h"

#include "settings.h"
#include "stats.h"

static size_t charged;

size_t dmem_limit_charge(size_t unit, size_t n)
{
	size_t max = dmem_setting_value(DMEM_SETTING_LIMIT_MAX);
	size_t now, room;

	if (!max) {
		now = dmem_fetch_add(&charged, unit * n) + unit * n;
		dmem_stats_live(now);
		return n;
	}
	now = dmem_load(&charged);
	do {
		room = now < max ? (max - now) / unit : 0;
		n = DMEM_MIN(n, room);
		if (!n)
			return 0;
	} while (!__atomic_compare_exchange_n(&charged, &now, now + unit * n,
					      true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	dmem_stats_live(now + unit * n);
	return n;
}

void dmem_limit_release(size_t nbytes)
{
	dmem_fetch_sub(&charged, nbytes);
}

void dmem_limit_restore(size_t nbytes)
{
	dmem_fetch_add(&charged, nbytes);
}

bool dmem_limit_refuses(size_t nbytes)
{
	size_t max = dmem_setting_value(DMEM_SETTING_LIMIT_MAX);
	size_t now = dmem_load(&charged);

	return max && (now >= max || nbytes > max - now);
}

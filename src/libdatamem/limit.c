/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Charges bytes against limit.max. */

#include "limit.h"

#include "live.h"
#include "settings.h"
#include "stats.h"

static size_t charged;

/* Read again: of two that race the later one must not be told the older sum. */
static void show(void)
{
	dmem_live_store(charged_bytes, dmem_load(&charged));
}

size_t dmem_limit_charge(size_t unit, size_t n)
{
	size_t max = dmem_setting_value(DMEM_SETTING_LIMIT_MAX);
	size_t now, room;

	if (!max) {
		now = dmem_fetch_add(&charged, unit * n) + unit * n;
		dmem_stats_live(now);
		show();
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
	show();
	return n;
}

void dmem_limit_release(size_t nbytes)
{
	dmem_fetch_sub(&charged, nbytes);
	show();
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

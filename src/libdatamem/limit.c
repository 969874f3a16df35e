/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Charges bytes against limit.max. */

#include "limit.h"

#include "live.h"
#include "settings/settings.h"
#include "stats.h"

static struct {
	size_t nbytes;
} DMEM_OWN_LINES charged;

/* Blocks freed twice take the sum below zero until the mistake is found. */
static size_t sum(void)
{
	size_t now = dmem_load(&charged.nbytes);

	return now <= DMEM_SIZE_MAX ? now : 0;
}

/* Of two threads that do this at once the later may show the older sum, until
 * the next change: it is done too often for more than a store. */
static void show(void)
{
	dmem_live_store(charged_bytes, sum());
}

size_t dmem_limit_charge(size_t unit, size_t n)
{
	size_t max = dmem_setting_value(DMEM_SETTING_LIMIT_MAX);
	size_t now, room;

	if (!max) {
		dmem_fetch_add(&charged.nbytes, unit * n);
		return n;
	}
	now = dmem_load(&charged.nbytes);
	do {
		room = now > DMEM_SIZE_MAX ? max / unit : now < max ? (max - now) / unit : 0;
		n = DMEM_MIN(n, room);
		if (!n)
			return 0;
	} while (!__atomic_compare_exchange_n(&charged.nbytes, &now, now + unit * n,
					      true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return n;
}

void dmem_limit_served(void)
{
	dmem_stats_live(sum());
	show();
}

void dmem_limit_release(size_t nbytes)
{
	dmem_fetch_sub(&charged.nbytes, nbytes);
	show();
}

void dmem_limit_restore(size_t nbytes)
{
	dmem_fetch_add(&charged.nbytes, nbytes);
}

bool dmem_limit_refuses(size_t nbytes)
{
	size_t max = dmem_setting_value(DMEM_SETTING_LIMIT_MAX);
	size_t now = sum();

	return max && (now >= max || nbytes > max - now);
}

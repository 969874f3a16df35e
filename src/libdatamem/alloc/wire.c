/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What takes blocks off the fast path: accounts, profiles, tools that watch. */

#include "alloc.h"

#include <string.h>

#include "cache/cache.h"
#include "guest/guest.h"
#include "profile/profile.h"
#include "settings/settings.h"
#include "slab/slab.h"
#include "trace/trace.h"
#include "hosted.h"

static void toggled(bool on)
{
	dmem_cache_shut(DMEM_SHUT_TRACE, on);
}

static void debug_changed(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_DEBUG,
			dmem_setting_value(id) != DMEM_DEBUG_NONE);
	dmem_slab_settle();
}

/* Said by the user, the default allocator is the arena, whoever watches. */
static bool arena_is_wanted(void)
{
	char name[DMEM_SETTING_TEXT_MAX];

	dmem_setting_string(DMEM_SETTING_HANDLER, name, sizeof(name));
	return dmem_setting_origin(DMEM_SETTING_HANDLER) !=
		       DATAMEM_ORIGIN_BUILTIN &&
	       !strcmp(name, "default_allocator");
}

/* Off the fast path, where blocks are not the arena's, or all are told of. */
static void meet_guest(void)
{
	dmem_guest_init(arena_is_wanted());
	if (dmem_guest_hosted())
		dmem_hosted_init();
	if (dmem_guest_ways & (DMEM_GUEST_HOSTED | DMEM_GUEST_COUNTED))
		dmem_cache_shut(DMEM_SHUT_GUEST, true);
}

void dmem_alloc_init(void)
{
	meet_guest();
	dmem_trace_watch(toggled, dmem_slab_settle);
	dmem_profile_watch(dmem_cache_count, dmem_slab_settle);
	dmem_setting_watch(DMEM_SETTING_DEBUG, debug_changed);
	debug_changed(DMEM_SETTING_DEBUG);
}

void dmem_alloc_at_exit(void)
{
	dmem_hosted_at_exit();
}

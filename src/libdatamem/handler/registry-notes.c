/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What settings, and a process that ends, say of the registered handlers. */
#include "registry.h"

#include <stdio.h>

#include "alloc/alloc.h"
#include "guest/guest.h"
#include "log.h"
#include "builtins.h"

void dmem_registry_note(enum dmem_setting_id id DMEM_UNUSED,
			bool look DMEM_UNUSED, char *out, size_t out_size)
{
	const struct datamem_handler *now = dmem_registry_process_wide();
	const struct datamem_handler *family = dmem_builtins_family();

	if (dmem_registry_waits())
		snprintf(out, out_size,
			 "waiting: no handler of this name yet");
	else if (dmem_guest_hosted())
		snprintf(out, out_size, "blocks are on malloc, for %s; "
			 "handler=default_allocator from the start: not",
			 dmem_guest_name());
	else if (dmem_builtins_have(now) &&
		 now->allocator.free != family->allocator.free)
		snprintf(out, out_size,
			 "datamem_alloc() stays with %s, fixed at first use",
			 family->name);
	else
		snprintf(out, out_size, "%s", "");
}

void dmem_registry_note_limit(enum dmem_setting_id id, bool look DMEM_UNUSED,
			      char *out, size_t out_size)
{
	bool system = dmem_registry_process_wide()->allocator.free ==
		      dmem_alloc_system.free;

	snprintf(out, out_size, "%s",
		 !dmem_setting_value(id) ? "" :
		 system ? "blocks of the handler system do not count" :
		 dmem_registry_foreign() ?
			  "blocks of handlers of the program do not count" :
			  "");
}

void dmem_registry_at_exit(void)
{
	char name[DMEM_SETTING_TEXT_MAX];

	/* No message where nobody asked for one: a program may register it
	 * in some of its runs only. */
	if (!dmem_registry_waits() ||
	    dmem_setting_value(DMEM_SETTING_DEBUG) == DMEM_DEBUG_NONE)
		return;
	dmem_setting_string(DMEM_SETTING_HANDLER, name, sizeof(name));
	dmem_log("handler=%s: no handler of this name was registered; "
		 "default_allocator stood in", name);
}

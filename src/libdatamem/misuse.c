/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts and reports a caller's mistakes. */
#include "misuse.h"

#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "settings/settings.h"
#include "stats.h"

static const struct {
	const char *what;
	const char *size;  /* before the size */
	enum dmem_counter counter;
} misuses[] = {
	[DMEM_MISUSE_DOUBLE_FREE] = {
		"double free of", "", DMEM_COUNT_DOUBLE_FREES },
	[DMEM_MISUSE_FOREIGN_POINTER] = {
		"free or resize of foreign pointer", "",
		DMEM_COUNT_FOREIGN_POINTERS },
	[DMEM_MISUSE_LARGE_HINT] = {
		"too large size hint for", "hint ", DMEM_COUNT_LARGE_HINTS },
	[DMEM_MISUSE_OVERRUN] = {
		"write outside", "", DMEM_COUNT_OVERRUNS },
	[DMEM_MISUSE_USE_AFTER_FREE] = {
		"write after free to", "", DMEM_COUNT_USES_AFTER_FREE },
	[DMEM_MISUSE_FOREIGN_FREE] = {
		"free(3), not datamem_free(3), of", "",
		DMEM_COUNT_FOREIGN_POINTERS },
};

void dmem_misuse_report(enum dmem_misuse misuse, const char *handler,
			const void *ptr, size_t size, bool strict)
{
	dmem_misuse_report_more(misuse, handler, ptr, size, strict, "");
}

void dmem_misuse_report_more(enum dmem_misuse misuse, const char *handler,
			     const void *ptr, size_t size, bool strict,
			     const char *more)
{
	uint64_t level = dmem_setting_value(DMEM_SETTING_DEBUG);
	char digits[64] = "";

	dmem_host_call("a report of misuse");
	dmem_stats_count(misuses[misuse].counter);
	if (level == DMEM_DEBUG_NONE && strict)
		level = DMEM_DEBUG_WARN;
	if (level == DMEM_DEBUG_NONE)
		return;

	if (size)
		snprintf(digits, sizeof(digits), " (%s%zu bytes)",
			 misuses[misuse].size, size);
	dmem_log("%s %p%s by handler %s%s", misuses[misuse].what, ptr, digits,
		 handler, more);
	if (level == DMEM_DEBUG_TRAP)
		__builtin_trap();
	if (level == DMEM_DEBUG_ABORT)
		abort();
}

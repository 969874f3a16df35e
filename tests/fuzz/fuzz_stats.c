/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Statistics that a program left: read as a file and as one line. */
#include <stdlib.h>
#include <string.h>

#include "run/exit-stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(void *arg, const struct ctl_exit_stats *stats)
{
	size_t *records = arg;

	(*records)++;
	if (memchr(stats->program, '\0', sizeof(stats->program)) == NULL)
		abort();
	for (size_t i = 0; i < CTL_STATISTICS_COUNT; i++)
		if (!stats->statistics.known[i] && stats->statistics.values[i] != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl_exit_stats stats;
	size_t records = 0, malformed, lines = 0;
	FILE *file;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || i + 1 == size;
	if (ctl_exit_stats_parse((const char *)data, size, &stats))
		check_record(&records, &stats);
	records = 0;
	file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (file == NULL)
		return 0;
	malformed = ctl_exit_stats_read(file, check_record, &records);
	fclose(file);
	if (records + malformed != lines)
		abort();
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Break a handler while a buffer of it lives: leaks, no report. */
#include "misuse.h"

int main(void)
{
	static struct datamem_handler mine;
	struct datamem_stats stats;
	struct datamem_buffer buffer;

	strcpy(mine.name, "mine");
	mine.version = DATAMEM_HANDLER_VERSION;
	mine.allocator = datamem_handler_default()->allocator;
	if (!datamem_handler_set(&mine) || datamem_buffer_init(&buffer, 100))
		return 99;
	culprit(buffer.data);
	memset(&mine, 0, sizeof(mine));
	datamem_buffer_release(&buffer);
	datamem_handler_set(NULL);
	if (datamem_stats_get(&stats, sizeof(stats)) ||
	    stats.leaked_blocks != 1)
		return EXIT_FAILURE;
	return sound();
}

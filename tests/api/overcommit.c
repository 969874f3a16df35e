/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * For check-overcommit.sh: says "ready" with 2 GiB retained, waits for a line,
 * and by then the kernel has 1 GiB to give. Exit status 0: all as it should be.
 */
#include <datamem.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

#define MIB ((size_t)1 << 20)

#define PAIRS 256
#define HOLE (8 * MIB)
#define WALL (2 * MIB)
/* More than there is, less than there is with what is retained. */
#define LARGE (2560 * MIB)
#define TOO_LARGE ((size_t)1 << 42)

static unsigned char *walls[PAIRS];

static struct datamem_stats stats_now(void)
{
	struct datamem_stats stats;

	datamem_stats_get(&stats, sizeof(stats));
	return stats;
}

/* Nothing but the walls is touched: what is mapped counts as much. */
static void retain(void)
{
	void *holes[PAIRS];

	datamem_setting_set("retain.max", "1T");
	datamem_setting_set("retain.age", "3600000");
	for (size_t i = 0; i < PAIRS; i++) {
		holes[i] = datamem_alloc(HOLE);
		walls[i] = datamem_alloc(WALL);
		must(holes[i] && walls[i], "memory before");
		walls[i][0] = walls[i][WALL - 1] = (unsigned char)i;
	}
	for (size_t i = 0; i < PAIRS; i++)
		datamem_free(holes[i], HOLE);
	must(stats_now().retained_bytes + stats_now().lazy_bytes >=
	     PAIRS * HOLE, "retained");
}

static void expect_walls(void)
{
	for (size_t i = 0; i < PAIRS; i++)
		must(walls[i][0] == (unsigned char)i &&
		     walls[i][WALL - 1] == (unsigned char)i, "contents");
}

static void in_need(void)
{
	struct datamem_stats before = stats_now(), after;
	void *ptr = datamem_alloc(LARGE);

	must(ptr, "memory after giving back");
	after = stats_now();
	must(after.purged_bytes - before.purged_bytes >= PAIRS * HOLE,
	     "all given back");
	must(!after.retained_bytes && !after.lazy_bytes, "nothing retained");
	expect_walls();
	datamem_free(ptr, LARGE);
	for (int i = 0; i < 2; i++) {
		errno = 0;
		must(!datamem_alloc(TOO_LARGE) && errno == ENOMEM, "refused");
		errno = 0;
		must(!datamem_realloc(walls[0], TOO_LARGE) && errno == ENOMEM,
		     "refused to grow");
		ptr = datamem_alloc_zeroed(LARGE, 1);
		must(ptr, "memory after a refusal");
		datamem_free(ptr, LARGE);
		free(malloc(10 * MIB));
	}
	expect_walls();
}

int main(void)
{
	char line[8];

	retain();
	puts("ready");
	fflush(stdout);
	must(fgets(line, sizeof(line), stdin), "told to go on");
	in_need();
	for (size_t i = 0; i < PAIRS; i++)
		datamem_free(walls[i], WALL);
	datamem_trim(0);
	must(!stats_now().live_blocks && !stats_now().mapped_bytes,
	     "nothing left");
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Show the memory that the library holds before and after a trim. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *when)
{
	struct datamem_stats stats;

	if (datamem_stats_get(&stats, sizeof(stats)) != 0)
		return;
	printf("%s: live %zu, peak %zu, cached %zu, retained %zu\n", when,
	       stats.live_bytes, stats.peak_bytes, stats.cached_bytes,
	       stats.retained_bytes);
}

int main(void)
{
	enum { COUNT = 100 };
	void *small[COUNT];
	const size_t large_size = 32 << 20;
	char *large = datamem_alloc(large_size);

	if (!large) {
		perror("datamem_alloc");
		return EXIT_FAILURE;
	}
	memset(large, 0, large_size);
	for (int i = 0; i < COUNT; i++)
		small[i] = datamem_alloc(500);
	show("used");

	for (int i = 0; i < COUNT; i++)
		datamem_free(small[i], 500);
	datamem_free(large, large_size);
	show("freed");

	printf("given back: %zu\n", datamem_trim(0));
	datamem_peak_reset();
	show("trimmed");
	return EXIT_SUCCESS;
}

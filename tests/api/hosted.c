/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What the interface promises, for a process in which a tool watches the
 * memory, so that blocks are malloc's. Makes no mistake that the tool would
 * report; says "hosted" and what does not hold.
 */
#include <datamem.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define HOLDS(what)                                                          \
	do {                                                                 \
		if (!(what)) {                                               \
			printf("line %d: not %s\n", __LINE__, #what);        \
			failures++;                                          \
		}                                                            \
	} while (0)

static int aligned(const void *ptr, size_t align)
{
	return (uintptr_t)ptr % align == 0;
}

static int all_are(const char *ptr, char byte, size_t nbytes)
{
	while (nbytes-- > 0)
		if (*ptr++ != byte)
			return 0;
	return 1;
}

static const size_t sizes[] = {
	1, 15, 16, 17, 100, 1000, 1023, 1024, 1025, 4096, 65535, 65536, 100000,
	131072, 131073, 1000000, 8388608, 8388609,
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void plain(size_t nbytes)
{
	char *ptr = datamem_alloc(nbytes);

	HOLDS(ptr && aligned(ptr, nbytes < 1024 ? 16 : 64));
	HOLDS(datamem_usable_size(ptr) == nbytes);
	memset(ptr, 7, nbytes);
	ptr = datamem_realloc(ptr, 2 * nbytes);
	HOLDS(ptr && all_are(ptr, 7, nbytes));
	memset(ptr, 8, 2 * nbytes);
	ptr = datamem_realloc(ptr, nbytes);
	HOLDS(ptr && all_are(ptr, 8, nbytes));
	HOLDS(datamem_usable_size(ptr) == nbytes);
	HOLDS(datamem_try_resize(ptr, nbytes + 1) == -ENOSPC);
	HOLDS(!datamem_try_resize(ptr, nbytes / 2 + 1));
	HOLDS(datamem_usable_size(ptr) == nbytes / 2 + 1);
	HOLDS(!datamem_try_resize(ptr, nbytes));
	memset(ptr, 9, nbytes);
	errno = 77;
	datamem_free(ptr, 1);
	HOLDS(errno == 77);

	ptr = datamem_alloc_zeroed(nbytes, 1);
	HOLDS(ptr && all_are(ptr, 0, nbytes));
	HOLDS(aligned(ptr, nbytes < 1024 ? 16 : 64));
	datamem_free(ptr, nbytes);
	ptr = datamem_alloc_lazy(nbytes, 1);
	HOLDS(ptr && all_are(ptr, 0, nbytes));
	datamem_free(ptr, 0);
}

static void with_alignment(size_t nbytes, size_t align)
{
	char *ptr = datamem_alloc_aligned(nbytes, align);

	HOLDS(ptr && aligned(ptr, align));
	memset(ptr, 5, nbytes);
	ptr = datamem_realloc(ptr, nbytes + 100);
	HOLDS(ptr && aligned(ptr, align) && all_are(ptr, 5, nbytes));
	datamem_free(ptr, nbytes);
}

/* Counted, not handed on. */
static void wrong_sizes(void)
{
	struct datamem_stats before, after;
	void *ptr = datamem_alloc(100);

	datamem_stats_get(&before, sizeof(before));
	HOLDS(before.hosted_bytes >= 100 && before.live_bytes >= 100);
	datamem_free(ptr, 101);
	datamem_stats_get(&after, sizeof(after));
	HOLDS(after.large_hints == before.large_hints + 1);
	HOLDS(after.hosted_bytes == before.hosted_bytes - 100);
	HOLDS(after.frees == before.frees + 1);
	HOLDS(after.hosted_allocs == before.hosted_allocs);
	HOLDS(!datamem_alloc(SIZE_MAX) && errno == ENOMEM);
	HOLDS(!datamem_alloc_array(SIZE_MAX / 2, 3) && errno == ENOMEM);
}

static void limits(void)
{
	struct datamem_stats stats;
	char text[32];
	void *ptr;

	datamem_stats_get(&stats, sizeof(stats));
	snprintf(text, sizeof(text), "%zu", stats.live_bytes + 100000);
	HOLDS(!datamem_setting_set("limit.max", text));
	ptr = datamem_alloc(90000);
	HOLDS(ptr && !datamem_alloc(90000) && errno == ENOMEM);
	/* A shrink never fails. */
	ptr = datamem_realloc(ptr, 80000);
	HOLDS(ptr && datamem_usable_size(ptr) == 80000);
	datamem_free(ptr, 80000);
	HOLDS(!datamem_setting_set("limit.max", "0"));
}

static void other_doors(void)
{
	const struct datamem_handler *apart = datamem_handler_find("datamem");
	struct datamem_trace_totals totals;
	struct datamem_buffer buffer;
	intptr_t *dims = datamem_dims_alloc(1);
	char *ptr = datamem_handler_alloc(apart, 100);

	dims[1] = 1;
	datamem_dims_free(dims, 1);
	/* Nothing is added to keep blocks apart. */
	HOLDS(datamem_usable_size(ptr) == 100);
	ptr = datamem_handler_realloc(apart, ptr, 200);
	HOLDS(datamem_usable_size(ptr) == 200);
	ptr = datamem_handler_realloc(apart, ptr, 50);
	HOLDS(datamem_usable_size(ptr) == 50);
	datamem_handler_free(apart, ptr, 50);

	HOLDS(!datamem_trace_start());
	HOLDS(!datamem_buffer_init_zeroed(&buffer, 1000, 3));
	HOLDS(all_are(buffer.data, 0, 3000));
	HOLDS(!datamem_buffer_resize(&buffer, 5000));
	HOLDS(!datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
					sizeof(totals)));
	HOLDS(totals.blocks == 1 && totals.bytes == 5000);
	datamem_buffer_release(&buffer);
	datamem_trace_stop();
	HOLDS(!datamem_trim(0));
}

/* More than the first tables hold. */
static void many(void)
{
	enum { COUNT = 60000 };
	void **blocks = malloc(COUNT * sizeof(*blocks));
	struct datamem_stats stats;

	for (size_t i = 0; i < COUNT; i++)
		blocks[i] = datamem_alloc(i % 50);
	for (size_t i = 0; i < COUNT; i++)
		HOLDS(datamem_usable_size(blocks[i]) ==
		      (i % 50 ? i % 50 : 1));
	for (size_t i = 0; i < COUNT; i++)
		datamem_free(blocks[i], i % 50);
	free(blocks);
	datamem_stats_get(&stats, sizeof(stats));
	HOLDS(!stats.live_bytes && !stats.live_blocks && !stats.hosted_bytes);
}

int main(void)
{
	struct datamem_build_info info;

	HOLDS(!datamem_build_info_get(&info, sizeof(info)));
	HOLDS(!strcmp(info.blocks, "malloc") && *info.tool);
	for (size_t i = 0; i < SIZES; i++)
		plain(sizes[i]);
	for (size_t align = 1; align <= (size_t)2 << 20; align *= 2)
		with_alignment(align * 3 / 2 + 1, align);
	wrong_sizes();
	limits();
	other_doors();
	many();
	if (!failures)
		printf("hosted by %s\n", info.tool);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

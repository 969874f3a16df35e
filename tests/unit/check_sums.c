/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Numbers that are added up of parts which change meanwhile. */
#include "arena/shelf.h"

#include <pthread.h>

#include "alloc/hosted.h"
#include "library.h"
#include "processor.h"

#define SIZE (DMEM_MIB / 2)

/* There are as many shelves as there can be; which one a thread is at. */
unsigned int __wrap_dmem_kernel_processors(void);
unsigned int __wrap_dmem_kernel_processors(void)
{
	return LIVE_SHELVES;
}

static __thread unsigned int processor;
unsigned int __wrap_dmem_kernel_processor(void);
unsigned int __wrap_dmem_kernel_processor(void)
{
	return processor;
}

/* Time stands still: as it goes by, shelves are cleared. */
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return 1000000;
}

static void setup(void)
{
	set("control", "off");
	/* The first free ages once, as it reads the limits. */
	datamem_free(datamem_alloc(SIZE), SIZE);
	datamem_trim(0);
}

static bool stop;

/* One block, that goes from the first shelf to the last. */
static void *carry(void *arg)
{
	while (!dmem_load(&stop)) {
		char *ptr;

		processor = 0;
		ptr = datamem_alloc(SIZE);
		processor = LIVE_SHELVES - 1;
		datamem_free(ptr, SIZE);
		/* And back. */
		ptr = datamem_alloc(SIZE);
		processor = 0;
		datamem_free(ptr, SIZE);
	}
	return arg;
}

/* A block is never counted as freed that is not counted as made. */
START_TEST(a_block_goes_from_shelf_to_shelf)
{
	unsigned int rounds = (HARNESS_TSAN ? 2000 : 40000) *
			      (unsigned int)harness_times(1, 10);
	struct datamem_stats stats;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, carry, NULL), 0);
	for (unsigned int i = 0; i < rounds; i++) {
		stats = stats_now();
		ck_assert_uint_le(stats.live_blocks, 1);
		ck_assert_uint_le(stats.live_bytes, SIZE);
		ck_assert_uint_le(stats.peak_bytes, DMEM_GIB);
		ck_assert_uint_eq(stats.allocs - stats.frees,
				  stats.live_blocks);
	}
	dmem_store(&stop, true);
	pthread_join(thread, NULL);
}
END_TEST

/* As in a process that a tool watches: there all modules have a part. */
START_TEST(every_module_has_its_part)
{
	size_t before;

	dmem_hosted_init();
	before = stats_now().meta_bytes;
	ck_assert_int_eq(datamem_trace_start(), 0);
	ck_assert_uint_gt(stats_now().meta_bytes, before);
	datamem_trace_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sums");
	TCase *tcase = tcase_create("sums of what changes");

	tcase_set_timeout(tcase, 240);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_block_goes_from_shelf_to_shelf);
	tcase_add_test(tcase, every_module_has_its_part);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

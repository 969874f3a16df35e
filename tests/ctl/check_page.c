/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is read of a control page while its process goes on. */

#include "config.h"

#include "harness.h"

#include <datamem.h>

#include "process/page.h"

#include <string.h>
#include <unistd.h>

#define BLOCK ((uint64_t)1 << 20)

static union {
	struct live_process process;
	char bytes[LIVE_PROCESS_BYTES];
} page;

static void setup(void)
{
	struct live_header *h = &page.process.header;

	memset(&page, 0, sizeof(page));
	*h = (struct live_header) {
		.layout = LIVE_LAYOUT,
		.header_bytes = sizeof(*h),
		.file_bytes = sizeof(page),
		.numbers_offset = offsetof(struct live_process, numbers),
		.numbers_bytes = sizeof(struct live_numbers),
		.classes_offset = offsetof(struct live_process, classes),
		.classes_count = 1,
		.request_offset = offsetof(struct live_process, request),
		.request_bytes = sizeof(struct live_request),
		.settings_offset = offsetof(struct live_process, settings),
		.setting_bytes = sizeof(struct live_setting),
		.slots_offset = sizeof(page),
		.slot_bytes = 4096,
		.counts_offset = sizeof(struct live_slot),
		.counts_count = 1,
		.counts_bytes = sizeof(struct live_counts),
		.shelves_offset = offsetof(struct live_process, shelves),
		.shelves_count = 2,
		.shelf_bytes = sizeof(struct live_shelf),
	};
	memcpy(h->magic, LIVE_MAGIC, sizeof(h->magic));
}

/* A block that was made after the numbers were read, and has come to a shelf
 * before that was read. */
static bool read_meanwhile(const struct ctl_source *source, void *out, size_t n,
			   uint64_t offset)
{
	struct live_shelf *shelf = &page.process.shelves[1];

	if (offset == offsetof(struct live_process, shelves)) {
		shelf->frees = 1;
		shelf->nbytes = -BLOCK;
		shelf->kept = BLOCK;
		shelf->charged = BLOCK;
	}
	memcpy(out, (const char *)source->bytes + offset, n);
	return true;
}

static uint64_t value(const struct ctl_page *read, enum ctl_statistic which)
{
	return read->statistics.values[which];
}

START_TEST(no_number_is_below_zero)
{
	struct ctl_source source = { read_meanwhile, sizeof(page), -1, &page };
	static struct ctl_page read;

	ck_assert_ptr_null(ctl_page_read(&source, &read));
	ck_assert_uint_eq(value(&read, CTL_STATISTIC_LIVE), 0);
	ck_assert_uint_le(value(&read, CTL_STATISTIC_HELD), BLOCK);
	ck_assert_uint_eq(read.numbers.large_blocks, 0);
	ck_assert_uint_eq(read.numbers.large_bytes, 0);
	ck_assert_uint_eq(read.numbers.used_bytes, 0);
	ck_assert_uint_eq(read.numbers.charged_bytes, 0);
	ck_assert_uint_eq(read.numbers.large_frees, 1);
	ck_assert_uint_eq(read.numbers.retained_bytes, BLOCK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("page");
	TCase *tc = tcase_create("page");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, no_number_is_below_zero);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

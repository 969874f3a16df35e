/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* From events to the lines of a recording, whatever events come. */
#include "tool.h"

#include "harness.h"

#include "../../src/datamem-measure/record/follow.h"
#include "../../src/datamem-measure/record/ring.h"

static struct record_follow *follow;
static uint64_t now;

static void begin(void)
{
	follow = record_follow_new(4096, 77);
	now = 1000;
}

static void end(void)
{
	record_follow_free(follow);
}

static void tell(enum events_op op, uint64_t address, uint64_t size,
		 uint32_t tid)
{
	const struct events_entry entry = {
		.tid = tid,
		.address = address,
		.what = EVENTS_WHAT(op, 0, size),
		.time = now += 10,
	};

	record_follow_event(follow, &entry);
}

static void expect(const char *text)
{
	size_t n;
	const char *lines = record_follow_lines(follow, &n);

	ck_assert_uint_eq(n, strlen(text));
	ck_assert_msg(!n || !memcmp(lines, text, n), "%.*s", (int)n, lines);
}

START_TEST(the_list_comes_first_without_what_events_told)
{
	tell(EVENTS_ALLOC, 0x1000, 5000, 78);   /* before it is listed */
	tell(EVENTS_FREE, 0x2000, 0, 77);       /* of before: not in the file */
	tell(EVENTS_LIST_BEGIN, 0, 0, 79);
	tell(EVENTS_LISTED, 0x1000, 5120, 79);
	tell(EVENTS_LISTED, 0x2000, 5120, 79);
	tell(EVENTS_LISTED, 0x3000, 6000, 79);
	tell(EVENTS_LISTED, 0x4000, 6000, 79);
	tell(EVENTS_FREE, 0x4000, 0, 78);
	expect("");
	tell(EVENTS_LIST_END, 0, 2, 79);
	expect("a 0 2 6000 0\na 0 3 6000 0\n"
	       "a 1 1 5000 0\nf 1 3 6000 70\n");
	ck_assert_uint_eq(record_follow_state(follow)->listed, 2);
	ck_assert_uint_eq(record_follow_state(follow)->list_missing, 2);
	/* Listed while it was being made: it is the one that is made. */
	tell(EVENTS_ALLOC, 0x3000, 5500, 77);
	expect("f 0 2 6000 20\na 0 4 5500 0\n");
	/* Too late. */
	tell(EVENTS_LISTED, 0x9000, 5500, 77);
	expect("");
}
END_TEST

START_TEST(a_resize_is_its_two_halves)
{
	record_follow_no_list(follow);
	tell(EVENTS_ALLOC, 0x1000, 5000, 77);
	tell(EVENTS_TAKE, 0x1000, 0, 77);
	/* Its address is another's before the resize returns. */
	tell(EVENTS_ALLOC, 0x1000, 6000, 78);
	tell(EVENTS_RESIZE, 0x2000, 8000, 77);
	expect("a 0 1 5000 0\na 1 2 6000 20\nr 0 1 8000 10\n");
	tell(EVENTS_TAKE, 0x2000, 0, 77);
	tell(EVENTS_KEEP, 0x2000, 0, 77);
	expect("");
	tell(EVENTS_TAKE, 0x2000, 0, 77);
	tell(EVENTS_RESIZE, 0x2000, 100, 77);
	expect("f 0 1 8000 40\n");
	/* One that was small becomes large. */
	tell(EVENTS_RESIZE, 0x5000, 9000, 78);
	tell(EVENTS_FREE, 0x5000, 0, 77);
	expect("a 1 3 9000 10\nf 0 3 9000 10\n");
}
END_TEST

START_TEST(lost_events_leave_a_sound_recording)
{
	record_follow_no_list(follow);
	tell(EVENTS_FREE, 0x1000, 0, 77);
	tell(EVENTS_KEEP, 0x1000, 0, 77);
	expect("");
	tell(EVENTS_ALLOC, 0x1000, 5000, 77);
	tell(EVENTS_ZEROED, 0x1000, 6000, 77);
	expect("a 0 1 5000 0\nf 0 1 5000 10\nz 0 2 6000 0\n");
	tell(EVENTS_TAKE, 0x1000, 0, 77);
	tell(EVENTS_ALLOC, 0x2000, 7000, 77);
	tell(EVENTS_TAKE, 0x2000, 0, 77);
	expect("a 0 3 7000 20\nf 0 2 6000 10\n");
	tell(EVENTS_ALLOC, 0x1000, 100, 77);
	tell(0, 0x1000, 100, 77);
	tell(200, 0x1000, 100, 77);
	tell(EVENTS_ALLOC, 0, 10000, 77);
	expect("");
}
END_TEST

START_TEST(threads_have_numbers_as_long_as_there_are_any)
{
	size_t n;

	record_follow_no_list(follow);
	for (uint32_t i = 0; i < 1500; i++)
		tell(EVENTS_ALLOC, 0x100000 + 16 * i, 5000, 1000 + i);
	ck_assert_ptr_nonnull(record_follow_lines(follow, &n));
	tell(EVENTS_FREE, 0x100000, 0, 1000);
	tell(EVENTS_FREE, 0x100010, 0, 77);
	tell(EVENTS_FREE, 0x100020, 0, 5000);
	expect("f 1 1 5000 10\nf 0 2 5000 10\nf 1023 3 5000 10\n");
}
END_TEST

START_TEST(a_ring_is_read_in_order_and_checked)
{
	static struct {
		struct events_header header;
		struct events_entry entries[8];
	} file;
	struct events_entry entry;
	struct record_ring ring;

	ck_assert_ptr_nonnull(record_ring_open(&file, sizeof(file), &ring));
	file.header = (struct events_header) {
		.magic = EVENTS_MAGIC,
		.layout = EVENTS_LAYOUT,
		.header_bytes = sizeof(file.header),
		.entry_bytes = sizeof(entry),
		.entries_offset = sizeof(file.header),
		.entries_count = 8,
		.state = EVENTS_RUNS,
	};
	ck_assert_ptr_null(record_ring_open(&file, sizeof(file), &ring));
	ck_assert_ptr_nonnull(record_ring_open(&file, sizeof(file) - 1, &ring));
	file.header.entries_count = 7;
	ck_assert_ptr_nonnull(record_ring_open(&file, sizeof(file), &ring));
	/* Each that is looked at is memory of ours. */
	file.header.entries_count = UINT32_C(1) << 24;
	ck_assert_ptr_nonnull(record_ring_open(&file, UINT64_C(1) << 40,
					       &ring));
	file.header.entries_count = 8;
	file.header.entries_offset = UINT64_MAX - 7;
	ck_assert_ptr_nonnull(record_ring_open(&file, sizeof(file), &ring));
	file.header.entries_offset = sizeof(file.header);
	ck_assert_ptr_null(record_ring_open(&file, sizeof(file), &ring));
	ck_assert(!record_ring_take(&ring, &entry));
	ck_assert(!record_ring_skip(&ring));
	/* The first was never finished. */
	file.entries[1].seq = 2;
	file.entries[1].address = 55;
	ck_assert(!record_ring_take(&ring, &entry));
	ck_assert(record_ring_skip(&ring));
	ck_assert(record_ring_take(&ring, &entry));
	ck_assert_uint_eq(entry.address, 55);
	record_ring_release(&ring);
	ck_assert_uint_eq(file.header.tail, 2);
	ck_assert_uint_eq(file.header.beat, 1);
	ck_assert(!record_ring_take(&ring, &entry));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = tcase_create("follow");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, the_list_comes_first_without_what_events_told);
	tcase_add_test(tcase, a_resize_is_its_two_halves);
	tcase_add_test(tcase, lost_events_leave_a_sound_recording);
	tcase_add_test(tcase, threads_have_numbers_as_long_as_there_are_any);
	tcase_add_test(tcase, a_ring_is_read_in_order_and_checked);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

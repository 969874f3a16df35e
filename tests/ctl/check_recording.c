/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The reader of recordings: sound files are read, others refused. */

#include "config.h"

#include "harness.h"

#include "../../src/datamem-measure/replay/recording.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define HEADER "# datamem-trace 1\n"

static char error[512];

static int memory_file(const void *data, size_t size)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_bytes(const void *data, size_t size, struct recording *out)
{
	error[0] = '\0';
	return recording_read_fd(memory_file(data, size), "t", out, error,
				 sizeof(error));
}

static int read_text(const char *text, struct recording *out)
{
	return read_bytes(text, strlen(text), out);
}

/* gzip's own form of a text; returns its size. */
static size_t compress_text(const char *text, unsigned char *out, size_t room)
{
	z_stream z = { 0 };

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (unsigned int)strlen(text);
	z.next_out = out;
	z.avail_out = (unsigned int)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static const char sound[] = HEADER
	"# two threads\n"
	"a 7 900 100 0\n"
	"z 7 5 50 10\n"
	"# in between\n"
	"r 2 900 300 20\n"
	"f 2 5 1 0\n"
	"a 7 6 0 3\n";

static void check_sound(struct recording *t)
{
	ck_assert_uint_eq(t->n_events, 5);
	ck_assert_uint_eq(t->n_blocks, 3);
	ck_assert_uint_eq(t->n_threads, 2);
	ck_assert_uint_eq(t->peak_bytes, 350);
	ck_assert_uint_eq(t->peak_event, 2);
	ck_assert_uint_eq(t->recorded_ns, 33);
	ck_assert_uint_eq(t->events[0].op, RECORDING_ALLOC);
	ck_assert_uint_eq(t->events[1].op, RECORDING_ZEROED);
	ck_assert_uint_eq(t->events[2].op, RECORDING_RESIZE);
	ck_assert_uint_eq(t->events[3].op, RECORDING_FREE);
	/* Names become numbers in order of appearance. */
	ck_assert_uint_eq(t->events[0].block, 0);
	ck_assert_uint_eq(t->events[2].block, 0);
	ck_assert_uint_eq(t->events[3].block, 1);
	ck_assert_uint_eq(t->events[4].block, 2);
	ck_assert_uint_eq(t->events[0].thread, 0);
	ck_assert_uint_eq(t->events[2].thread, 1);
	ck_assert_uint_eq(t->events[3].nbytes, 1);
	/* A size of 0 counts as 1. */
	ck_assert_uint_eq(t->events[4].nbytes, 1);
	recording_release(t);
}

START_TEST(plain_text_is_read)
{
	struct recording t;

	ck_assert_int_eq(read_text(sound, &t), 0);
	check_sound(&t);
}
END_TEST

START_TEST(gzip_is_read)
{
	unsigned char data[1024];
	size_t size = compress_text(sound, data, sizeof(data));
	struct recording t;

	ck_assert_int_eq(read_bytes(data, size, &t), 0);
	check_sound(&t);
}
END_TEST

START_TEST(gzip_cut_off_anywhere_is_refused)
{
	unsigned char data[1024];
	size_t size = compress_text(sound, data, sizeof(data));

	for (size_t n = 0; n < size; n++) {
		struct recording t;

		/* gzip begins with two bytes. */
		ck_assert_int_eq(read_bytes(data, n, &t),
				 n < 2 ? -ENOEXEC : -EBADMSG);
		ck_assert_ptr_eq(strstr(error, "t:"), error);
	}
}
END_TEST

START_TEST(damaged_gzip_is_refused)
{
	unsigned char data[1024];
	size_t size = compress_text(sound, data, sizeof(data));
	struct recording t;

	/* The check sum, of the last 8 bytes the first 4. */
	data[size - 8] ^= 1;
	ck_assert_int_eq(read_bytes(data, size, &t), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error, "damaged gzip data"));
}
END_TEST

static const struct {
	const char *text;       /* after the header */
	const char *message;    /* after "t:" */
} refused[] = {
	{ "", "1: no events" },
	{ "# nothing\n", "2: no events" },
	{ "\n", "2: no event" },
	{ "a 0 1 8 0", "2: no line break at the end" },
	{ "a 0 1 8 0\r\n", "2: carriage return" },
	{ "x 0 1 8 0\n", "2: no event" },
	{ "aa 0 1 8 0\n", "2: the event is not followed by" },
	{ " a 0 1 8 0\n", "2: no event" },
	{ "a  0 1 8 0\n", "2: the thread is not a number" },
	{ "a 0 1 8\n", "2: the size is not followed by a single space" },
	{ "a 0 1 8 \n", "2: the time is not a number" },
	{ "a 0 1 8 0 \n", "2: the time is not followed by the end" },
	{ "a 0 1 8 0 0\n", "2: the time is not followed by the end" },
	{ "a 0\t1 8 0\n", "2: the thread is not followed by" },
	{ "a -1 1 8 0\n", "2: the thread is not a number" },
	{ "a 0 1 +8 0\n", "2: the size is not a number" },
	{ "a 0 1 0x8 0\n", "2: the size is not followed by" },
	{ "a 1024 1 8 0\n", "2: the thread is too large" },
	{ "a 0 0 8 0\n", "2: blocks are numbered from 1" },
	{ "a 0 9223372036854775808 8 0\n", "2: the block is too large" },
	{ "a 0 18446744073709551617 8 0\n", "2: the block is too large" },
	{ "a 0 99999999999999999999999999 8 0\n",
	  "2: the block is too large" },
	{ "a 0 1 9223372036854775808 0\n", "2: the size is too large" },
	{ "a 0 1 8 18446744073709551616\n", "2: the time is too large" },
	{ "a 0 1 8 0\n#\na 0 1 8 0\n", "4: block 1 was allocated before" },
	{ "a 0 1 8 0\nf 0 1 8 0\na 0 1 8 0\n",
	  "4: block 1 was allocated before" },
	{ "f 0 1 8 0\n", "2: block 1 was never allocated" },
	{ "r 0 3 8 0\n", "2: block 3 was never allocated" },
	{ "a 0 1 8 0\nf 0 1 8 0\nf 0 1 8 0\n", "4: block 1 was freed before" },
	{ "a 0 1 8 0\nf 0 1 8 0\nr 0 1 8 0\n", "4: block 1 was freed before" },
	{ "a 0 1 9223372036854775807 0\na 0 2 9223372036854775807 0\n"
	  "a 0 3 2 0\n", "4: the sizes of live blocks overflow" },
};

START_TEST(unsound_recordings_name_file_and_line)
{
	char text[512], expected[128];
	struct recording t;

	snprintf(text, sizeof(text), HEADER "%s", refused[_i].text);
	snprintf(expected, sizeof(expected), "t:%s", refused[_i].message);
	ck_assert_int_eq(read_text(text, &t), -EBADMSG);
	ck_assert_msg(strstr(error, expected) == error,
		      "\"%s\" instead of \"%s\"", error, expected);
}
END_TEST

START_TEST(only_recordings_are_recordings)
{
	static const char *const texts[] = {
		"", "a 0 1 8 0\n", "# datamem-trace 2\na 0 1 8 0\n",
		"# datamem-trace 1 \na 0 1 8 0\n", "# datamem", "\n",
		"\n# datamem-trace 1\na 0 1 8 0\n", "\177ELF\r\n",
	};
	static char one_line[3 * RECORDING_MAX_LINE];
	struct recording t;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_int_eq(read_text(texts[i], &t), -ENOEXEC);
		ck_assert_ptr_eq(strstr(error, "t:1: not a recording"), error);
	}
	memset(one_line, 'x', sizeof(one_line));
	ck_assert_int_eq(read_bytes(one_line, sizeof(one_line), &t), -ENOEXEC);
	ck_assert_ptr_eq(strstr(error, "t:1: not a recording"), error);
}
END_TEST

/* What begins as one is one, with a fault that has a name. */
START_TEST(first_lines_with_a_fault)
{
	static const struct {
		const char *text, *message;
	} faulty[] = {
		{ "# datamem-trace 1", "t:1: no line break" },
		{ "# datamem-trace 1\r\na 0 1 8 0\r\n",
		  "t:1: carriage return" },
	};

	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		struct recording t;

		ck_assert_int_eq(read_text(faulty[i].text, &t), -EBADMSG);
		ck_assert_ptr_eq(strstr(error, faulty[i].message), error);
	}
}
END_TEST

START_TEST(size_and_sum_of_largest_are_accepted)
{
	struct recording t;

	ck_assert_int_eq(read_text(HEADER
		"a 0 9223372036854775807 9223372036854775807 0\n"
		"f 0 9223372036854775807 0 18446744073709551615\n"
		"a 0 1 9223372036854775807 18446744073709551615\n", &t), 0);
	ck_assert_uint_eq(t.peak_bytes, 9223372036854775807u);
	ck_assert_uint_eq(t.peak_event, 0);
	ck_assert_uint_eq(t.recorded_ns, UINT64_MAX);
	recording_release(&t);
}
END_TEST

/* Lines up to the limit, also where they cross the end of a buffer. */
START_TEST(lines_have_a_limit)
{
	enum { LINES = 100 };
	static char text[LINES * RECORDING_MAX_LINE];
	struct recording t;
	char *p = text;

	p += sprintf(p, HEADER);
	for (int i = 0; i < 60; i++) {
		memset(p, '#', RECORDING_MAX_LINE - 1);
		p += RECORDING_MAX_LINE - 1;
		*p++ = '\n';
	}
	p += sprintf(p, "a 0 1 8 0\n");
	ck_assert_int_eq(read_text(text, &t), 0);
	ck_assert_uint_eq(t.n_events, 1);
	recording_release(&t);

	memset(p, '#', RECORDING_MAX_LINE);
	p[RECORDING_MAX_LINE] = '\0';
	ck_assert_int_eq(read_text(text, &t), -EBADMSG);
	ck_assert_ptr_eq(strstr(error, "t:63: line longer than"), error);
	p[RECORDING_MAX_LINE] = '\n';
	ck_assert_int_eq(read_text(text, &t), -EBADMSG);
	ck_assert_ptr_eq(strstr(error, "t:63: line longer than"), error);
}
END_TEST

START_TEST(many_names_in_any_order_are_kept_apart)
{
	enum { N = 5000 };      /* names are distinct: 1000003 is a prime */
	static char text[2 * N * 40];
	struct recording t;
	char *p = text;

	p += sprintf(p, HEADER);
	for (unsigned int i = 1; i <= N; i++)
		p += sprintf(p, "a 0 %u %u 0\n", i * 7919 % 1000003, i);
	for (unsigned int i = N; i >= 1; i--)
		p += sprintf(p, "f 0 %u 0 0\n", i * 7919 % 1000003);
	ck_assert_int_eq(read_text(text, &t), 0);
	ck_assert_uint_eq(t.n_blocks, N);
	for (unsigned int i = 0; i < N; i++) {
		ck_assert_uint_eq(t.events[i].block, i);
		ck_assert_uint_eq(t.events[2 * N - 1 - i].block, i);
	}
	recording_release(&t);
}
END_TEST

START_TEST(comments_tell_of_the_program)
{
	static const char text[] = HEADER
		"# program: ./job 7\n"
		"# allocator: /lib/libc.so.6\n"
		"# libdatamem: accounts\n"
		"a 0 1 100 0\n"
		"# hugepage-advice: 8000000\n"
		"# cpu-ns: 123\n"
		"# system-ns: 23\n"
		"# faults: -5\n"
		"# peak-rss: 99999999999999999999999\n"
		"# wall-ns:7\n"
		"#cpu-ns: 8\n";
	struct recording t;

	ck_assert_int_eq(read_text(text, &t), 0);
	ck_assert_str_eq(t.facts.program, "./job 7");
	ck_assert_str_eq(t.facts.allocator, "/lib/libc.so.6");
	ck_assert_str_eq(t.facts.tunables, "");
	ck_assert(t.facts.libdatamem && !t.facts.cut);
	ck_assert_uint_eq(t.facts.hugepage_advice, 8000000);
	ck_assert_uint_eq(t.facts.cpu_ns, 123);
	ck_assert_uint_eq(t.facts.system_ns, 23);
	ck_assert_uint_eq(t.facts.faults, 0);
	ck_assert_uint_eq(t.facts.peak_rss, INT64_MAX);
	ck_assert_uint_eq(t.facts.wall_ns, 0);
	recording_release(&t);
}
END_TEST

START_TEST(a_zero_at_the_beginning_of_a_line_is_the_end)
{
	static const char text[] = HEADER "a 0 1 100 0\n\0 0 2 100 0\nx\n";
	char zeros[RECORDING_MAX_LINE * 3] = HEADER "a 0 1 100 0\n";
	struct recording t;

	ck_assert_int_eq(read_bytes(text, sizeof(text) - 1, &t), 0);
	ck_assert_uint_eq(t.n_events, 1);
	recording_release(&t);
	ck_assert_int_eq(read_bytes(zeros, sizeof(zeros), &t), 0);
	ck_assert_uint_eq(t.n_events, 1);
	recording_release(&t);
	ck_assert_int_eq(read_bytes(zeros, 1, &t), -ENOEXEC);
	zeros[0] = '\0';
	ck_assert_int_eq(read_bytes(zeros, sizeof(zeros), &t), -ENOEXEC);
}
END_TEST

START_TEST(files_that_cannot_be_read_say_why)
{
	struct recording t;

	ck_assert_int_eq(recording_read("/nonexistent/t.dmt", &t, error,
					sizeof(error)), -ENOENT);
	ck_assert_str_eq(error,
			 "/nonexistent/t.dmt: No such file or directory");
	ck_assert_int_lt(recording_read("/", &t, error, sizeof(error)), 0);
	ck_assert_ptr_nonnull(strstr(error, "directory"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recording");
	TCase *tc = tcase_create("recording");

	tcase_add_test(tc, plain_text_is_read);
	tcase_add_test(tc, gzip_is_read);
	tcase_add_test(tc, gzip_cut_off_anywhere_is_refused);
	tcase_add_test(tc, damaged_gzip_is_refused);
	tcase_add_loop_test(tc, unsound_recordings_name_file_and_line, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tc, only_recordings_are_recordings);
	tcase_add_test(tc, first_lines_with_a_fault);
	tcase_add_test(tc, size_and_sum_of_largest_are_accepted);
	tcase_add_test(tc, lines_have_a_limit);
	tcase_add_test(tc, many_names_in_any_order_are_kept_apart);
	tcase_add_test(tc, comments_tell_of_the_program);
	tcase_add_test(tc, a_zero_at_the_beginning_of_a_line_is_the_end);
	tcase_add_test(tc, files_that_cannot_be_read_say_why);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

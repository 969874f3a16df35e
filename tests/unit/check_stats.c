/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counters, collectors, the peak, and the line of JSON at exit. */
#include "stats.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "harness.h"
#include "log.h"
#include "no-memory.h"
#include "settings/settings.h"

#define TEXT_BYTES (1 << 20)

static char last[DMEM_LOG_MAX];
static char path[64];
static size_t live;
static bool full;                /* give every member a value */

static void keep(void *arg DMEM_UNUSED, const char *message)
{
	strcpy(last, message);
}

static void collect(struct datamem_stats *stats)
{
	uint64_t value = 1000;

	stats->live_bytes += live;
	stats->failed_allocs += 5;
	if (!full)
		return;
	memset(stats, 0, sizeof(*stats));
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_IN_SNAPSHOT_##place(stats->member = (type)value++;)
	STATISTICS(STATISTIC)
#undef STATISTIC
	stats->classes[0] = (struct datamem_class_stats) { 16, 1, 2, 3, 4 };
	stats->classes[127] = (struct datamem_class_stats) {
		SIZE_MAX, SIZE_MAX, SIZE_MAX, UINT64_MAX, UINT64_MAX };
}

START_TEST(counters_appear_under_their_name)
{
	struct datamem_stats before, stats;

	dmem_stats_snapshot(&before);
	ck_assert_uint_eq(before.failed_allocs, 5);
	for (size_t i = 0; i < DMEM_COUNTERS; i++)
		for (size_t n = 0; n <= i; n++)
			dmem_stats_count((enum dmem_counter)i);
	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_EVENTS_##place(                                         \
		ck_assert_uint_eq(stats.member - before.member,              \
				  DMEM_COUNT_##column + 1);                  \
		ck_assert_uint_eq(dmem_live->numbers.member,                 \
				  DMEM_COUNT_##column + 1);)
	STATISTICS(STATISTIC)
#undef STATISTIC
	dmem_stats_reset();
	dmem_stats_snapshot(&stats);
	ck_assert_mem_eq(&stats, &before, sizeof(stats));
}
END_TEST

START_TEST(peak_is_the_most_and_can_be_reset)
{
	struct datamem_stats stats;

	live = 100;
	dmem_stats_live(500);
	dmem_stats_live(300);
	dmem_stats_snapshot(&stats);
	ck_assert_uint_eq(stats.live_bytes, 100);
	ck_assert_uint_eq(stats.peak_bytes, 500);
	datamem_peak_reset();
	dmem_stats_snapshot(&stats);
	ck_assert_uint_eq(stats.peak_bytes, 100);
	/* What a snapshot sees counts, also when nobody told of it. */
	live = 700;
	dmem_stats_snapshot(&stats);
	ck_assert_uint_eq(stats.peak_bytes, 700);
	live = 50;
	dmem_stats_snapshot(&stats);
	ck_assert_uint_eq(stats.peak_bytes, 700);
}
END_TEST

static void *tell_live(void *arg)
{
	for (size_t i = 0; i < 20000; i++)
		dmem_stats_live(*(size_t *)arg * 20000 + i);
	return NULL;
}

START_TEST(peak_of_threads_is_exact)
{
	size_t numbers[3] = { 2, 0, 1 };
	struct datamem_stats stats;
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, tell_live,
						&numbers[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	dmem_stats_snapshot(&stats);
	ck_assert_uint_eq(stats.peak_bytes, 59999);
}
END_TEST

START_TEST(callers_struct_may_be_shorter_or_longer)
{
	struct {
		struct datamem_stats stats;
		size_t later;
	} longer;
	struct datamem_stats stats;
	size_t part = offsetof(struct datamem_stats, peak_bytes);

	live = 77;
	memset(&stats, 0xaa, sizeof(stats));
	ck_assert_int_eq(datamem_stats_get(&stats, part), 0);
	ck_assert_uint_eq(stats.live_bytes, 77);
	ck_assert_uint_eq(stats.peak_bytes, (size_t)0xaaaaaaaaaaaaaaaa);
	memset(&longer, 0xaa, sizeof(longer));
	ck_assert_int_eq(datamem_stats_get((void *)&longer, sizeof(longer)), 0);
	ck_assert_uint_eq(longer.stats.peak_bytes, 77);
	ck_assert_uint_eq(longer.later, 0);
	ck_assert_int_eq(datamem_stats_get(NULL, 8), -EINVAL);
	ck_assert_int_eq(datamem_stats_get(&stats, 0), -EINVAL);
}
END_TEST

/* At exit */

static void write_to(const char *file)
{
	ck_assert_int_eq(dmem_setting_set_from("stats.exit", file,
					       DATAMEM_ORIGIN_API), 0);
	dmem_stats_at_exit();
}

static char *read_file(void)
{
	static char text[TEXT_BYTES];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	n = read(fd, text, sizeof(text) - 1);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(fd);
	return text;
}

/* The value of a member, which must be there exactly once. */
static unsigned long long member(const char *line, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(line, key);
	ck_assert_msg(at, "no %s in %s", name, line);
	ck_assert_ptr_null(strstr(at + 1, key));
	return strtoull(at + strlen(key), NULL, 10);
}

START_TEST(line_has_all_members)
{
	char *program = program_invocation_short_name;
	unsigned long long value = 1000;
	char *line, *classes, expected[400], odd[] = "a \"b\\c\n\xe9";

	full = true;
	program_invocation_short_name = odd;
	write_to(path);
	program_invocation_short_name = program;
	line = read_file();
	ck_assert_ptr_nonnull(strstr(line,
			"\"program\": \"a \\\"b\\\\c\\u000a\\u00e9\", "));
	ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
	classes = strstr(line, "\"classes\": ");
	snprintf(expected, sizeof(expected), "\"classes\": [{\"size\": 16, "
		 "\"live_blocks\": 1, \"cached_blocks\": 2, \"hits\": 3, "
		 "\"misses\": 4}, {\"size\": %zu, \"live_blocks\": %zu, "
		 "\"cached_blocks\": %zu, \"hits\": 18446744073709551615, "
		 "\"misses\": 18446744073709551615}]}\n", SIZE_MAX, SIZE_MAX,
		 SIZE_MAX);
	ck_assert_str_eq(classes, expected);
	*classes = '\0';
	ck_assert_uint_eq(member(line, "pid"), (unsigned)getpid());
#define STATISTIC(column, name, type, unit, kind, place, help)               \
	STATISTIC_IN_SNAPSHOT_##place(                                       \
		if (strcmp(#name, "peak_bytes"))                             \
			ck_assert_uint_eq(member(line, #name), value);       \
		value++;)
	STATISTICS(STATISTIC)
#undef STATISTIC
	ck_assert_uint_eq(member(line, "peak_bytes"),
			  member(line, "live_bytes"));
	ck_assert_str_eq(last, "");
}
END_TEST

/* What launchers set, the outer one first. */
static const struct {
	const char *set[5][2];
	const char *expected;  /* but for the node */
} launched[] = {
	{ { { "SLURM_PROCID", "3" }, { "SLURM_NTASKS", "8" },
	    { "SLURM_JOB_ID", "4711" } },
	  "\"rank\": 3, \"ranks\": 8, \"node\": N, \"job\": \"4711\", " },
	{ { { "SLURM_PROCID", "0" }, { "SLURM_JOB_ID", "4711" },
	    { "OMPI_COMM_WORLD_RANK", "5" }, { "OMPI_COMM_WORLD_SIZE", "6" },
	    { "PMIX_RANK", "5" } },
	  "\"rank\": 5, \"ranks\": 6, \"node\": N, \"job\": \"4711\", " },
	{ { { "PMI_RANK", "12" }, { "PMI_SIZE", "16" } },
	  "\"rank\": 12, \"ranks\": 16, \"node\": N, " },
	{ { { "PMI_RANK", "x\"y" }, { "PBS_JOBID", "1.a\"b" } },
	  "\"node\": N, \"job\": \"1.a\\\"b\", " },
	{ { { "PMI_RANK", "" } }, "" },
	{ { { NULL, NULL } }, "" },
};

START_TEST(line_names_rank_node_and_job)
{
	char *line, *from, *to, expected[300] = "", node[65] = "";
	const char *wish = launched[_i].expected, *n = strstr(wish, " N,");

	for (int i = 0; i < 5 && launched[_i].set[i][0]; i++)
		setenv(launched[_i].set[i][0], launched[_i].set[i][1], 1);
	write_to(path);
	for (int i = 0; i < 5 && launched[_i].set[i][0]; i++)
		unsetenv(launched[_i].set[i][0]);
	gethostname(node, sizeof(node) - 1);
	if (n)
		snprintf(expected, sizeof(expected), "%.*s \"%s\",%s",
			 (int)(n - wish), wish, node, n + 3);
	line = read_file();
	from = strstr(line, "\"program\": ");
	ck_assert_ptr_nonnull(from);
	from = strstr(from, "\", ") + 3;
	to = strstr(from, "\"live_bytes\"");
	ck_assert_ptr_nonnull(to);
	*to = '\0';
	ck_assert_str_eq(from, expected);
}
END_TEST

START_TEST(processes_share_the_file_and_lines_stay_whole)
{
	char command[256];
	int status, lines = 0;

	full = true;
	for (int i = 0; i < 8; i++) {
		if (fork())
			continue;
		for (int n = 0; n < 20; n++)
			write_to(path);
		_exit(0);
	}
	while (wait(&status) > 0)
		ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	for (char *at = read_file(); *at; at = strchr(at, '\n') + 1) {
		ck_assert(!strncmp(at, "{\"pid\": ", 8));
		lines++;
	}
	ck_assert_int_eq(lines, 160);
	snprintf(command, sizeof(command),
		 "command -v jq >/dev/null || exit 77; "
		 "test \"$(jq -c '.classes|length' <%s | uniq -c | tr -d ' ')\""
		 " = 1602", path);
	status = system(command);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		harness_skip("no jq to parse the lines");
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(nothing_is_written_unless_asked)
{
	full = true;
	write_to("");
	ck_assert_str_eq(read_file(), "");
	ck_assert_str_eq(last, "");
}
END_TEST

START_TEST(what_cannot_be_written_is_said)
{
	write_to("/nonexistent/file");
	ck_assert_str_eq(last, "cannot open /nonexistent/file for statistics: "
			 "No such file or directory");
	write_to("/dev/full");
	ck_assert_str_eq(last, "cannot write statistics to /dev/full: "
			 "No space left on device");
	no_memory = true;
	write_to("/dev/null");
	ck_assert_str_eq(last, "no memory to write statistics to /dev/null");
}
END_TEST

static void begin(void)
{
	int fd;

	dmem_stats_reset();
	dmem_settings_reset();
	datamem_log_set(keep, NULL);
	last[0] = '\0';
	live = 0;
	full = false;
	no_memory = false;
	strcpy(path, "check_stats.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void end(void)
{
	unlink(path);
}

int main(void)
{
	Suite *suite = suite_create("stats");
	TCase *tc = tcase_create("stats");

	dmem_stats_collect(collect);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, counters_appear_under_their_name);
	tcase_add_test(tc, peak_is_the_most_and_can_be_reset);
	tcase_add_test(tc, peak_of_threads_is_exact);
	tcase_add_test(tc, callers_struct_may_be_shorter_or_longer);
	tcase_add_test(tc, line_has_all_members);
	tcase_add_loop_test(tc, line_names_rank_node_and_job, 0,
			    (int)DMEM_ARRAY_SIZE(launched));
	tcase_add_test(tc, processes_share_the_file_and_lines_stay_whole);
	tcase_add_test(tc, nothing_is_written_unless_asked);
	tcase_add_test(tc, what_cannot_be_written_is_said);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

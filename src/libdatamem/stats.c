/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counters of rare events, the peak, and the snapshot of all modules. */
#include "stats.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "log.h"
#include "settings/settings.h"

#define COLLECTORS_MAX 12

/* The table in statistics.h and the struct in datamem.h are one. */
struct mirror {
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_IN_SNAPSHOT_##place(type member;)
	STATISTICS(STATISTIC)
#undef STATISTIC
	struct datamem_class_stats classes[DATAMEM_STATS_CLASSES];
};
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_IN_SNAPSHOT_##place(                                       \
		_Static_assert(offsetof(struct mirror, member) ==            \
			       offsetof(struct datamem_stats, member),       \
			       "statistics.h differs at " #member);)
STATISTICS(STATISTIC)
#undef STATISTIC
_Static_assert(sizeof(struct mirror) == sizeof(struct datamem_stats),
	       "statistics.h lacks a member");

static uint64_t counters[DMEM_COUNTERS];
static size_t peak;
static void (*collectors[COLLECTORS_MAX])(struct datamem_stats *stats);
static size_t collectors_used;
static struct dmem_lock collectors_lock = DMEM_LOCK_INIT(COLLECTORS);

/* Where the counters are in the page. */
static const size_t offsets[DMEM_COUNTERS] = {
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_EVENTS_##place(offsetof(struct live_numbers, member),)
	STATISTICS(STATISTIC)
#undef STATISTIC
};

static void show(size_t counter)
{
	char *numbers = (char *)&dmem_live->numbers;

	dmem_live_follow((uint64_t *)(numbers + offsets[counter]),
			 &counters[counter]);
}

void dmem_stats_count(enum dmem_counter counter)
{
	dmem_fetch_add(&counters[counter], 1);
	show(counter);
}

void dmem_stats_collect(void (*collect)(struct datamem_stats *stats))
{
	dmem_lock(&collectors_lock);
	if (collectors_used < COLLECTORS_MAX) {
		collectors[collectors_used] = collect;
		dmem_store_release(&collectors_used, collectors_used + 1);
	}
	dmem_unlock(&collectors_lock);
}

void dmem_stats_live(size_t live_bytes)
{
	size_t seen = dmem_load(&peak);

	while (live_bytes > seen)
		if (__atomic_compare_exchange_n(&peak, &seen, live_bytes, true,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			dmem_live_follow(&dmem_live->numbers.peak_bytes, &peak);
			return;
		}
}

/* All but the peak. */
static void collect_all(struct datamem_stats *out)
{
	size_t used = dmem_load_acquire(&collectors_used);

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < used; i++)
		collectors[i](out);
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_EVENTS_##place(                                         \
		out->member += dmem_load(&counters[DMEM_COUNT_##column]);)
	STATISTICS(STATISTIC)
#undef STATISTIC
}

void dmem_stats_snapshot(struct datamem_stats *out)
{
	collect_all(out);
	dmem_stats_live(out->live_bytes);
	out->peak_bytes = DMEM_MAX(dmem_load(&peak), out->live_bytes);
}

/* A snapshot is 5 KiB: too much for the stack of any thread. */
static struct datamem_stats shared DMEM_TABLE;
static struct dmem_lock shared_lock = DMEM_LOCK_INIT(STATS);

int datamem_stats_get(struct datamem_stats *out, size_t out_size)
{
	if (!out || !out_size)
		return -EINVAL;
	dmem_library_init();
	dmem_lock(&shared_lock);
	dmem_stats_snapshot(&shared);
	dmem_struct_copy(out, out_size, &shared, sizeof(shared));
	dmem_unlock(&shared_lock);
	return 0;
}

void datamem_peak_reset(void)
{
	dmem_library_init();
	dmem_lock(&shared_lock);
	/* What is reached from here on counts, also while the rest is added up. */
	__atomic_exchange_n(&peak, 0, __ATOMIC_ACQ_REL);
	collect_all(&shared);
	dmem_stats_live(shared.live_bytes);
	dmem_live_follow(&dmem_live->numbers.peak_bytes, &peak);
	dmem_unlock(&shared_lock);
}

void dmem_stats_fork_prepare(void)
{
	dmem_lock(&shared_lock);
}

void dmem_stats_fork_parent(void)
{
	dmem_unlock(&shared_lock);
}

/* The fork handler of a child runs this: no collector, no lock. */
void dmem_stats_reset(void)
{
	for (size_t i = 0; i < DMEM_COUNTERS; i++) {
		dmem_store(&counters[i], 0);
		show(i);
	}
	dmem_store(&peak, 0);
	dmem_live_store(peak_bytes, 0);
}

/* A line that is cut when it does not fit, which the caller sees. */
struct line {
	char *text;
	size_t size;
	size_t used;
};

static void add(struct line *line, const char *format, ...) DMEM_PRINTF(2, 3);
static void add(struct line *line, const char *format, ...)
{
	size_t room = line->size - line->used;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line->text + line->used, room, format, args);
	va_end(args);
	if (len > 0)
		line->used += DMEM_MIN((size_t)len, room - 1);
}

static void add_string(struct line *line, const char *text)
{
	add(line, "\"");
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < ' ' || byte >= 0x7f)
			add(line, "\\u%04x", byte);
		else if (byte == '"' || byte == '\\')
			add(line, "\\%c", byte);
		else
			add(line, "%c", byte);
	}
	add(line, "\"");
}

/*
 * What launchers of parallel programs tell a process in its environment. Those
 * inside others come first: mpirun below Slurm sets both, and Slurm's rank is
 * then that of the launcher.
 */
static const char *const ranks[] = {
	"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK",
	"FLUX_TASK_RANK", "SLURM_PROCID", NULL,
};
static const char *const sizes[] = {
	"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
	"FLUX_JOB_SIZE", "SLURM_NTASKS", NULL,
};
static const char *const jobs[] = {
	"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "FLUX_JOB_ID",
	"PMIX_NAMESPACE", "PMI_JOBID", NULL,
};

/* The first of some variables that is set; NULL: none is. */
static const char *first_of(const char *const *names)
{
	const char *value;

	for (; *names; names++) {
		value = getenv(*names);
		if (value && *value)
			return value;
	}
	return NULL;
}

/* As a number where it is one. */
static void add_number(struct line *line, const char *name, const char *text)
{
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (digits && digits < 10 && !text[digits])
		add(line, ", \"%s\": %lu", name, strtoul(text, NULL, 10));
}

/* Which of the processes of a parallel program it is; else nothing. */
static void add_place(struct line *line)
{
	const char *rank = first_of(ranks), *found = first_of(jobs);
	char job[129], node[65];

	if (!rank && !found)
		return;
	add_number(line, "rank", rank);
	add_number(line, "ranks", first_of(sizes));
	if (!gethostname(node, sizeof(node))) {
		node[sizeof(node) - 1] = '\0';
		add(line, ", \"node\": ");
		add_string(line, node);
	}
	if (found) {
		snprintf(job, sizeof(job), "%s", found);
		add(line, ", \"job\": ");
		add_string(line, job);
	}
}

static void add_stats(struct line *line, const struct datamem_stats *stats)
{
	const char *comma = "";

	add(line, "{\"pid\": %ld, \"program\": ", (long)getpid());
	add_string(line, program_invocation_short_name);
	add_place(line);
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_IN_SNAPSHOT_##place(                                       \
		add(line, ", \"" #member "\": %llu",                         \
		    (unsigned long long)stats->member);)
	STATISTICS(STATISTIC)
#undef STATISTIC
	add(line, ", \"classes\": [");
	for (size_t i = 0; i < DATAMEM_STATS_CLASSES; i++) {
		const struct datamem_class_stats *class = &stats->classes[i];

		if (!class->size)
			continue;
		add(line, "%s{\"size\": %zu, \"live_blocks\": %zu, "
		    "\"cached_blocks\": %zu, \"hits\": %llu, \"misses\": %llu}",
		    comma, class->size, class->live_blocks,
		    class->cached_blocks, (unsigned long long)class->hits,
		    (unsigned long long)class->misses);
		comma = ", ";
	}
	add(line, "]}\n");
}

void dmem_stats_at_exit(void)
{
	struct {
		struct datamem_stats stats;
		/* 20 digits for each number, and as much for its name. */
		char text[(DATAMEM_STATS_CLASSES + 32) * 200];
	} *work;
	char path[DMEM_SETTING_TEXT_MAX];
	struct line line;
	ssize_t written;
	int fd;

	dmem_setting_string(DMEM_SETTING_STATS_EXIT, path, sizeof(path));
	if (!path[0])
		return;
	work = dmem_kernel_map(sizeof(*work));
	if (!work) {
		dmem_log("no memory to write statistics to %s", path);
		return;
	}
	line = (struct line) { work->text, sizeof(work->text), 0 };
	dmem_stats_snapshot(&work->stats);
	add_stats(&line, &work->stats);

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0) {
		dmem_log("cannot open %s for statistics: %m", path);
		goto out;
	}
	do
		written = write(fd, line.text, line.used);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		dmem_log("cannot write statistics to %s: %m", path);
	else if ((size_t)written < line.used)
		dmem_log("statistics in %s are cut: no room", path);
	close(fd);
out:
	dmem_kernel_unmap(work, sizeof(*work));
}

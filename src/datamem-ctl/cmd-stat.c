/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The numbers of running processes, once or again and again. */
#include "cmd.h"

#include <limits.h>
#include <time.h>

#include "options.h"
#include "process/process.h"

/* STAT(COLUMN, value, type, flags, help); page is at hand, n its numbers. */
#define STATS(STAT)                                                          \
STAT(LIVE, page->live_bytes, SIZE, CTL_SHOWN, "in blocks that it uses")      \
STAT(PEAK, n->peak_bytes, SIZE, CTL_SHOWN, "most that was live")             \
STAT(HELD, page->held_bytes, SIZE, CTL_SHOWN,                                \
	"held for blocks, kept ones too")                                    \
STAT(RETAINED, n->retained_bytes, SIZE, CTL_SHOWN, "free, kept for reuse")   \
STAT(LAZY, n->lazy_bytes, SIZE, CTL_SHOWN, "free, the kernel may take it")   \
STAT(CACHED, page->cached_bytes, SIZE, CTL_SHOWN,                            \
	"free blocks in threads' caches")                                    \
STAT(MAPPED, n->mapped_bytes, SIZE, 0, "mapped for blocks")                  \
STAT(META, n->meta_bytes, SIZE, 0, "the library's tables")                   \
STAT(PURGED, n->purged_bytes, SIZE, CTL_SHOWN, "given back to the kernel")   \
STAT(LARGE, n->large_bytes, SIZE, 0, "in live blocks above 128 KiB")          \
STAT(LARGE_BLOCKS, n->large_blocks, COUNT, 0, "how many of them")            \
STAT(ALLOCS, page->allocs, COUNT, CTL_SHOWN, "blocks made")                  \
STAT(HITS, page->hits, COUNT, 0, "small ones from a cache")                  \
STAT(MISSES, page->misses, COUNT, 0, "small ones not from a cache")          \
STAT(LARGE_HITS, n->large_hits, COUNT, CTL_SHOWN,                            \
	"large ones of warm memory")                                         \
STAT(LARGE_MISSES, n->large_misses, COUNT, CTL_SHOWN,                        \
	"large ones of fresh memory")                                        \
STAT(FAULTS_AVOIDED, n->faults_avoided, COUNT, 0,                            \
	"page faults that warm memory spared")                               \
STAT(RESIZES_IN_PLACE, n->resizes_in_place, COUNT, 0, "resizes in place")    \
STAT(RESIZES_MOVED, n->resizes_moved, COUNT, 0, "by moving pages")           \
STAT(RESIZES_COPIED, n->resizes_copied, COUNT, 0, "by copying")              \
STAT(FAILED, n->failed_allocs, COUNT, CTL_SHOWN, "allocations that failed")  \
STAT(LIMIT_FAILURES, n->limit_failures, COUNT, 0, "of them for limit.max")   \
STAT(FOREIGN_POINTERS, n->foreign_pointers, COUNT, 0,                        \
	"pointers freed that are not the library's")                         \
STAT(DOUBLE_FREES, n->double_frees, COUNT, 0, "double frees found")          \
STAT(LARGE_HINTS, n->large_hints, COUNT, 0, "size hints too large")          \
STAT(LEAKED_BLOCKS, n->leaked_blocks, COUNT, 0, "of invalid handlers")       \
STAT(OVERRUNS, n->overruns, COUNT, 0, "writes outside a block")              \
STAT(USES_AFTER_FREE, n->uses_after_free, COUNT, 0, "writes to a freed one") \
STAT(THREADS, page->threads, COUNT, CTL_SHOWN, "threads with a cache")       \
STAT(UNSEEN, page->threads_unseen, COUNT, 0,                                 \
	"caches that have no room in the page")                              \
STAT(ACCOUNTS, n->accounts != 0, BOOL, 0, "accounts are on")                 \
STAT(SERVICE, n->service != 0, BOOL, 0, "the service thread runs")           \
STAT(REQUESTS, n->requests, COUNT, 0, "requests answered")                   \
STAT(PRESSURE_TRIMS, n->pressure_trims, COUNT, 0,                            \
	"trims for memory pressure")                                         \
STAT(IDLE_TRIMS, n->idle_trims, COUNT, 0,                                    \
	"times that idle caches were emptied")

enum {
	COL_HUGE = CTL_PROCESS_COLUMNS,
	COL_HIT,
#define STAT(column, value, type, flags, help) COL_##column,
	STATS(STAT)
#undef STAT
};

static const struct ctl_column columns[] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"resident part in huge pages" },
	[COL_HIT] = { "HIT", CTL_RATIO, CTL_SHOWN,
		"small blocks from a cache" },
#define STAT(column, value, type, flags, help)                               \
	[COL_##column] = { #column, CTL_##type, flags, help },
	STATS(STAT)
#undef STAT
};

struct stat_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	double watch;         /* seconds; 0: once */
	unsigned int count;   /* of watches; 0: no end */
	unsigned int round;
};

static const struct argp_option options[] = {
	{ "watch", 'w', "SECONDS", 0, "Again and again, a line each", 0 },
	{ "count", 'c', "NUMBER", 0, "With --watch: so many times", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct stat_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->out;
		state->child_inputs[1] = &arguments->targets;
		return 0;
	case 'w':
		arguments->watch = ctl_options_seconds(arg, 0.001, state);
		return 0;
	case 'c':
		arguments->count = ctl_options_count(arg, UINT_MAX, "times",
						     state);
		return 0;
	case ARGP_KEY_ARG:
		ctl_targets_add(&arguments->targets, arg, state);
		return 0;
	case ARGP_KEY_END:
		if (arguments->count > 0 && arguments->watch == 0)
			argp_error(state, "--count is for --watch");
		ctl_targets_require(&arguments->targets, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "PID...",
	.doc = "Show what running processes do with their memory. Reading "
	       "needs no help from them.",
	.children = ctl_targets_children,
};

static int add(struct ctl_process *process, void *arg)
{
	const struct ctl_page *page = &process->page;
	const struct live_numbers *n = &page->numbers;
	struct stat_arguments *arguments = arg;
	struct ctl_output *out = &arguments->out;
	uint64_t resident, huge;

	ctl_process_row(out, process);
	/* Other numbers cost the process nothing; this a little. */
	if ((arguments->watch == 0 || arguments->watch >= 1) &&
	    ctl_process_huge(process, &resident, &huge))
		ctl_output_ratio(out, COL_HUGE, (double)huge,
				 (double)resident);
	ctl_output_ratio(out, COL_HIT, (double)page->hits,
			 (double)(page->hits + page->misses));
#define ADD_SIZE ctl_output_size
#define ADD_COUNT ctl_output_count
#define ADD_BOOL ctl_output_bool
#define STAT(column, value, type, flags, help)                               \
	ADD_##type(out, COL_##column, value);
	STATS(STAT)
#undef STAT
	return CTL_OK;
}

/* Lines with columns that keep their places from one to the next. */
static void print_line(const struct ctl_output *out, bool heading)
{
	for (size_t row = 0; row < out->nrows; row++) {
		for (int line = heading && row == 0 ? 0 : 1; line < 2; line++) {
			for (size_t i = 0; i < out->nselected; i++) {
				size_t column = out->selected[i];
				const char *name = out->columns[column].name;
				const char *cell =
					out->cells[row * out->ncolumns +
						   column];
				int width = (int)strlen(name) > 7 ?
						    (int)strlen(name) : 7;

				printf("%s%*s", i == 0 ? "" : " ", width,
				       line == 0 ? name :
				       cell ? cell : "-");
			}
			putchar('\n');
		}
	}
	fflush(stdout);
}

static int watch(struct stat_arguments *arguments)
{
	struct ctl_output *out = &arguments->out;
	struct timespec next;
	int result;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		result = ctl_targets_visit(&arguments->targets, add, arguments);
		if (out->json || out->raw) {
			if (ctl_output_print(out, stdout) != 0)
				return CTL_TROUBLE;
			out->noheadings = true;
			fflush(stdout);
		} else {
			print_line(out, !out->noheadings &&
					arguments->round % 20 == 0);
		}
		ctl_output_clear(out);
		arguments->round++;
		if (arguments->targets.found == 0 ||
		    arguments->round == arguments->count || ferror(stdout))
			return result;
		ctl_beat_wait(&next, arguments->watch);
	}
}

static int run(int argc, char **argv)
{
	struct stat_arguments arguments = { 0 };
	int result;

	ctl_output_init(&arguments.out, "stat", columns,
			CTL_ARRAY_SIZE(columns), CTL_RECORD);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.targets.all || arguments.targets.npids > 1 ||
	    arguments.watch > 0)
		arguments.out.layout = CTL_ROWS;
	if (arguments.watch > 0) {
		result = watch(&arguments);
		ctl_targets_end(&arguments.targets, &arguments.out);
		return result;
	}
	result = ctl_targets_visit(&arguments.targets, add, &arguments);
	return ctl_targets_finish(&arguments.targets, &arguments.out, result);
}

const struct ctl_command ctl_cmd_stat = {
	.name = "stat",
	.summary = "show the numbers of running processes",
	.run = run,
};

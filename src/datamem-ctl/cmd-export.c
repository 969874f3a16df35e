/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The numbers of running processes for Prometheus and its kin. */
#include "cmd.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

#define FILE_NAME "datamem.prom"

/* METRIC(name, value, type, help): OpenMetrics. */
#define METRICS(METRIC)                                                      \
METRIC(live_bytes, page->live_bytes, "gauge", "Bytes in blocks in use.")     \
METRIC(peak_bytes, n->peak_bytes, "gauge", "Most bytes that were live.")     \
METRIC(held_bytes, page->held_bytes, "gauge",                                \
	"Bytes held for blocks, retained ones too.")                         \
METRIC(retained_bytes, n->retained_bytes, "gauge",                           \
	"Free bytes kept for reuse.")                                        \
METRIC(lazy_bytes, n->lazy_bytes, "gauge",                                   \
	"Free bytes that the kernel may take.")                              \
METRIC(cached_bytes, page->cached_bytes, "gauge",                            \
	"Bytes of free blocks in threads' caches.")                          \
METRIC(threads, page->threads, "gauge", "Threads with a cache.")             \
METRIC(purged_bytes_total, n->purged_bytes, "counter",                       \
	"Bytes given back to the kernel.")                                   \
METRIC(allocs_total, page->allocs, "counter", "Blocks made.")                \
METRIC(cache_hits_total, page->hits, "counter",                              \
	"Small blocks from a cache.")                                        \
METRIC(cache_misses_total, page->misses, "counter",                          \
	"Small blocks not from a cache.")                                    \
METRIC(large_hits_total, n->large_hits, "counter",                           \
	"Large blocks of warm memory.")                                      \
METRIC(large_misses_total, n->large_misses, "counter",                       \
	"Large blocks of fresh memory.")                                     \
METRIC(failed_allocs_total, n->failed_allocs, "counter",                     \
	"Allocations that failed.")                                          \
METRIC(pressure_trims_total, n->pressure_trims, "counter",                   \
	"Trims for memory pressure.")

static const struct {
	const char *name, *type, *help;
} metrics[] = {
#define METRIC(name, value, type, help) { #name, type, help },
	METRICS(METRIC)
#undef METRIC
};

#define NMETRICS CTL_ARRAY_SIZE(metrics)

struct sample {
	int pid;
	char name[2 * 64];
	uint64_t values[NMETRICS];
};

struct export_arguments {
	const char *directory;
	struct ctl_targets targets;
	struct sample *samples;
	size_t nsamples;
};

static const struct argp_option options[] = {
	{ "directory", 'D', "DIRECTORY", 0, "Write the file " FILE_NAME
	  " there, in one step, in place of standard output", 0 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ &ctl_targets_argp, 0, NULL, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct export_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->targets;
		return 0;
	case 'D':
		arguments->directory = arg;
		return 0;
	case ARGP_KEY_ARG:
		ctl_targets_add(&arguments->targets, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID...]",
	.doc = "Print the numbers of running processes as OpenMetrics text, "
	       "for a node exporter's textfile directory.",
	.children = children,
};

/* Values of labels: backslash, quote and line break are written as two. */
static void copy_label(char *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			*out++ = '\\';
		*out++ = *text < ' ' || *text > '~' ? '?' : *text;
	}
	*out = '\0';
}

static int add(struct ctl_process *process, void *arg)
{
	struct export_arguments *arguments = arg;
	const struct ctl_page *page = &process->page;
	const struct live_numbers *n = &page->numbers;
	const uint64_t values[] = {
#define METRIC(name, value, type, help) value,
		METRICS(METRIC)
#undef METRIC
	};
	struct sample *sample;

	arguments->samples = ctl_realloc(arguments->samples,
					 arguments->nsamples + 1,
					 sizeof(*arguments->samples));
	sample = &arguments->samples[arguments->nsamples++];
	sample->pid = (int)process->pid;
	copy_label(sample->name, process->name);
	memcpy(sample->values, values, sizeof(values));
	return CTL_OK;
}

static void print(const struct export_arguments *arguments, FILE *stream)
{
	for (size_t m = 0; m < NMETRICS; m++) {
		int family = (int)strlen(metrics[m].name);

		/* A family of counters has its name without the suffix. */
		if (strcmp(metrics[m].type, "counter") == 0)
			family -= (int)strlen("_total");
		fprintf(stream, "# HELP datamem_%.*s %s\n"
			"# TYPE datamem_%.*s %s\n", family, metrics[m].name,
			metrics[m].help, family, metrics[m].name,
			metrics[m].type);
		for (size_t i = 0; i < arguments->nsamples; i++) {
			const struct sample *s = &arguments->samples[i];

			fprintf(stream, "datamem_%s{pid=\"%d\",name=\"%s\"} %"
				PRIu64 "\n", metrics[m].name, s->pid, s->name,
				s->values[m]);
		}
	}
	fputs("# EOF\n", stream);
}

/* Readers see the old file or the new one, never a part. */
static void print_file(const struct export_arguments *arguments)
{
	char *path = ctl_printf("%s/" FILE_NAME, arguments->directory);
	char *temporary = ctl_printf("%s/." FILE_NAME ".XXXXXX",
				     arguments->directory);
	int fd = mkstemp(temporary);
	FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
	int error = 0;

	if (!stream)
		ctl_die("%s: %s", temporary, strerror(errno));
	print(arguments, stream);
	if (fchmod(fd, 0644) != 0 || ferror(stream) || fflush(stream) != 0)
		error = errno;
	if (fclose(stream) != 0 && error == 0)
		error = errno;
	if (error == 0 && rename(temporary, path) != 0)
		error = errno;
	if (error != 0) {
		unlink(temporary);
		ctl_die("%s: %s", path, strerror(error));
	}
	free(temporary);
	free(path);
}

static int run(int argc, char **argv)
{
	struct export_arguments arguments = { 0 };
	int result;

	ctl_parse(&argp, argc, argv, 0, &arguments);
	arguments.targets.all = arguments.targets.npids == 0;
	result = ctl_targets_visit(&arguments.targets, add, &arguments);
	if (arguments.directory)
		print_file(&arguments);
	else
		print(&arguments, stdout);
	ctl_targets_report(&arguments.targets);
	free(arguments.samples);
	ctl_targets_free(&arguments.targets);
	return result;
}

const struct ctl_command ctl_cmd_export = {
	.name = "export",
	.summary = "print numbers of running processes for monitoring",
	.run = run,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The numbers of running processes for Prometheus and its kin. */
#include "cmd.h"

#include <ctype.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

#define FILE_NAME "datamem.prom"

struct sample {
	int pid;
	char name[2 * 64];
	struct ctl_statistics statistics;
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
	case 'D':
		arguments->directory = arg;
		return 0;
	default:
		return ctl_targets_option(&arguments->targets, NULL, key, arg,
					  state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID...|NAME...]",
	.doc = "Print the numbers of running processes for monitoring: as "
	       "OpenMetrics text, or with -D in Prometheus' text format, which "
	       "a node exporter's textfile collector reads.",
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
	struct sample *sample;

	arguments->samples = ctl_realloc(arguments->samples,
					 arguments->nsamples + 1,
					 sizeof(*arguments->samples));
	sample = &arguments->samples[arguments->nsamples++];
	sample->pid = (int)process->pid;
	copy_label(sample->name, process->is.name);
	sample->statistics = process->page.statistics;
	return CTL_OK;
}

/* They differ little; the collectors of one do not take the other. */
enum format {
	FORMAT_OPENMETRICS,     /* on standard output */
	FORMAT_PROMETHEUS,      /* of a node exporter's textfile collector */
};

static void print_family(const struct export_arguments *arguments,
			 FILE *stream, enum format format,
			 enum ctl_statistic which)
{
	const struct ctl_statistic_info *info = &ctl_statistics[which];
	const char *type = info->metric == CTL_COUNTER ? "counter" : "gauge";
	const char *total = info->metric == CTL_COUNTER ? "_total" : "";
	/* In OpenMetrics a family of counters has a name without the suffix. */
	const char *suffix = format == FORMAT_PROMETHEUS ? total : "";
	char *name = ctl_statistics_metric(which);

	fprintf(stream, "# HELP %s%s %c%s.\n# TYPE %s%s %s\n", name, suffix,
		toupper((unsigned char)info->help[0]), info->help + 1, name,
		suffix, type);
	if (format == FORMAT_OPENMETRICS && info->type == CTL_SIZE)
		fprintf(stream, "# UNIT %s bytes\n", name);
	for (size_t i = 0; i < arguments->nsamples; i++) {
		const struct sample *s = &arguments->samples[i];

		if (!s->statistics.known[which])
			continue;
		fprintf(stream, "%s%s{pid=\"%d\",name=\"%s\"} %" PRIu64 "\n",
			name, total, s->pid, s->name,
			s->statistics.values[which]);
	}
	free(name);
}

static void print(const struct export_arguments *arguments, FILE *stream,
		  enum format format)
{
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++)
		if (ctl_statistics[i].places & CTL_PAGE)
			print_family(arguments, stream, format,
				     (enum ctl_statistic)i);
	if (format == FORMAT_OPENMETRICS)
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
		ctl_die("%s: %s", path, strerror(errno));
	print(arguments, stream, FORMAT_PROMETHEUS);
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
		print(&arguments, stdout, FORMAT_OPENMETRICS);
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

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Has running processes give free memory back, or begin a new peak. */
#include "cmd.h"

#include "options.h"
#include "process/process.h"

enum {
	COL_BYTES = CTL_PROCESS_COLUMNS,
	COL_PINNED,
	COL_PINNED_SMALL,
	COL_CACHED,
};

static const struct ctl_column trim_columns[] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_BYTES] = { "RELEASED", CTL_SIZE, CTL_SHOWN,
		"given back to the kernel" },
	[COL_PINNED] = { "PINNED", CTL_SIZE, CTL_SHOWN,
		"free, and kept beside large blocks" },
	[COL_PINNED_SMALL] = { "PINNED_SMALL", CTL_SIZE, CTL_SHOWN,
		"free, and kept beside small blocks" },
	[COL_CACHED] = { "CACHED", CTL_SIZE, CTL_SHOWN,
		"free, and in the caches of threads" },
};

static const struct ctl_column peak_columns[] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_BYTES] = { "PEAK", CTL_SIZE, CTL_SHOWN, "the peak until now" },
};

static void add(struct ctl_output *out,
		const struct ctl_process *process CTL_UNUSED,
		const struct ctl_request *request)
{
	ctl_output_size(out, COL_BYTES, request->result);
}

static void add_trim(struct ctl_output *out, const struct ctl_process *process,
		     const struct ctl_request *request)
{
	const struct live_numbers *n = &process->page.numbers;

	add(out, process, request);
	ctl_output_size(out, COL_PINNED, n->pinned_bytes);
	ctl_output_size(out, COL_PINNED_SMALL, n->pinned_small_bytes);
	ctl_output_size(out, COL_CACHED, process->page.derived.cached_bytes);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ctl_ask *ask = state->input;

	if (key != 'k')
		return ctl_ask_option(ask, key, arg, state);
	ask->request.argument = ctl_options_size(arg, state);
	return 0;
}

static const struct argp_option trim_options[] = {
	{ "keep", 'k', "BYTES", 0, "Free bytes to keep; K, M, G and T as in "
	  "settings", 0 },
	{ 0 }
};

static const struct argp trim_argp = {
	.options = trim_options,
	.parser = parse_option,
	.args_doc = "PID...|NAME...",
	.doc = "Have running processes give free memory back to the kernel.",
	.children = ctl_ask_children,
};

static const struct argp peak_argp = {
	.parser = parse_option,
	.args_doc = "PID...|NAME...",
	.doc = "Set the peak of running processes to what is live now.",
	.children = ctl_ask_children,
};

static int run_trim(int argc, char **argv)
{
	struct ctl_ask ask = { .add = add_trim, .request.kind = LIVE_TRIM };

	ctl_output_init(&ask.out, "trim", trim_columns,
			CTL_ARRAY_SIZE(trim_columns), CTL_ROWS);
	ctl_parse(&trim_argp, argc, argv, 0, &ask);
	return ctl_ask_all(&ask);
}

static int run_peak(int argc, char **argv)
{
	struct ctl_ask ask = { .add = add, .request.kind = LIVE_RESET_PEAK };

	ctl_output_init(&ask.out, "reset-peak", peak_columns,
			CTL_ARRAY_SIZE(peak_columns), CTL_ROWS);
	ctl_parse(&peak_argp, argc, argv, 0, &ask);
	return ctl_ask_all(&ask);
}

const struct ctl_command ctl_cmd_trim = {
	.name = "trim",
	.summary = "have running processes give free memory back",
	.run = run_trim,
};

const struct ctl_command ctl_cmd_reset_peak = {
	.name = "reset-peak",
	.summary = "begin a new peak in running processes",
	.run = run_peak,
};

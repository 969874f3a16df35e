/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The handlers registered in a process that has registered none of its own. */
#include "cmd.h"

enum { COL_NAME, COL_VERSION, COL_ORIGIN, COL_DEFAULT, COL_CURRENT };

static const struct ctl_column columns[] = {
	[COL_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "name of the handler" },
	[COL_VERSION] = { "VERSION", CTL_COUNT, CTL_SHOWN,
		"version of its struct" },
	[COL_ORIGIN] = { "ORIGIN", CTL_STRING, CTL_SHOWN, "where it comes from" },
	[COL_DEFAULT] = { "DEFAULT", CTL_BOOL, CTL_SHOWN,
		"the built-in default" },
	[COL_CURRENT] = { "CURRENT", CTL_BOOL, CTL_SHOWN,
		"threads start with it in this environment" },
};

static const char doc[] =
	"List the handlers that every program finds registered.";

static int add_handler(const struct datamem_handler *handler, void *arg)
{
	struct ctl_output *out = arg;

	ctl_output_row(out);
	ctl_output_string(out, COL_NAME, handler->name);
	ctl_output_count(out, COL_VERSION, handler->version);
	/* This process is the tool, which registers none. */
	ctl_output_string(out, COL_ORIGIN, "built-in");
	ctl_output_bool(out, COL_DEFAULT,
			handler == datamem_handler_default());
	ctl_output_bool(out, COL_CURRENT, handler == datamem_handler_get());
	return 0;
}

static int run(int argc, char **argv)
{
	struct ctl_output out;
	int result;

	ctl_output_init(&out, "handlers", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
	ctl_output_parse(&out, doc, argc, argv);
	result = datamem_handler_foreach(add_handler, &out);
	if (result != 0)
		ctl_die("%s", strerror(-result));
	result = ctl_output_print(&out, stdout);
	ctl_output_free(&out);
	return result == 0 ? CTL_OK : CTL_TROUBLE;
}

const struct ctl_command ctl_cmd_handlers = {
	.name = "handlers",
	.summary = "list the built-in handlers",
	.run = run,
};

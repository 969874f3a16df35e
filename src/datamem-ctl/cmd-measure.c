/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Commands that are programs of their own, below libexec: found, and executed
 * in place of the tool.
 */
#include "cmd.h"

#include <unistd.h>

#include "locate.h"

/* Returns only on failure. */
static int become(const char *command, char **argv)
{
	char *path = ctl_locate(command);

	argv[0] = path;
	execv(path, argv);
	if (errno == ENOENT)
		ctl_error("this build has no %s: install the package that "
			  "brings datamem-%s, or configure libdatamem without "
			  "--disable-measure", command, command);
	else
		ctl_error("%s: %s", path, strerror(errno));
	free(path);
	return CTL_TROUBLE;
}

static int run_bench(int argc CTL_UNUSED, char **argv)
{
	return become("bench", argv);
}

static int run_profile(int argc CTL_UNUSED, char **argv)
{
	return become("profile", argv);
}

static int run_replay(int argc CTL_UNUSED, char **argv)
{
	return become("replay", argv);
}

static int run_record(int argc CTL_UNUSED, char **argv)
{
	return become("record", argv);
}

static int run_advise(int argc CTL_UNUSED, char **argv)
{
	return become("advise", argv);
}

const struct ctl_command ctl_cmd_bench = {
	.name = "bench",
	.summary = "measure allocators on this machine",
	.run = run_bench,
};

const struct ctl_command ctl_cmd_profile = {
	.name = "profile",
	.summary = "show which lines hold the memory of a process",
	.run = run_profile,
};

const struct ctl_command ctl_cmd_replay = {
	.name = "replay",
	.summary = "replay recorded allocations against allocators",
	.run = run_replay,
};

const struct ctl_command ctl_cmd_record = {
	.name = "record",
	.summary = "record the allocations of a program",
	.run = run_record,
};

const struct ctl_command ctl_cmd_advise = {
	.name = "advise",
	.summary = "say what the library would bring a program",
	.run = run_advise,
};

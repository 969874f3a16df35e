/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The base of every command of datamem-ctl. A command parses its options
 * with argp and returns an exit status.
 */
#ifndef CTL_CMD_H
#define CTL_CMD_H

#include "commands.h"
#include "tool.h"

#include "output/output.h"

struct ctl_command {
	const char *name;
	const char *summary;  /* for the list of `datamem-ctl --help` */
	/*
	 * argv[0] is "datamem-ctl NAME", so that argp names the command in its
	 * usage and in its errors.
	 */
	int (*run)(int argc, char **argv);
};

#define CTL_COMMAND(name) extern const struct ctl_command ctl_cmd_##name;
CTL_COMMANDS(CTL_COMMAND)
#undef CTL_COMMAND

/* Accounts are no setting, but shown and switched in the same way. */
#define CTL_ACCOUNTS "accounts"

#endif /* CTL_CMD_H */

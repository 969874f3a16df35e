/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of commands. Dispatch and `--help` are made from it; tests hold
 * completion and man page against it.
 *
 * A command is a file cmd-NAME.c that defines `ctl_cmd_NAME`, a line here, and
 * a line in local.mk. The order is that of `datamem-ctl --help`.
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#define CTL_COMMANDS(CTL_COMMAND)                                            \
	CTL_COMMAND(info)                                                    \
	CTL_COMMAND(probe)                                                   \
	CTL_COMMAND(doctor)                                                  \
	CTL_COMMAND(handlers)                                                \
	CTL_COMMAND(settings)                                                \
	CTL_COMMAND(run)                                                     \
	CTL_COMMAND(list)                                                    \
	CTL_COMMAND(stat)                                                    \
	CTL_COMMAND(top)                                                     \
	CTL_COMMAND(get)                                                     \
	CTL_COMMAND(set)                                                     \
	CTL_COMMAND(trim)                                                    \
	CTL_COMMAND(reset_peak)                                              \
	CTL_COMMAND(export)                                                  \
	CTL_COMMAND(record)                                                  \
	CTL_COMMAND(profile)                                                 \
	CTL_COMMAND(replay)                                                  \
	CTL_COMMAND(advise)                                                  \
	CTL_COMMAND(bench)                                                   \
	CTL_COMMAND(help)

#endif /* CTL_COMMANDS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What every command of datamem-ctl starts from.
 *
 * A command parses its options with argp and returns an exit status. It may
 * exit(3) from anywhere: output is flushed and checked on the way out, and a
 * failed write turns status 0 or 1 into CTL_TROUBLE.
 */
#ifndef CTL_CMD_H
#define CTL_CMD_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <datamem.h>

#include "commands.h"
#include "output/output.h"

#define CTL_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CTL_PRINTF(fmt, args) __attribute__((__format__(printf, fmt, args)))
#define CTL_UNUSED __attribute__((__unused__))

/* Exit status. */
enum {
	CTL_OK = 0,       /* done, or "yes" */
	CTL_NO = 1,       /* the answer is "no" */
	CTL_TROUBLE = 2,  /* wrong usage, or it could not be done */
};

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

/* argp_parse() with what all commands have in common; exits on wrong usage. */
void ctl_parse(const struct argp *argp, int argc, char **argv,
	       unsigned int flags, void *input);

/* Print "datamem-ctl NAME: message" to standard error. */
void ctl_error(const char *format, ...) CTL_PRINTF(1, 2);
/* The same, and exit with CTL_TROUBLE. */
void ctl_die(const char *format, ...) CTL_PRINTF(1, 2)
	__attribute__((__noreturn__));

/* enum datamem_setting_origin as a word. */
const char *ctl_origin_name(int origin);

/* malloc(3) and strdup(3) that end the tool when there is no memory. */
void *ctl_alloc(size_t nelem, size_t elsize);
void *ctl_realloc(void *ptr, size_t nelem, size_t elsize);
char *ctl_strdup(const char *text);
char *ctl_printf(const char *format, ...) CTL_PRINTF(1, 2);

#endif /* CTL_CMD_H */

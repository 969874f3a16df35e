/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The manners that datamem-ctl and the programs below it share: exit statuses,
 * messages, options, memory.
 *
 * A program begins with ctl_begin(). It may exit(3) from anywhere: output is
 * flushed and checked on the way out, and a failed write turns status 0 or 1
 * into CTL_TROUBLE.
 */
#ifndef CTL_TOOL_H
#define CTL_TOOL_H

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

#define CTL_NAME "datamem-ctl"

#define CTL_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CTL_PRINTF(fmt, args) __attribute__((__format__(printf, fmt, args)))
#define CTL_UNUSED __attribute__((__unused__))

/* Exit status. */
enum {
	CTL_OK = 0,       /* done, or "yes" */
	CTL_NO = 1,       /* the answer is "no" */
	CTL_TROUBLE = 2,  /* wrong usage, or it could not be done */
};

/* To be called first. The command is named in messages; NULL: none yet. */
void ctl_begin(const char *command);

/* "datamem-ctl COMMAND", for messages and argp; lives until the next call. */
char *ctl_name_command(const char *command);

/* argp_parse() with what all commands have in common; exits on wrong usage. */
void ctl_parse(const struct argp *argp, int argc, char **argv,
	       unsigned int flags, void *input);

/* Print "datamem-ctl NAME: message" to standard error. */
void ctl_error(const char *format, ...) CTL_PRINTF(1, 2);
/* The same, and exit with CTL_TROUBLE. */
void ctl_die(const char *format, ...) CTL_PRINTF(1, 2)
	__attribute__((__noreturn__));

/* malloc(3) and strdup(3) that end the tool when there is no memory. */
void *ctl_alloc(size_t nelem, size_t elsize);
void *ctl_realloc(void *ptr, size_t nelem, size_t elsize);
char *ctl_strdup(const char *text);
char *ctl_printf(const char *format, ...) CTL_PRINTF(1, 2);

#endif /* CTL_TOOL_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The manners of the tool: messages, memory, its beginning and its end. */
#include "tool.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

static const char *error_prefix = CTL_NAME;

static void print_error(const char *format, va_list args) CTL_PRINTF(1, 0);
static void print_error(const char *format, va_list args)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", error_prefix);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void ctl_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(format, args);
	va_end(args);
}

void ctl_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(format, args);
	va_end(args);
	exit(CTL_TROUBLE);
}

void *ctl_realloc(void *ptr, size_t nelem, size_t elsize)
{
	void *result = reallocarray(ptr, nelem == 0 ? 1 : nelem, elsize);

	if (!result)
		ctl_die("%s", strerror(errno));
	return result;
}

void *ctl_alloc(size_t nelem, size_t elsize)
{
	void *result = calloc(nelem == 0 ? 1 : nelem, elsize);

	if (!result)
		ctl_die("%s", strerror(errno));
	return result;
}

char *ctl_strdup(const char *text)
{
	return ctl_printf("%s", text);
}

char *ctl_printf(const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		ctl_die("%s", strerror(ENOMEM));
	return text;
}

void ctl_parse(const struct argp *argp, int argc, char **argv,
	       unsigned int flags, void *input)
{
	error_t error = argp_parse(argp, argc, argv, flags, NULL, input);

	if (error != 0)
		ctl_die("%s", strerror(error));
}

/*
 * Output counts only once it has been written: a full disk shows in the exit
 * status. Runs after all else at exit, as it is registered first.
 */
static void close_stdout(void)
{
	int error;

	errno = 0;
	error = ferror(stdout) != 0;
	if (fclose(stdout) != 0)
		error = 1;
	if (!error)
		return;
	if (errno != 0)
		fprintf(stderr, "%s: write error: %s\n", error_prefix,
			strerror(errno));
	else
		fprintf(stderr, "%s: write error\n", error_prefix);
	_exit(CTL_TROUBLE);
}

/*
 * Where the caller has closed a standard descriptor, no file of ours may take
 * its place. They are opened the wrong way round, so that
 * using them still fails, and are gone again in a program that `run` starts.
 */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY
							  : O_RDONLY) |
					      O_CLOEXEC) < 0)
			return;
	}
}

static void print_version(FILE *stream, struct argp_state *state CTL_UNUSED)
{
	fprintf(stream,
		CTL_NAME " (libdatamem) " DATAMEM_VERSION_STRING "\n"
		"Copyright (C) 2026 The libdatamem authors\n"
		"License BSD-3-Clause. There is NO WARRANTY, to the extent "
		"permitted by law.\n");
}

void ctl_begin(const char *command)
{
	fill_standard_fds();
	atexit(close_stdout);
	argp_err_exit_status = CTL_TROUBLE;
	argp_program_version_hook = print_version;
#ifdef PACKAGE_BUGREPORT
	if (PACKAGE_BUGREPORT[0] != '\0')
		argp_program_bug_address = PACKAGE_BUGREPORT;
#endif
	if (command)
		ctl_name_command(command);
}

char *ctl_name_command(const char *command)
{
	static char *name;

	free(name);
	name = ctl_printf(CTL_NAME " %s", command);
	error_prefix = name;
	return name;
}

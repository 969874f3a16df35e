/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Commands that are programs of their own, below libexec: found, and executed
 * in place of the tool.
 */
#include "cmd.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of this program without the slash; false: unknown. */
static bool find_own_folder(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);

	return length >= n && strcmp(text + length - n, end) == 0;
}

/* The length of what both paths begin with, whole names only. */
static size_t common_folders(const char *a, const char *b)
{
	size_t common = 0, i = 0;

	for (; a[i] != '\0' && a[i] == b[i]; i++)
		if (a[i] == '/')
			common = i;
	return common;
}

/*
 * In a build directory, beside this program, which libtool may have put into
 * .libs. Only where both are the same user's: a program that was copied to a
 * folder like /tmp must not run what somebody else has put beside it.
 */
static char *find_uninstalled(const char *folder, const char *name)
{
	char *path = ctl_printf(ends_with(folder, "/.libs") ? "%s/../%s"
							    : "%s/%s",
				folder, name);
	struct stat own, other;

	if (stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
	    own.st_uid == other.st_uid && access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Where `make install` puts it, seen from here: all may have been moved. */
static char *find_relocated(const char *folder, const char *name)
{
	size_t common = common_folders(CTL_BINDIR, CTL_PROGRAMS);
	const char *own = &CTL_BINDIR[common];
	const char *programs = &CTL_PROGRAMS[common];
	char *path;

	if (!ends_with(folder, own))
		return NULL;
	path = ctl_printf("%.*s%s/%s", (int)(strlen(folder) - strlen(own)),
			  folder, programs, name);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *find_program(const char *name)
{
	char folder[PATH_MAX];
	char *path = NULL;

	if (find_own_folder(folder, sizeof(folder))) {
		path = find_uninstalled(folder, name);
		if (!path)
			path = find_relocated(folder, name);
	}
	return path ? path : ctl_printf(CTL_PROGRAMS "/%s", name);
}

/* Returns only on failure. */
static int become(const char *command, char **argv)
{
	char *name = ctl_printf("datamem-%s", command);
	char *path = find_program(name);

	argv[0] = path;
	execv(path, argv);
	if (errno == ENOENT)
		ctl_error("this build has no %s: install the package that "
			  "brings %s, or configure libdatamem without "
			  "--disable-measure", command, name);
	else
		ctl_error("%s: %s", path, strerror(errno));
	free(path);
	free(name);
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

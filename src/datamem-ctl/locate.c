/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Where the tool's own programs are. */
#include "tool.h"
#include "locate.h"

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

char *ctl_locate(const char *command)
{
	char *name = ctl_printf("datamem-%s", command);
	char folder[PATH_MAX];
	char *path = NULL;

	if (find_own_folder(folder, sizeof(folder))) {
		path = find_uninstalled(folder, name);
		if (!path)
			path = find_relocated(folder, name);
	}
	if (!path)
		path = ctl_printf(CTL_PROGRAMS "/%s", name);
	free(name);
	return path;
}

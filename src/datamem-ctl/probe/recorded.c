/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Recorded machines. */
#include "tool.h"
#include "probe.h"

#include <sys/stat.h>
#include <unistd.h>

void ctl_probe_start_below(const char *sysroot, const char *command,
			   char **argv)
{
	const char *now = getenv("DATAMEM_SYSROOT");
	static char name[] = CTL_NAME;
	struct stat status;
	size_t count = 0;
	char *path;
	char **again;

	if (stat(sysroot, &status) != 0)
		ctl_die("%s: %s", sysroot, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		ctl_die("%s: %s", sysroot, strerror(ENOTDIR));
	path = realpath(sysroot, NULL);
	if (!path)
		ctl_die("%s: %s", sysroot, strerror(errno));
	if (now && strcmp(now, path) == 0) {
		free(path);
		return;
	}
	if (setenv("DATAMEM_SYSROOT", path, 1) != 0)
		ctl_die("%s", strerror(errno));
	while (argv[count])
		count++;
	/* argv[0] is the name of the command: it becomes two words again. */
	again = ctl_alloc(count + 2, sizeof(*again));
	again[0] = name;
	again[1] = ctl_strdup(command);
	memcpy(again + 2, argv + 1, count * sizeof(*again));
	execv("/proc/self/exe", again);
	ctl_die("/proc/self/exe: %s", strerror(errno));
}

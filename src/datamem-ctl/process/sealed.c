/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Opens memory that another process shares, with care. */
#include "tool.h"
#include "sealed.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define TMPFS 0x01021994
#define LINK_PREFIX "/memfd:"

/* Descriptors of a name that are opened. */
#define LINKS_MOST 16

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#endif

/* Through a descriptor that was opened without effect (O_PATH). */
static const char *reopen(int path_fd, struct ctl_sealed *out)
{
	const int sealed = F_SEAL_SHRINK | F_SEAL_GROW;
	struct stat stat;
	char again[64];
	int seals;

	snprintf(again, sizeof(again), "/proc/self/fd/%d", path_fd);
	out->fd = open(again, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	out->writable = out->fd >= 0;
	if (out->fd < 0)
		out->fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (out->fd < 0)
		return errno == EACCES || errno == EPERM ?
			       "permission denied by the mode of its page" :
			       strerror(errno);
	seals = fcntl(out->fd, F_GET_SEALS);
	/* Else it can be cut while we use it; a size of before can be wrong. */
	if (seals < 0 || (seals & sealed) != sealed ||
	    fstat(out->fd, &stat) != 0) {
		close(out->fd);
		return "its page is not sealed";
	}
	out->size = (uint64_t)stat.st_size;
	return NULL;
}

const char *ctl_sealed_open(const char *link, struct ctl_sealed *out,
			    int *refused)
{
	int path_fd = open(link, O_PATH | O_CLOEXEC);
	const char *error;
	struct statfs fs;
	struct stat stat;

	*refused = path_fd < 0 ? errno : 0;
	if (path_fd < 0)
		return strerror(*refused);
	/* Anything can have that name, a FIFO or a device, too. */
	if (fstat(path_fd, &stat) != 0 || !S_ISREG(stat.st_mode) ||
	    fstatfs(path_fd, &fs) != 0 || fs.f_type != TMPFS)
		error = "its page is not a file in memory";
	else
		error = reopen(path_fd, out);
	close(path_fd);
	return error;
}

bool ctl_sealed_is(const char *link, const char *name)
{
	size_t length = strlen(LINK_PREFIX);
	char target[64];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strncmp(target, LINK_PREFIX, length) == 0 &&
	       strncmp(target + length, name, strlen(name)) == 0;
}

bool ctl_sealed_each(pid_t pid, const char *name,
		     bool (*look)(const char *link,
				  const struct ctl_sealed *memory, void *arg),
		     void *arg)
{
	struct ctl_sealed memory;
	struct dirent *entry;
	int links = 0, refused;
	char path[400];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (links < LINKS_MOST && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid,
			 entry->d_name);
		if (!ctl_sealed_is(path, name) ||
		    ctl_sealed_open(path, &memory, &refused))
			continue;
		links++;
		if (!look(path, &memory, arg))
			close(memory.fd);
	}
	closedir(dir);
	return true;
}

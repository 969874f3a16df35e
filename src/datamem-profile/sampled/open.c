/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds the profile of a process, or opens a file that holds one. */
#include "tool.h"
#include "sampled.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "process/process.h"

static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static pid_t parse_pid(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	long pid;

	if (digits == 0 || name[digits] != '\0')
		return 0;
	errno = 0;
	pid = strtol(name, NULL, 10);
	return errno != 0 || pid <= 0 || pid > INT_MAX ? 0 : (pid_t)pid;
}

/* The profile of this process that is there, not one of before or of its
 * parent: the one made last. */
static bool is_better(const struct profile_header *h, pid_t inner_pid,
		      uint64_t made)
{
	return memcmp(h->magic, PROFILE_MAGIC, sizeof(h->magic)) == 0 &&
	       h->pid == inner_pid && h->made >= made;
}

struct search {
	pid_t inner_pid;
	struct ctl_sealed best;
	uint64_t made;
};

static bool look(const char *link CTL_UNUSED, const struct ctl_sealed *memory,
		 void *arg)
{
	struct search *search = arg;
	struct profile_header header;

	if (pread(memory->fd, &header, sizeof(header), 0) !=
		    (ssize_t)sizeof(header) ||
	    !is_better(&header, search->inner_pid, search->made))
		return false;
	if (search->best.fd >= 0)
		close(search->best.fd);
	search->best = *memory;
	search->made = header.made;
	return true;
}

static bool find(pid_t pid, struct ctl_sealed *out)
{
	struct search search = { .best = { .fd = -1 } };
	struct ctl_identity is = { 0 };

	ctl_describe(pid, &is);
	search.inner_pid = is.inner_pid;
	if (!ctl_sealed_each(pid, PROFILE_NAME, look, &search) ||
	    search.best.fd < 0)
		return false;
	*out = search.best;
	return true;
}

/* Why a process has none. */
static char *explain(pid_t pid)
{
	static struct ctl_process process;
	const char *error = ctl_process_open(pid, 0, &process);
	const struct live_setting *setting;
	bool known;

	if (error)
		return ctl_printf("process %d: %s", (int)pid, error);
	setting = ctl_page_setting(&process.page, "profile");
	known = setting != NULL;
	ctl_process_close(&process);
	if (!known)
		return ctl_printf("process %d: its library is older than this "
				  "tool, and has no profile", (int)pid);
	return ctl_printf("process %d: its profile is off; '" CTL_NAME " set "
			  "%d profile=512K' switches it on", (int)pid,
			  (int)pid);
}

static char *open_file(const char *name, struct ctl_sealed *out)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;

	if (fd < 0)
		return ctl_printf("%s: %s", name, strerror(errno));
	if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
		close(fd);
		return ctl_printf("%s: it is not a regular file", name);
	}
	out->fd = fd;
	out->size = (uint64_t)stat.st_size;
	return NULL;
}

bool sampled_is_file(const char *name)
{
	return parse_pid(name) == 0 &&
	       (!isalpha((unsigned char)*name) || strchr(name, '/') ||
		access(name, F_OK) == 0);
}

/* *pid is 0 for a file. */
static char *open_any(const char *name, struct ctl_sealed *out, pid_t *pid)
{
	*pid = parse_pid(name);
	if (*pid == 0 && sampled_is_file(name))
		return open_file(name, out);
	if (*pid == 0) {
		char *error = sampled_named(name, pid);

		if (error)
			return error;
	}
	return find(*pid, out) ? NULL : explain(*pid);
}

static char *read_any(const struct ctl_sealed *memory, const char *name,
		      pid_t pid, struct sampled *out)
{
	struct ctl_source source = ctl_source_file(memory->fd, memory->size);
	const char *why = sampled_read(&source, boot_ns(), out);

	close(memory->fd);
	if (why && pid != 0)
		return ctl_printf("process %d: %s", (int)pid, why);
	if (why)
		return ctl_printf("%s: %s", name, why);
	out->pid = pid;
	if (pid != 0)
		sampled_residency(out);
	return NULL;
}

char *sampled_open(const char *name, struct sampled *out)
{
	struct ctl_sealed memory;
	char *error;
	pid_t pid;

	error = open_any(name, &memory, &pid);
	return error ? error : read_any(&memory, name, pid, out);
}

char *sampled_open_process(pid_t pid, struct sampled *out)
{
	struct ctl_sealed memory;

	if (!find(pid, &memory))
		return explain(pid);
	return read_any(&memory, NULL, pid, out);
}

/* Of holes, nothing is written. */
static int copy_all(int from, int to, uint64_t size)
{
	static char chunk[65536], zeros[sizeof(chunk)];

	for (uint64_t at = 0; at < size; at += sizeof(chunk)) {
		size_t n = size - at < sizeof(chunk) ? (size_t)(size - at)
						     : sizeof(chunk);

		if (pread(from, chunk, n, (off_t)at) != (ssize_t)n)
			return errno != 0 ? errno : EIO;
		if (memcmp(chunk, zeros, n) != 0 &&
		    pwrite(to, chunk, n, (off_t)at) != (ssize_t)n)
			return errno != 0 ? errno : EIO;
	}
	return ftruncate(to, (off_t)size) != 0 ? errno : 0;
}

/* Says that it is a copy, and when it was made. */
static int mark_copy(int fd)
{
	struct profile_header header;

	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return EIO;
	if (header.state == PROFILE_COPY)
		return 0;
	header.state = PROFILE_COPY;
	header.written = boot_ns();
	return pwrite(fd, &header, sizeof(header), 0) ==
			       (ssize_t)sizeof(header) ? 0 : EIO;
}

/* What is there goes once there is something to write; not if that is itself
 * what is read. */
static char *open_copy(const char *path, const struct ctl_sealed *from, int *fd)
{
	struct stat source, stat;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (*fd < 0)
		return ctl_printf("%s: %s", path, strerror(errno));
	if (fstat(*fd, &stat) != 0 || fstat(from->fd, &source) != 0)
		return ctl_printf("%s: %s", path, strerror(errno));
	if (stat.st_dev == source.st_dev && stat.st_ino == source.st_ino)
		return ctl_printf("%s: it is the profile that is to be copied",
				  path);
	if (S_ISREG(stat.st_mode) && ftruncate(*fd, 0) != 0)
		return ctl_printf("%s: %s", path, strerror(errno));
	return NULL;
}

char *sampled_copy(const char *name, const char *path)
{
	struct ctl_sealed memory;
	char *problem;
	int error, fd;
	pid_t pid;

	problem = open_any(name, &memory, &pid);
	if (problem)
		return problem;
	problem = open_copy(path, &memory, &fd);
	errno = 0;
	error = problem ? 0 : copy_all(memory.fd, fd, memory.size);
	if (!problem && !error)
		error = mark_copy(fd);
	close(memory.fd);
	if (fd >= 0 && close(fd) != 0 && !error)
		error = errno;
	return error ? ctl_printf("cannot write the profile: %s",
				  strerror(error)) : problem;
}

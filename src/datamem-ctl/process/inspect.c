/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds control pages below /proc and opens them with care. */
#include "tool.h"
#include "inspect.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sealed.h"

#define LINK_TEXT "/memfd:" LIVE_NAME
/* A copy of the library has one; a forked child may have its parent's. */
#define LINKS_MOST 8

/* Found nothing; told apart by its address. */
static const char no_page[] = "no page";

/* Why something below /proc/PID cannot be opened. */
static const char *explain_refusal(struct ctl_process *process, int error)
{
	if (error == ENOENT || error == ESRCH)
		return "it is gone";
	process->uninspected = true;
	if (error != EACCES && error != EPERM)
		return strerror(error);
	/* The directory is its user's even when what is in it is root's. A
	 * set-user-ID program keeps the real user who started it. */
	if (process->is.uid != geteuid() &&
	    ctl_describe_real_uid(process->pid) != getuid())
		return "permission denied: it is another user's";
	return "permission denied: it is protected (not dumpable, "
	       "set-user-ID or capabilities)";
}

static const char *open_page(const char *link, struct ctl_process *out)
{
	struct ctl_sealed memory;
	int refused;
	const char *error = ctl_sealed_open(link, &memory, &refused);

	if (error)
		return refused ? explain_refusal(out, refused) : error;
	out->fd = memory.fd;
	out->writable = memory.writable;
	out->size = memory.size;
	return NULL;
}

const char *ctl_process_refresh(struct ctl_process *process)
{
	struct ctl_source source = ctl_source_file(process->fd, process->size);
	struct live_header header;
	const char *error = ctl_page_header(&source, &header);

	if (error)
		return error;
	if (header.pid == process->is.inner_pid) {
		error = ctl_page_read(&source, &process->page);
		if (error)
			return error;
		header.pid = process->page.header.pid;
	}
	return header.pid == process->is.inner_pid ?
		       NULL : "its page is that of another process";
}

void ctl_process_close(struct ctl_process *process)
{
	close(process->fd);
}

static const char *try_link(const char *link, struct ctl_process *out)
{
	const char *error = open_page(link, out);

	if (error)
		return error;
	error = ctl_process_refresh(out);
	if (error)
		close(out->fd);
	return error;
}

/* Why a process has no descriptor of a page, by its mappings. */
static const char *explain_absence(pid_t pid)
{
	const char *answer = "it does not use libdatamem";
	char path[64], line[4096];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return errno == EACCES || errno == EPERM ?
			"it cannot be inspected: no right to trace it" :
			"it cannot be inspected";
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, LINK_TEXT)) {
			answer = "it has closed the descriptor of its page";
			break;
		}
		if (strstr(line, "/libdatamem.so"))
			answer = "it has no page: DATAMEM_CONTROL=off, no "
				 "memory allocated yet, or RLIMIT_FSIZE";
	}
	fclose(maps);
	return answer;
}

/* Pages that were found, so that a second descriptor of one is left out. */
struct found {
	ino_t pages[LINKS_MOST];
	size_t n;
};

static bool is_new(struct found *found, int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0)
		return false;
	for (size_t i = 0; i < found->n; i++)
		if (found->pages[i] == stat.st_ino)
			return false;
	found->pages[found->n++] = stat.st_ino;
	return true;
}

/* The nth page of those in a directory; NULL, or why the last was refused. */
static const char *find_page(DIR *dir, const char *path, size_t nth,
			     struct ctl_process *out)
{
	const char *refused = no_page;
	struct found found = { .n = 0 };
	struct dirent *entry;
	char link[400];
	int links = 0;

	while (links < LINKS_MOST && (entry = readdir(dir))) {
		const char *error;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		errno = 0;
		if (!ctl_sealed_is(link, LIVE_NAME)) {
			/* Without the right to trace, none can be read. */
			if (errno == EACCES || errno == EPERM)
				refused = explain_refusal(out, errno);
			continue;
		}
		links++;
		error = try_link(link, out);
		if (error) {
			refused = error;
			continue;
		}
		if (is_new(&found, out->fd) && found.n == nth + 1)
			return NULL;
		close(out->fd);
	}
	return refused;
}

const char *ctl_process_open(pid_t pid, size_t nth, struct ctl_process *out)
{
	const char *error;
	char path[64];
	DIR *dir;

	memset(out, 0, sizeof(*out));
	out->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir && errno == ENOENT)
		return "no such process";
	if (!dir) {
		int reason = errno;

		out->is.uid = ctl_describe_uid(pid);
		return explain_refusal(out, reason);
	}
	ctl_describe(pid, &out->is);
	error = find_page(dir, path, nth, out);
	closedir(dir);
	return error == no_page ? explain_absence(pid) : error;
}

static bool is_ours(const char *line, const struct live_numbers *n, bool *is)
{
	unsigned long long from, to;

	if (sscanf(line, "%llx-%llx ", &from, &to) != 2)
		return false;
	*is = (from >= n->window_base &&
	       from - n->window_base < n->window_bytes) ||
	      strstr(line, "[anon:datamem]");
	return true;
}

bool ctl_process_huge(const struct ctl_process *process, uint64_t *resident,
		      uint64_t *huge)
{
	char path[64], line[4096];
	unsigned long long kib;
	bool inside = false;
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)process->pid);
	smaps = fopen(path, "re");
	if (!smaps)
		return false;
	*resident = *huge = 0;
	while (fgets(line, sizeof(line), smaps)) {
		/* Lines of values begin with a capital. */
		if (!isupper((unsigned char)line[0])) {
			is_ours(line, &process->page.numbers, &inside);
			continue;
		}
		if (!inside)
			continue;
		if (sscanf(line, "Rss: %llu kB", &kib) == 1)
			*resident += kib * 1024;
		else if (sscanf(line, "AnonHugePages: %llu kB", &kib) == 1)
			*huge += kib * 1024;
	}
	fclose(smaps);
	return true;
}

const char *ctl_origin_name(int origin)
{
	static const char *const names[] = {
		[DATAMEM_ORIGIN_BUILTIN] = "built-in",
		[DATAMEM_ORIGIN_ENVIRONMENT] = "environment",
		[DATAMEM_ORIGIN_API] = "program",
		[DATAMEM_ORIGIN_CONTROL] = "control",
	};

	if (origin < 0 || (size_t)origin >= CTL_ARRAY_SIZE(names))
		return "?";
	return names[origin];
}

void ctl_process_row(struct ctl_output *out, const struct ctl_process *process)
{
	ctl_output_row(out);
	ctl_output_count(out, CTL_PROCESS_PID, (uint64_t)process->pid);
	ctl_output_string(out, CTL_PROCESS_COMMAND, process->is.command);
	ctl_output_string(out, CTL_PROCESS_NAME, process->is.name);
}

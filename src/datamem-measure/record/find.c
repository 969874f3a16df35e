/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks through /proc/PID/fd. */
#include "tool.h"
#include "find.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

#include "../../events-page.h"

static bool is_ring(int fd, pid_t inner_pid, uint64_t inode)
{
	struct events_header header;
	struct stat stat;

	return fstat(fd, &stat) == 0 && stat.st_ino == inode &&
	       pread(fd, &header, sizeof(header), 0) ==
		       (ssize_t)sizeof(header) &&
	       memcmp(header.magic, EVENTS_MAGIC, sizeof(header.magic)) == 0 &&
	       header.pid == inner_pid;
}

struct search {
	pid_t inner_pid;
	uint64_t inode;
	struct record_found *out;
};

static bool look(const char *link, const struct ctl_sealed *memory, void *arg)
{
	const struct search *search = arg;
	struct record_found *out = search->out;
	void *bytes;

	if (out->bytes || !memory->writable ||
	    !is_ring(memory->fd, search->inner_pid, search->inode))
		return false;
	bytes = mmap(NULL, (size_t)memory->size, PROT_READ | PROT_WRITE,
		     MAP_SHARED, memory->fd, 0);
	if (bytes == MAP_FAILED)
		return false;
	*out = (struct record_found) { bytes, memory->size, search->inode, "" };
	snprintf(out->link, sizeof(out->link), "%s", link);
	return false;
}

bool record_find(pid_t pid, pid_t inner_pid, uint64_t inode,
		 struct record_found *out)
{
	struct search search = { inner_pid, inode, out };

	*out = (struct record_found) { 0 };
	return ctl_sealed_each(pid, EVENTS_NAME, look, &search) && out->bytes;
}

/* Programs close descriptors that they do not know: the memory stays. */
static bool is_mapped(pid_t pid, uint64_t inode)
{
	char *line = NULL, path[64], name[] = "/memfd:" EVENTS_NAME;
	unsigned long long number;
	bool found = false;
	size_t room = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	while (maps && !found && getline(&line, &room, maps) > 0)
		found = strstr(line, name) &&
			sscanf(line, "%*s %*s %*s %*s %llu", &number) == 1 &&
			number == inode;
	if (maps)
		fclose(maps);
	free(line);
	return found;
}

bool record_find_again(pid_t pid, const struct record_found *found)
{
	char state = ctl_process_state(pid);
	struct stat stat_of_link;

	if (state == '\0' || state == 'Z' || state == 'X')
		return false;
	return (stat(found->link, &stat_of_link) == 0 &&
		stat_of_link.st_ino == found->inode) ||
	       is_mapped(pid, found->inode);
}

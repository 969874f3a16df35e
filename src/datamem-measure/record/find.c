/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks through /proc/PID/fd. */
#include "tool.h"
#include "find.h"

#include <ctype.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

#include "../../events-page.h"

/* Descriptors of that name that are looked at. */
#define LINKS_MOST 16

static bool is_ring(int fd, pid_t inner_pid, uint64_t inode, uint64_t *made,
		    uint64_t *found)
{
	struct events_header header;
	struct stat stat;

	if (fstat(fd, &stat) != 0 || (inode != 0 && stat.st_ino != inode) ||
	    pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
	    memcmp(header.magic, EVENTS_MAGIC, sizeof(header.magic)) != 0 ||
	    header.pid != inner_pid || header.state != EVENTS_RUNS ||
	    header.made < *made)
		return false;
	*made = header.made;
	*found = stat.st_ino;
	return true;
}

static bool try_link(const char *link, pid_t inner_pid, uint64_t inode,
		     uint64_t *made, struct record_found *out)
{
	struct ctl_sealed memory;
	uint64_t found;
	int refused;
	void *bytes;

	if (!ctl_sealed_is(link, EVENTS_NAME) ||
	    ctl_sealed_open(link, &memory, &refused))
		return false;
	if (memory.writable &&
	    is_ring(memory.fd, inner_pid, inode, made, &found)) {
		bytes = mmap(NULL, (size_t)memory.size,
			     PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);
		if (bytes != MAP_FAILED) {
			if (out->bytes)
				munmap(out->bytes, (size_t)out->size);
			*out = (struct record_found) { bytes, memory.size,
						       found, "" };
			snprintf(out->link, sizeof(out->link), "%s", link);
		}
	}
	close(memory.fd);
	return true;
}

bool record_find(pid_t pid, pid_t inner_pid, uint64_t inode,
		 struct record_found *out)
{
	struct dirent *entry;
	uint64_t made = 0;
	char path[400];
	int links = 0;
	DIR *dir;

	*out = (struct record_found) { 0 };
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (links < LINKS_MOST && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid,
			 entry->d_name);
		links += try_link(path, inner_pid, inode, &made, out);
	}
	closedir(dir);
	return out->bytes != NULL;
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

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Our cgroup where the mount shows more than our cgroup namespace: no file has
 * the names between, so the directories are looked through for the one whose
 * processes include this one.
 */
#include "kernel.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

/* Levels above the namespace's root, and directories looked at. */
#define LEVELS_MAX 8
#define LOOKS_MAX 4096

/* DT_DIR of <dirent.h>; 0 where the file system does not tell. */
#define DT_DIR_TYPE 4

struct walk {
	struct dmem_files_work *work;
	char self[24];      /* our id as cgroup.procs has it */
	unsigned int looks;
};

struct entry {
	uint64_t ino;
	int64_t next;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* Our number: that of the process that a record is about, where it is one. */
static void find_self(struct walk *walk)
{
	struct dmem_lines *lines = &walk->work->lines;
	int pid = getpid();
	char digits[24], *at = digits + sizeof(digits) - 1, *line;

	walk->self[0] = '\0';
	if (dmem_files_recorded()) {
		if (dmem_lines_open(lines, "/proc/self/stat", false))
			return;
		line = dmem_lines_next(lines);
		if (line && strcspn(line, " ") < sizeof(walk->self)) {
			line[strcspn(line, " ")] = '\0';
			strcpy(walk->self, line);
		}
		dmem_lines_close(lines);
		return;
	}
	for (*at = '\0'; pid > 0; pid /= 10)
		*--at = (char)('0' + pid % 10);
	strcpy(walk->self, at);
}

/* Whether work->dir with our path below it is our cgroup. */
static bool is_ours(struct walk *walk)
{
	struct dmem_files_work *work = walk->work;
	size_t length = strlen(work->dir);
	const char *below = work->path[0] && work->path[1] ? work->path : "";
	bool found = false;
	char *line;

	if (dmem_text_append(work->dir, sizeof(work->dir), below) &&
	    !dmem_dir_lines_open(work, "/cgroup.procs")) {
		while (!found && (line = dmem_lines_next(&work->lines)))
			found = !strcmp(line, walk->self);
		dmem_lines_close(&work->lines);
	}
	work->dir[length] = '\0';
	return found;
}

static bool descend(struct walk *walk, unsigned int levels);

/* A directory below work->dir, which becomes it when it is found there. */
static bool enter(struct walk *walk, const char *name, unsigned int levels)
{
	struct dmem_files_work *work = walk->work;
	size_t length = strlen(work->dir);
	bool found = false;

	walk->looks++;
	if (dmem_text_append(work->dir, sizeof(work->dir), "/") &&
	    dmem_text_append(work->dir, sizeof(work->dir), name))
		found = levels > 1 ? descend(walk, levels - 1) : is_ours(walk);
	if (!found)
		work->dir[length] = '\0';
	return found;
}

/* levels: how far below work->dir it is, at least 1. */
static bool descend(struct walk *walk, unsigned int levels)
{
	/* Deeper levels use the buffer as well: each entry is read anew. */
	char *buf = walk->work->names;
	const struct entry *entry = (const struct entry *)(void *)buf;
	int fd = dmem_dir_open(walk->work);
	bool found = false;
	int64_t next;

	if (fd < 0)
		return false;
	while (!found && walk->looks < LOOKS_MAX &&
	       syscall(SYS_getdents64, fd, buf, sizeof(walk->work->names)) >
		       0) {
		next = entry->next;
		if ((entry->type == DT_DIR_TYPE || !entry->type) &&
		    entry->name[0] != '.')
			found = enter(walk, entry->name, levels);
		if (lseek(fd, next, SEEK_SET) < 0)
			break;
	}
	dmem_files_close(fd);
	return found;
}

bool dmem_groups_find(struct dmem_files_work *work, unsigned int levels)
{
	struct walk walk = { .work = work };
	int saved = errno;
	bool found;

	if (!levels || levels > LEVELS_MAX)
		return false;
	find_self(&walk);
	found = walk.self[0] && descend(&walk, levels);
	errno = saved;
	return found;
}

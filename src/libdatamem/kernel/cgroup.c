/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The memory limit of this process's cgroups, v1 and v2.
 *
 * /proc/self/cgroup tells the path in the hierarchy, /proc/self/mountinfo where
 * the hierarchy, or a part of it, is mounted. In a container the two may not
 * fit together; then the mount point is taken for our own cgroup, which it is
 * with Docker, Podman and Kubernetes. In a cgroup namespace whose hierarchy was
 * not mounted anew, the root of the mount is "/../..": so far above the
 * namespace's.
 */
#include "kernel.h"

#include <string.h>

#include "files.h"

/* v1 says "no limit" as the largest page-aligned number of a signed long. */
#define V1_NO_LIMIT ((uint64_t)1 << 62)

/* Whether a list "cpu,memory" has an item. */
static bool list_has(const char *list, const char *item)
{
	size_t length = strlen(item);

	for (;;) {
		size_t n = strcspn(list, ",");

		if (n == length && !memcmp(list, item, n))
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

/* Cut the next field off at a separator; NULL when there is none. */
static char *cut(char **rest, char separator)
{
	char *field = *rest;
	char *end = field ? strchr(field, separator) : NULL;

	*rest = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return field;
}

/* Undo mountinfo's \040 and the like, in place. */
static void unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*out++ = (char)((text[1] - '0') * 64 +
					(text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* "0::/a/b" of v2, "4:memory:/a/b" of v1. */
static void find_path(bool v2, struct dmem_files_work *work)
{
	struct dmem_lines *lines = &work->lines;
	char *rest;

	work->path[0] = '\0';
	if (dmem_lines_open(lines, "/proc/self/cgroup", false))
		return;
	while ((rest = dmem_lines_next(lines))) {
		const char *id = cut(&rest, ':');
		const char *list = cut(&rest, ':');

		if (!id || !list || !rest || rest[0] != '/')
			continue;
		if (v2 ? strcmp(id, "0") || *list : !list_has(list, "memory"))
			continue;
		if (!dmem_text_append(work->path, sizeof(work->path), rest))
			work->path[0] = '\0';
		break;
	}
	dmem_lines_close(lines);
}

/*
 * "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory":
 * root, mount point, options, any number of other fields, then a dash.
 */
static bool parse_mount(bool v2, struct dmem_files_work *work, char *rest)
{
	char *field[6];
	const char *type, *options;
	char *word;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(field); i++)
		field[i] = cut(&rest, ' ');
	do {
		word = cut(&rest, ' ');
	} while (word && strcmp(word, "-"));
	type = cut(&rest, ' ');
	cut(&rest, ' ');
	options = rest;
	if (!type || !options)
		return false;
	if (v2 ? strcmp(type, "cgroup2") :
		 strcmp(type, "cgroup") || !list_has(options, "memory"))
		return false;
	unescape(field[3]);
	unescape(field[4]);
	work->root[0] = '\0';
	work->mount[0] = '\0';
	if (!dmem_text_append(work->root, sizeof(work->root), field[3]) ||
	    !dmem_text_append(work->mount, sizeof(work->mount), field[4])) {
		work->mount[0] = '\0';
		return false;
	}
	return true;
}

static void find_mount(bool v2, struct dmem_files_work *work)
{
	struct dmem_lines *lines = &work->lines;
	char *line;

	work->mount[0] = '\0';
	if (dmem_lines_open(lines, "/proc/self/mountinfo", false))
		return;
	while ((line = dmem_lines_next(lines)))
		if (parse_mount(v2, work, line))
			break;
	dmem_lines_close(lines);
}

/* The part of the path that lies below the mount point: "" or "/a/b". */
static const char *path_below_mount(const struct dmem_files_work *work)
{
	const char *path = work->path;
	size_t n = strlen(work->root);

	/* "/../a": outside of our cgroup namespace. */
	if (!strncmp(path, "/..", 3))
		return "";
	if (n == 1)
		return path[1] ? path : "";
	if (!strncmp(path, work->root, n) && (!path[n] || path[n] == '/'))
		return path + n;
	return "";
}

static uint64_t read_limit(struct dmem_files_work *work, const char *file)
{
	uint64_t limit;

	/* "max", or not there. */
	return dmem_dir_number(work, file, &limit) ? limit : UINT64_MAX;
}

/* v1 adds up the ancestors itself, also those that are not visible here. */
static uint64_t read_v1_hierarchical(struct dmem_files_work *work)
{
	static const char name[] = "hierarchical_memory_limit ";
	uint64_t limit = UINT64_MAX, value;
	const char *p;
	char *line;

	if (dmem_dir_lines_open(work, "/memory.stat"))
		return UINT64_MAX;
	while ((line = dmem_lines_next(&work->lines))) {
		if (strncmp(line, name, sizeof(name) - 1))
			continue;
		p = line + sizeof(name) - 1;
		if (dmem_text_number(&p, 10, &value) && !*p)
			limit = value;
		break;
	}
	dmem_lines_close(&work->lines);
	return limit;
}

static uint64_t dir_limit(bool v2, struct dmem_files_work *work)
{
	uint64_t limit, other;

	if (v2) {
		limit = read_limit(work, "/memory.max");
		other = read_limit(work, "/memory.high");
		return DMEM_MIN(limit, other);
	}
	limit = read_limit(work, "/memory.limit_in_bytes");
	other = read_v1_hierarchical(work);
	limit = DMEM_MIN(limit, other);
	return limit >= V1_NO_LIMIT ? UINT64_MAX : limit;
}

/* How far the mount's root is above that of our cgroup namespace; 0: not. */
static unsigned int levels_above(const char *root)
{
	unsigned int levels = 0;

	for (; !strncmp(root, "/..", 3); root += 3)
		levels++;
	return *root ? 0 : levels;
}

/* The directory of our cgroup, and how much of it is the mount point. */
static bool find_dir(bool v2, struct dmem_files_work *work,
		     size_t *mount_length)
{
	find_mount(v2, work);
	if (!work->mount[0])
		return false;
	find_path(v2, work);
	work->dir[0] = '\0';
	if (!dmem_text_append(work->dir, sizeof(work->dir), work->mount))
		return false;
	*mount_length = strlen(work->dir);
	if (levels_above(work->root) && strncmp(work->path, "/..", 3)) {
		if (!dmem_groups_find(work, levels_above(work->root)))
			return true;
		/* The levels below were looked at, and fit. */
		return !work->path[1] ||
		       dmem_text_append(work->dir, sizeof(work->dir),
					work->path);
	}
	if (!dmem_text_append(work->dir, sizeof(work->dir),
			      path_below_mount(work)))
		work->dir[*mount_length] = '\0';
	return true;
}

bool dmem_cgroup_dir(bool v2, struct dmem_files_work *work)
{
	size_t mount_length;

	return find_dir(v2, work, &mount_length);
}

/* Bytes of files that are in memory and go when it is needed. */
static uint64_t dir_cache(bool v2, struct dmem_files_work *work)
{
	static const char *const names[] = {
		"total_active_file ", "total_inactive_file ",
	};
	/* v2 counts its children in, without the word. */
	size_t skip = v2 ? sizeof("total_") - 1 : 0;
	uint64_t bytes = 0, value;
	const char *p;
	char *line;

	if (dmem_dir_lines_open(work, "/memory.stat"))
		return 0;
	while ((line = dmem_lines_next(&work->lines)))
		for (size_t i = 0; i < DMEM_ARRAY_SIZE(names); i++) {
			size_t length = strlen(names[i] + skip);

			p = line + length;
			if (!strncmp(line, names[i] + skip, length) &&
			    dmem_text_number(&p, 10, &value) && !*p)
				bytes += value;
		}
	dmem_lines_close(&work->lines);
	return bytes;
}

/* Bytes that a cgroup's limit leaves. */
static uint64_t dir_left(bool v2, struct dmem_files_work *work)
{
	uint64_t limit = dir_limit(v2, work), used, cache;

	if (limit == UINT64_MAX ||
	    !dmem_dir_number(work, v2 ? "/memory.current" :
					"/memory.usage_in_bytes", &used))
		return limit;
	cache = dir_cache(v2, work);
	used -= DMEM_MIN(used, cache);
	return limit - DMEM_MIN(limit, used);
}

/* The least that a cgroup and its visible ancestors tell. */
static uint64_t least(bool v2, struct dmem_files_work *work,
		      uint64_t (*tell)(bool v2, struct dmem_files_work *work))
{
	uint64_t bytes = UINT64_MAX;
	size_t mount_length;

	if (!find_dir(v2, work, &mount_length))
		return UINT64_MAX;
	for (;;) {
		uint64_t here = tell(v2, work);
		char *slash = strrchr(work->dir, '/');

		bytes = DMEM_MIN(bytes, here);
		if (strlen(work->dir) <= mount_length || !slash)
			return bytes;
		*slash = '\0';
	}
}

uint64_t dmem_kernel_cgroup_limit(void)
{
	/* Without memory to look, it is what it was. */
	static uint64_t last = UINT64_MAX;
	struct dmem_files_work *work = dmem_files_work_get();
	uint64_t v1, v2;

	if (!work)
		return dmem_load(&last);
	v1 = least(false, work, dir_limit);
	v2 = least(true, work, dir_limit);
	dmem_files_work_put(work);
	dmem_store(&last, DMEM_MIN(v1, v2));
	return DMEM_MIN(v1, v2);
}

uint64_t dmem_kernel_memory_left(void)
{
	struct dmem_files_work *work = dmem_files_work_get();
	uint64_t v1, v2, left;

	/* Not even a page. */
	if (!work)
		return 0;
	left = dmem_facts_available(work);
	v1 = least(false, work, dir_left);
	v2 = least(true, work, dir_left);
	dmem_files_work_put(work);
	left = DMEM_MIN(left, v1);
	return DMEM_MIN(left, v2);
}

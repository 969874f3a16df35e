/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The memory limit of this process's cgroups, v1 and v2.
 *
 * /proc/self/cgroup tells the path in the hierarchy, /proc/self/mountinfo where
 * the hierarchy, or a part of it, is mounted. In a container the two may not
 * fit together; then the mount point is taken for our own cgroup, which it is
 * with Docker, Podman and Kubernetes.
 */
#include "kernel.h"

#include <string.h>

#include "files.h"

/* v1 says "no limit" as the largest page-aligned number of a signed long. */
#define V1_NO_LIMIT ((uint64_t)1 << 62)

/* A cgroup hierarchy that can hold memory limits. */
struct hierarchy {
	bool v2;
	char path[DMEM_PATH_MAX / 2];  /* in the hierarchy; "" unknown */
	char mount[DMEM_PATH_MAX / 2]; /* where root is mounted; "" nowhere */
	char root[DMEM_PATH_MAX / 2];
};

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
static void find_path(struct hierarchy *h)
{
	struct dmem_lines lines;
	char *rest;

	if (dmem_lines_open(&lines, "/proc/self/cgroup", false))
		return;
	while ((rest = dmem_lines_next(&lines))) {
		const char *id = cut(&rest, ':');
		const char *list = cut(&rest, ':');

		if (!id || !list || !rest || rest[0] != '/')
			continue;
		if (h->v2 ? strcmp(id, "0") || *list :
			    !list_has(list, "memory"))
			continue;
		if (!dmem_text_append(h->path, sizeof(h->path), rest))
			h->path[0] = '\0';
		break;
	}
	dmem_lines_close(&lines);
}

/*
 * "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory":
 * root, mount point, options, any number of other fields, then a dash.
 */
static bool parse_mount(struct hierarchy *h, char *rest)
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
	if (h->v2 ? strcmp(type, "cgroup2") :
		    strcmp(type, "cgroup") || !list_has(options, "memory"))
		return false;
	unescape(field[3]);
	unescape(field[4]);
	h->root[0] = '\0';
	h->mount[0] = '\0';
	if (!dmem_text_append(h->root, sizeof(h->root), field[3]) ||
	    !dmem_text_append(h->mount, sizeof(h->mount), field[4])) {
		h->mount[0] = '\0';
		return false;
	}
	return true;
}

static void find_mount(struct hierarchy *h)
{
	struct dmem_lines lines;
	char *line;

	if (dmem_lines_open(&lines, "/proc/self/mountinfo", false))
		return;
	while ((line = dmem_lines_next(&lines)))
		if (parse_mount(h, line))
			break;
	dmem_lines_close(&lines);
}

/* The part of the path that lies below the mount point: "" or "/a/b". */
static const char *path_below_mount(const struct hierarchy *h)
{
	size_t n = strlen(h->root);

	/* "/../a": outside of our cgroup namespace. */
	if (!strncmp(h->path, "/..", 3))
		return "";
	if (n == 1)
		return h->path[1] ? h->path : "";
	if (!strncmp(h->path, h->root, n) &&
	    (!h->path[n] || h->path[n] == '/'))
		return h->path + n;
	return "";
}

static uint64_t read_limit(const char *dir, const char *file)
{
	char path[DMEM_PATH_MAX] = "";
	uint64_t limit;

	if (!dmem_text_append(path, sizeof(path), dir) ||
	    !dmem_text_append(path, sizeof(path), file) ||
	    !dmem_files_number(path, &limit))
		return UINT64_MAX; /* "max", or not there */
	return limit;
}

/* A number of memory.stat; `missing` where there is none. */
static uint64_t read_stat(const char *dir, const char *name, uint64_t missing)
{
	char path[DMEM_PATH_MAX] = "";
	size_t length = strlen(name);
	struct dmem_lines lines;
	uint64_t value;
	const char *p;
	char *line;

	if (!dmem_text_append(path, sizeof(path), dir) ||
	    !dmem_text_append(path, sizeof(path), "/memory.stat") ||
	    dmem_lines_open(&lines, path, false))
		return missing;
	while ((line = dmem_lines_next(&lines))) {
		if (strncmp(line, name, length))
			continue;
		p = line + length;
		if (dmem_text_number(&p, 10, &value) && !*p)
			missing = value;
		break;
	}
	dmem_lines_close(&lines);
	return missing;
}

/* v1 adds up the ancestors itself, also those that are not visible here. */
static uint64_t read_v1_hierarchical(const char *dir)
{
	return read_stat(dir, "hierarchical_memory_limit ", UINT64_MAX);
}

static uint64_t dir_limit(const struct hierarchy *h, const char *dir)
{
	uint64_t limit, other;

	if (h->v2) {
		limit = read_limit(dir, "/memory.max");
		other = read_limit(dir, "/memory.high");
		return DMEM_MIN(limit, other);
	}
	limit = read_limit(dir, "/memory.limit_in_bytes");
	other = read_v1_hierarchical(dir);
	limit = DMEM_MIN(limit, other);
	return limit >= V1_NO_LIMIT ? UINT64_MAX : limit;
}

/* What a cgroup's own limit leaves. */
static uint64_t dir_left(const struct hierarchy *h, const char *dir)
{
	uint64_t limit = dir_limit(h, dir), used, files;

	if (limit == UINT64_MAX)
		return limit;
	used = read_limit(dir, h->v2 ? "/memory.current" :
				       "/memory.usage_in_bytes");
	if (used == UINT64_MAX)
		return limit;
	files = read_stat(dir, h->v2 ? "inactive_file " :
				       "total_inactive_file ", 0);
	used -= DMEM_MIN(files, used);
	return limit - DMEM_MIN(used, limit);
}

/* The directory of our cgroup, and how much of it is the mount point. */
static bool find_dir(struct hierarchy *h, char *dir, size_t size,
		     size_t *mount_length)
{
	find_mount(h);
	if (!h->mount[0])
		return false;
	find_path(h);
	dir[0] = '\0';
	if (!dmem_text_append(dir, size, h->mount))
		return false;
	*mount_length = strlen(dir);
	if (!dmem_text_append(dir, size, path_below_mount(h)))
		dir[*mount_length] = '\0';
	return true;
}

bool dmem_cgroup_dir(bool v2, char *dir, size_t size)
{
	struct hierarchy h = { .v2 = v2 };
	size_t mount_length;

	return find_dir(&h, dir, size, &mount_length);
}

DMEM_NOINLINE
static uint64_t smallest(bool v2, uint64_t (*read)(const struct hierarchy *h,
						   const char *dir))
{
	struct hierarchy h = { .v2 = v2 };
	char dir[DMEM_PATH_MAX];
	uint64_t limit = UINT64_MAX;
	size_t mount_length;

	if (!find_dir(&h, dir, sizeof(dir), &mount_length))
		return UINT64_MAX;
	for (;;) {
		uint64_t here = read(&h, dir);
		char *slash = strrchr(dir, '/');

		limit = DMEM_MIN(limit, here);
		if (strlen(dir) <= mount_length || !slash)
			return limit;
		*slash = '\0';
	}
}

uint64_t dmem_kernel_cgroup_limit(void)
{
	uint64_t v1 = smallest(false, dir_limit);
	uint64_t v2 = smallest(true, dir_limit);

	return DMEM_MIN(v1, v2);
}

uint64_t dmem_kernel_cgroup_left(void)
{
	uint64_t v1 = smallest(false, dir_left);
	uint64_t v2 = smallest(true, dir_left);

	return DMEM_MIN(v1, v2);
}

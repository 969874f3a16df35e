/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Readers of /proc and /sys: the input is the files of a tree that is read in
 * place of the root. Each file begins with the byte 0xff, or with its number in
 * `paths`, and goes on to the next 0xff.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "kernel/shared.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define THP "/sys/kernel/mm/transparent_hugepage"
#define GROUPS "/sys/fs/cgroup"

static const char *const paths[] = {
	"/proc/self/cgroup", "/proc/self/mountinfo", "/proc/meminfo",
	"/proc/sys/kernel/osrelease", "/proc/sys/vm/max_map_count",
	"/proc/pressure/memory", "/proc/self/stat",
	"/sys/devices/system/node/online", THP "/enabled", THP "/defrag",
	THP "/hpage_pmd_size", THP "/khugepaged/max_ptes_none",
	THP "/khugepaged/defrag", THP "/hugepages-64kB/enabled",
	THP "/hugepages-2048kB/enabled", THP "/hugepages-xkB/enabled",
	GROUPS "/a/memory.max", GROUPS "/a/memory.high",
	GROUPS "/a/memory.current", GROUPS "/a/memory.stat",
	GROUPS "/a/memory.pressure", GROUPS "/a/b/memory.max",
	GROUPS "/memory/a/memory.limit_in_bytes",
	GROUPS "/memory/a/memory.usage_in_bytes",
	GROUPS "/memory/a/memory.stat",
};
#define PATHS (sizeof(paths) / sizeof(*paths))
#define MARK 0xff

static char root[64];

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void full_path(char *out, size_t out_size, const char *path)
{
	snprintf(out, out_size, "%s%s", root, path);
}

static void remove_tree(void)
{
	char name[256];

	for (size_t i = 0; i < PATHS; i++) {
		full_path(name, sizeof(name), paths[i]);
		unlink(name);
		while (strrchr(name, '/') > name + strlen("/dev/shm/")) {
			*strrchr(name, '/') = '\0';
			rmdir(name);
		}
	}
}

static void make_folders(void)
{
	char name[256];

	strcpy(root, access("/dev/shm", W_OK) ? "/tmp/fuzz_system.XXXXXX" :
						"/dev/shm/fuzz_system.XXXXXX");
	require(mkdtemp(root) != NULL);
	for (size_t i = 0; i < PATHS; i++) {
		full_path(name, sizeof(name), paths[i]);
		for (char *at = name + strlen(root) + 1;
		     (at = strchr(at, '/')) != NULL; at++) {
			*at = '\0';
			mkdir(name, 0700);
			*at = '/';
		}
	}
	atexit(remove_tree);
}

static void write_file(size_t which, const uint8_t *data, size_t size)
{
	char name[256];
	int fd;

	full_path(name, sizeof(name), paths[which]);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	require(fd >= 0);
	require(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static void write_files(const uint8_t *data, size_t size, bool *there)
{
	const uint8_t *end = data + size, *next;

	while (data < end) {
		size_t which;

		if (*data++ != MARK || data == end)
			continue;
		which = *data++ % PATHS;
		next = memchr(data, MARK, (size_t)(end - data));
		next = next ? next : end;
		write_file(which, data, (size_t)(next - data));
		there[which] = true;
		data = next;
	}
}

static void read_all(void)
{
	struct datamem_hugepage_size sizes[16];
	struct dmem_kernel_facts facts;
	size_t n;

	dmem_kernel_facts_read(&facts);
	require(memchr(facts.release, '\0', sizeof(facts.release)) != NULL);
	dmem_kernel_facts_start(&facts);
	require(memchr(facts.release, '\0', sizeof(facts.release)) != NULL);
	n = dmem_kernel_thp_sizes(sizes, 16);
	for (size_t i = 1; i < n && i < 16; i++)
		require(sizes[i - 1].size <= sizes[i].size);
	dmem_kernel_ram();
	dmem_kernel_max_map_count();
	dmem_kernel_nodes();
	/* 0 is a limit, too. */
	dmem_kernel_cgroup_limit();
	dmem_kernel_memory_left();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool there[PATHS] = { false };
	char name[256], *list;
	uint64_t nodes;

	if (!*root)
		make_folders();
	dmem_kernel_set_root(root);
	write_files(data, size, there);
	read_all();
	for (size_t i = 0; i < PATHS; i++)
		if (there[i]) {
			full_path(name, sizeof(name), paths[i]);
			unlink(name);
		}
	list = malloc(size + 1);
	if (!list)
		return 0;
	memcpy(list, data, size);
	list[size] = '\0';
	if (!dmem_kernel_nodes_parse(list, &nodes))
		require(nodes != 0);
	free(list);
	return 0;
}

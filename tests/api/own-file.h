/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the test itself shares, as another process would find and see it. */
#ifndef TESTS_API_OWN_FILE_H
#define TESTS_API_OWN_FILE_H

#include <library.h>

#include <dirent.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor of the memfd with a name that begins so; -1: none. */
static inline int find_own(const char *name)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = -1;

	ck_assert(dir);
	while ((entry = readdir(dir))) {
		char path[300], target[100];
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strncmp(target, "/memfd:", 7) &&
		    !strncmp(target + 7, name, strlen(name)))
			found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

/* Stays mapped. */
static inline void *map_own(const char *name)
{
	int fd = find_own(name);
	struct stat stat;
	void *at;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &stat), 0);
	at = mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE,
		  MAP_SHARED, fd, 0);
	ck_assert(at != MAP_FAILED);
	return at;
}

#endif /* TESTS_API_OWN_FILE_H */

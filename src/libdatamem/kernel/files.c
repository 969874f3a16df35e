/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reads small text files below a replaceable root. */
#include "files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

/* NULL: not decided yet. */
static const char *root;
static bool recorded;
static char root_buf[DMEM_PATH_MAX];
static pthread_once_t root_once = PTHREAD_ONCE_INIT;

static void root_from_environment(void)
{
	/*
	 * Not in set-user-ID programs: a tree of the caller's making must not
	 * steer them. A copy, for the program may change its environment.
	 */
	const char *dir = secure_getenv("DATAMEM_SYSROOT");

	if (root)
		return;
	if (dir && *dir) {
		/* One cut off names nothing, and all becomes unknown. */
		strncpy(root_buf, dir, sizeof(root_buf) - 1);
		recorded = true;
	}
	root = root_buf;
}

const char *dmem_files_root(void)
{
	pthread_once(&root_once, root_from_environment);
	return root;
}

bool dmem_files_recorded(void)
{
	pthread_once(&root_once, root_from_environment);
	return recorded;
}

void dmem_kernel_set_root(const char *dir)
{
	pthread_once(&root_once, root_from_environment);
	root = dir ? dir : "";
	recorded = false;
}

bool dmem_text_append(char *buf, size_t size, const char *text)
{
	size_t used = strlen(buf);
	size_t more = strlen(text);

	if (more >= size - used)
		return false;
	memcpy(buf + used, text, more + 1);
	return true;
}

static int below_root(char path[DMEM_PATH_MAX], const char *name)
{
	path[0] = '\0';
	if (!dmem_text_append(path, DMEM_PATH_MAX, dmem_files_root()) ||
	    !dmem_text_append(path, DMEM_PATH_MAX, name))
		return -ENAMETOOLONG;
	return 0;
}

static int open_path(const char *path)
{
	int saved = errno;
	int fd;

	do {
		/* O_NONBLOCK: a recorded tree may hold a FIFO by mistake. */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		fd = -errno;
	errno = saved;
	return fd;
}

static int open_below_root(const char *name)
{
	char path[DMEM_PATH_MAX];
	int err = below_root(path, name);

	return err ? err : open_path(path);
}

/* Bytes read, 0 at the end, or -errno. */
static ssize_t read_some(int fd, char *out, size_t size)
{
	int saved = errno;
	ssize_t got;

	do {
		got = read(fd, out, size);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		got = -errno;
	errno = saved;
	return got;
}

static void close_quietly(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

bool dmem_files_exist(const char *name)
{
	char path[DMEM_PATH_MAX];
	struct stat st;
	int saved = errno;
	bool found = !below_root(path, name) && !stat(path, &st);

	errno = saved;
	return found;
}

int dmem_files_read(const char *name, char *out, size_t out_size)
{
	int fd = open_below_root(name);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	for (;;) {
		got = read_some(fd, out + used, out_size - used);
		if (got <= 0)
			break;
		used += (size_t)got;
		if (used == out_size) {
			got = -EFBIG;
			break;
		}
	}
	close_quietly(fd);
	if (got < 0)
		return (int)got;
	out[used] = '\0';
	return 0;
}

bool dmem_text_number(const char **text, unsigned int base, uint64_t *out)
{
	const char *p = *text;
	uint64_t value = 0;

	for (;; p++) {
		unsigned int digit;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned int)(*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			digit = (unsigned int)(*p - 'a') + 10;
		else
			break;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	*out = value;
	return true;
}

bool dmem_files_number(const char *name, uint64_t *out)
{
	char text[32];
	const char *p = text;
	uint64_t value;

	if (dmem_files_read(name, text, sizeof(text)) ||
	    !dmem_text_number(&p, 10, &value))
		return false;
	if (*p == '\n')
		p++;
	if (*p)
		return false;
	*out = value;
	return true;
}

int dmem_lines_open(struct dmem_lines *lines, const char *path, bool real)
{
	lines->fd = real ? open_path(path) : open_below_root(path);
	if (lines->fd < 0)
		return lines->fd;
	lines->at_end = false;
	lines->skipping = false;
	lines->begin = 0;
	lines->end = 0;
	return 0;
}

/* Read more behind what is unread; false when there is nothing more. */
static bool fill(struct dmem_lines *lines)
{
	ssize_t got;

	if (lines->at_end)
		return false;
	memmove(lines->buf, lines->buf + lines->begin,
		lines->end - lines->begin);
	lines->end -= lines->begin;
	lines->begin = 0;
	if (lines->end == sizeof(lines->buf) - 1) {
		lines->end = 0;
		lines->skipping = true;
	}
	got = read_some(lines->fd, lines->buf + lines->end,
			sizeof(lines->buf) - 1 - lines->end);
	if (got <= 0) {
		lines->at_end = true;
		return false;
	}
	lines->end += (size_t)got;
	return true;
}

char *dmem_lines_next(struct dmem_lines *lines)
{
	for (;;) {
		char *line = lines->buf + lines->begin;
		size_t unread = lines->end - lines->begin;
		char *newline = memchr(line, '\n', unread);
		bool skip = lines->skipping;

		if (newline) {
			*newline = '\0';
			lines->begin = (size_t)(newline + 1 - lines->buf);
			lines->skipping = false;
			if (skip)
				continue;
			return line;
		}
		if (fill(lines))
			continue;
		/* The last line may lack its newline. */
		skip = lines->skipping;
		line = lines->buf + lines->begin;
		unread = lines->end - lines->begin;
		lines->begin = lines->end;
		if (!unread || skip)
			return NULL;
		line[unread] = '\0';
		return line;
	}
}

void dmem_lines_close(struct dmem_lines *lines)
{
	close_quietly(lines->fd);
}

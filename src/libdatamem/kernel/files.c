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
static char root_buf[DMEM_PATH_MAX] DMEM_TABLE;
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
		memccpy(root_buf, dir, 0, sizeof(root_buf) - 1);
		recorded = true;
	}
	root = recorded ? root_buf : "";
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

static int open_at(int dir, const char *path, int flags)
{
	int saved = errno, state = dmem_cancel_off(), fd;

	do {
		/* O_NONBLOCK: a recorded tree may hold a FIFO by mistake. */
		fd = openat(dir, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		fd = -errno;
	dmem_cancel_restore(state);
	errno = saved;
	return fd;
}

static void close_quietly(int fd)
{
	int saved = errno, state = dmem_cancel_off();

	close(fd);
	dmem_cancel_restore(state);
	errno = saved;
}

/* The root as a directory: what is below it needs no path put together. */
static int open_root(void)
{
	return open_at(AT_FDCWD, dmem_files_root(), O_PATH | O_DIRECTORY);
}

/* A full name, seen from the root. */
static const char *from_root(const char *name)
{
	return name + strspn(name, "/");
}

static int open_below_root(const char *name)
{
	int dir, fd;

	if (!*dmem_files_root())
		return open_at(AT_FDCWD, name, O_RDONLY);
	dir = open_root();
	if (dir < 0)
		return dir;
	fd = open_at(dir, from_root(name), O_RDONLY);
	close_quietly(dir);
	return fd;
}

/* Bytes read, 0 at the end, or -errno. */
static ssize_t read_some(int fd, char *out, size_t size)
{
	int saved = errno, state = dmem_cancel_off();
	ssize_t got;

	do {
		got = read(fd, out, size);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		got = -errno;
	dmem_cancel_restore(state);
	errno = saved;
	return got;
}

int dmem_files_open_real(const char *path)
{
	return open_at(AT_FDCWD, path, O_RDONLY);
}

void dmem_files_close(int fd)
{
	close_quietly(fd);
}

bool dmem_files_exist(const char *name)
{
	int saved = errno, dir;
	struct stat st;
	bool found;

	if (!*dmem_files_root()) {
		found = !stat(name, &st);
	} else {
		dir = open_root();
		if (dir < 0)
			return false;
		found = !fstatat(dir, from_root(name), &st, 0);
		close_quietly(dir);
	}
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
		/* All such files are of one line: no call more for the end. */
		if (out[used - 1] == '\n')
			break;
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
	lines->fd = real ? dmem_files_open_real(path) : open_below_root(path);
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

struct dmem_files_work *dmem_files_work_get(void)
{
	return dmem_kernel_map(sizeof(struct dmem_files_work));
}

void dmem_files_work_put(struct dmem_files_work *work)
{
	dmem_kernel_unmap(work, sizeof(*work));
}

/* Append the file's name; false: too long. dir[*length] is to be '\0' again. */
static bool enter(struct dmem_files_work *work, const char *file,
		  size_t *length)
{
	*length = strlen(work->dir);
	return dmem_text_append(work->dir, sizeof(work->dir), file);
}

int dmem_dir_lines_open(struct dmem_files_work *work, const char *file)
{
	int err = -ENAMETOOLONG;
	size_t length;

	if (enter(work, file, &length))
		err = dmem_lines_open(&work->lines, work->dir, false);
	work->dir[length] = '\0';
	return err;
}

int dmem_dir_open(struct dmem_files_work *work)
{
	return open_below_root(work->dir);
}

bool dmem_dir_number(struct dmem_files_work *work, const char *file,
		     uint64_t *out)
{
	size_t length;
	bool known = enter(work, file, &length) &&
		     dmem_files_number(work->dir, out);

	work->dir[length] = '\0';
	return known;
}

void dmem_kernel_program_path(char *out, size_t out_size)
{
	int saved = errno;
	ssize_t n = readlink("/proc/self/exe", out, out_size - 1);

	out[n > 0 ? n : 0] = '\0';
	errno = saved;
}

int dmem_kernel_maps_open(void)
{
	return dmem_files_open_real("/proc/self/maps");
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Windows of a file, one behind the other. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW ((size_t)1 << 20)
/* Above what programs close and count; any other will do. */
#define DESCRIPTOR 700
/* replay reads no more: RECORDING_MAX_EVENTS. */
#define EVENTS_MAX ((uint64_t)1 << 26)

static struct {
	char path[4096];
	int fd;
	dev_t dev;
	ino_t ino;
	char *window;           /* NULL: the file has ended */
	size_t used;            /* of the window */
	uint64_t offset;        /* of the window in the file */
	uint64_t events;
} spool = { .fd = -1 };

/* The program may have closed the descriptor, and opened another there. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == spool.dev &&
	       st.st_ino == spool.ino;
}

static bool find_file(void)
{
	int fd;

	if (spool.fd >= 0 && is_ours(spool.fd))
		return true;
	fd = open(spool.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	spool.fd = -1;
	if (fd < 0)
		return false;
	if (!is_ours(fd)) {
		close(fd);
		return false;
	}
	spool.fd = fd;
	return true;
}

/*
 * The room on the disk comes first: a write through a mapping that finds none
 * is a SIGBUS. So is the program's limit, beyond which fallocate(2) is a
 * SIGXFSZ.
 */
static char *map_window(uint64_t offset)
{
	struct rlimit limit;
	char *window;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY &&
	    offset + WINDOW > limit.rlim_cur)
		return NULL;
	if (!find_file() || posix_fallocate(spool.fd, (off_t)offset, WINDOW))
		return NULL;
	window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED,
		      spool.fd, (off_t)offset);
	if (window == MAP_FAILED)
		return NULL;
	madvise(window, WINDOW, MADV_DONTFORK);
	return window;
}

/*
 * The first byte comes last: a line that is cut by the death of the process
 * begins with a zero, which a reader takes for the end.
 */
static void append(const char *line, size_t length)
{
	char *at = spool.window + spool.used;

	memcpy(at + 1, line + 1, length - 1);
	__atomic_store_n(at, line[0], __ATOMIC_RELEASE);
	spool.used += length;
}

static void end(const char *why)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "# cut: %s\n", why);

	append(line, (size_t)n);
	munmap(spool.window, WINDOW);
	spool.window = NULL;
}

/* The next window, which begins with the page that is being written. */
static bool advance(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = spool.used & ~(page - 1);
	char *window = map_window(spool.offset + whole);

	if (!window) {
		end("no room for more");
		return false;
	}
	munmap(spool.window, WINDOW);
	spool.window = window;
	spool.offset += whole;
	spool.used -= whole;
	return true;
}

bool observer_spool_line(const char *line, size_t length)
{
	if (!spool.window)
		return false;
	/* Room for the last line is always left. */
	if (spool.used + length + 128 > WINDOW && !advance())
		return false;
	append(line, length);
	return true;
}

static char *put_number(char *end, uint64_t n)
{
	do {
		*--end = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return end;
}

bool observer_spool_event(char op, unsigned int thread, uint64_t block,
			  size_t nbytes, uint64_t ns)
{
	char line[96], *at = line + sizeof(line);

	if (!spool.window)
		return false;
	if (spool.events == EVENTS_MAX) {
		end("too many events");
		return false;
	}
	spool.events++;
	*--at = '\n';
	at = put_number(at, ns);
	*--at = ' ';
	at = put_number(at, nbytes);
	*--at = ' ';
	at = put_number(at, block);
	*--at = ' ';
	at = put_number(at, thread);
	*--at = ' ';
	*--at = op;
	return observer_spool_line(at, (size_t)(line + sizeof(line) - at));
}

/* Empty, or a recording of before: what else is named like one stays. */
static bool empty_file(int fd)
{
	static const char first[] = SPOOL_FIRST;
	char line[sizeof(first) - 1];
	ssize_t n = pread(fd, line, sizeof(line), 0);

	return !n || (n == (ssize_t)sizeof(line) &&
		      !memcmp(line, first, sizeof(line)) &&
		      !ftruncate(fd, 0));
}

bool observer_spool_open(const char *path)
{
	struct stat st;
	int fd, high;

	if (strlen(path) >= sizeof(spool.path))
		return false;
	strcpy(spool.path, path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	if (!empty_file(fd)) {
		close(fd);
		return false;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return false;
	}
	spool.fd = fd;
	spool.dev = st.st_dev;
	spool.ino = st.st_ino;
	spool.offset = spool.used = spool.events = 0;
	spool.window = map_window(0);
	return spool.window != NULL;
}

void observer_spool_forget(void)
{
	if (spool.fd >= 0 && is_ours(spool.fd))
		close(spool.fd);
	spool.fd = -1;
	spool.window = NULL;
}

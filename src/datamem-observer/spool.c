/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A window of a file, which moves on. */
#include "spool.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define WINDOW ((size_t)1 << 20)
/* So much of the file gets room at a time. */
#define STEP ((size_t)1 << 16)
/* Above what programs close and count; any other will do. */
#define DESCRIPTOR 700
/* replay reads no more: RECORDING_MAX_EVENTS. */
#define EVENTS_MAX ((uint64_t)1 << 26)
/* The longest line of an event, and what put_digits() writes behind it. */
#define EVENT_BYTES ((size_t)96)
/* And of the file. */
#define LAST_BYTES ((size_t)128)
#define EIGHT_DIGITS UINT64_C(100000000)

static struct {
	char path[4096];
	int fd;
	dev_t dev;
	ino_t ino;
	char *window;           /* NULL: the file has ended */
	size_t used;            /* of the window */
	size_t ready;           /* of it: with room on the disk */
	uint64_t offset;        /* of the window in the file */
	uint64_t events;
} spool = { .fd = -1 };

static bool is_file(const struct stat *st)
{
	return st->st_dev == spool.dev && st->st_ino == spool.ino;
}

/* The program may have closed the descriptor, and opened another there. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && is_file(&st);
}

/* Where no program looks for it; -1, and closed: there is only what a program
 * takes for its standard input, output or errors. */
static int move(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR);

	if (high < 0 && fd <= STDERR_FILENO)
		high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (high < 0 && fd > STDERR_FILENO)
		return fd;
	close(fd);
	return high;
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
	spool.fd = move(fd);
	return spool.fd >= 0;
}

/*
 * Where the program has closed the descriptor and may open no other: a name is
 * enough for a file to grow. Pages that were written to have their room.
 */
static bool extend_by_name(size_t nbytes)
{
	uint64_t size = spool.offset + spool.ready + nbytes;
	struct stat st;

	return stat(spool.path, &st) == 0 && is_file(&st) &&
	       truncate(spool.path, (off_t)size) == 0 &&
	       madvise(spool.window + spool.ready, nbytes,
		       MADV_POPULATE_WRITE) == 0;
}

/* The program's limit, beyond which a file grows by a SIGXFSZ only. */
static bool may_end_at(uint64_t offset)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) < 0 ||
	       limit.rlim_cur == RLIM_INFINITY || offset <= limit.rlim_cur;
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
	char line[LAST_BYTES];
	int n = snprintf(line, sizeof(line), "# cut: %s\n", why);

	append(line, (size_t)n);
	munmap(spool.window, WINDOW);
	spool.window = NULL;
}

/*
 * The room on the disk comes first: a store through a mapping that finds none is
 * a SIGBUS. Zeros that are written take it, and a quarter of the time of what is
 * only reserved: the kernel makes the pages together, not at a fault each.
 */
static bool extend(void)
{
	/* Not const: the file of the observer is not to have them. */
	static char zeros[STEP];
	size_t rest = WINDOW - spool.ready, nbytes = rest < STEP ? rest : STEP;
	uint64_t begin = spool.offset + spool.ready;

	if (!may_end_at(begin + nbytes) ||
	    !(find_file() ? pwrite(spool.fd, zeros, nbytes, (off_t)begin) ==
				    (ssize_t)nbytes :
			    extend_by_name(nbytes)))
		return false;
	spool.ready += nbytes;
	return true;
}

/* The next window, which begins with the page that is being written: the mapping
 * knows its file, whatever has become of the descriptor. */
static bool advance(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = spool.used & ~(page - 1);
	char *window = mremap(spool.window, WINDOW, whole + WINDOW,
			      MREMAP_MAYMOVE);

	if (window == MAP_FAILED)
		return false;
	munmap(window, whole);
	spool.window = window + whole;
	spool.offset += whole;
	spool.used -= whole;
	spool.ready -= whole;
	return true;
}

OBSERVER_COLD static bool find_room(size_t length)
{
	while (spool.used + length + LAST_BYTES > spool.ready) {
		if (spool.ready == WINDOW ? advance() : extend())
			continue;
		end("no room for more");
		return false;
	}
	return true;
}

/* Room for the last line is always left. */
static inline bool make_room(size_t length)
{
	return observer_likely(spool.used + length + LAST_BYTES <=
			       spool.ready) || find_room(length);
}

bool observer_spool_line(const char *line, size_t length)
{
	if (!spool.window || !make_room(length))
		return false;
	append(line, length);
	return true;
}

/* Eight digits of a number below 10^8, the first in the lowest byte: halves of
 * four digits, then of two, then of one, side by side in one word. */
static uint64_t eight_digits(uint64_t n)
{
	uint64_t x = n / 10000 | n % 10000 << 32, tens;

	tens = x * 5243 >> 19 & UINT64_C(0x0000007f0000007f);
	x = tens | (x - 100 * tens) << 16;
	tens = x * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	return tens | (x - 10 * tens) << 8;
}

/* May write zeros to the eight bytes behind; returns where it ends. */
static inline char *put_digits(char *at, uint64_t digits, unsigned int leading)
{
	uint64_t text = htole64((digits + UINT64_C(0x3030303030303030)) >>
				8 * leading);

	__builtin_memcpy(at, &text, sizeof(text));
	return at + sizeof(text) - leading;
}

static inline char *put_short(char *at, uint64_t n)
{
	uint64_t digits = eight_digits(n);
	/* The last one stays, whatever it is. */
	uint64_t some = digits | UINT64_C(1) << 56;

	return put_digits(at, digits, (unsigned int)__builtin_ctzll(some) / 8);
}

OBSERVER_COLD static char *put_long(char *at, uint64_t n)
{
	uint64_t high = n / EIGHT_DIGITS;

	at = high < EIGHT_DIGITS ? put_short(at, high) : put_long(at, high);
	return put_digits(at, eight_digits(n % EIGHT_DIGITS), 0);
}

static inline char *put_number(char *at, uint64_t n)
{
	*at++ = ' ';
	return observer_likely(n < EIGHT_DIGITS) ? put_short(at, n) :
						   put_long(at, n);
}

/* Formatted where it is to be; what is behind it stays zero. */
bool observer_spool_event(char op, unsigned int thread, uint64_t block,
			  size_t nbytes, uint64_t ns)
{
	char *line, *at;

	if (!spool.window)
		return false;
	if (observer_unlikely(spool.events == EVENTS_MAX)) {
		end("too many events");
		return false;
	}
	if (!make_room(EVENT_BYTES))
		return false;
	spool.events++;
	line = spool.window + spool.used;
	at = put_number(line + 1, thread);
	at = put_number(at, block);
	at = put_number(at, nbytes);
	at = put_number(at, ns);
	*at++ = '\n';
	__atomic_store_n(line, op, __ATOMIC_RELEASE);
	spool.used += (size_t)(at - line);
	return true;
}

static int create_file(const char *path, int more)
{
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | more,
		    0600);
}

static bool is_recording(int fd)
{
	static const char first[] = SPOOL_FIRST;
	char line[sizeof(first) - 1];

	return pread(fd, line, sizeof(line), 0) == (ssize_t)sizeof(line) &&
	       !memcmp(line, first, sizeof(line));
}

/*
 * The recording of before makes room: of what this process executed first, or of
 * another one of its number, which may still write to it where it has its
 * numbers of its own. What else is named like a recording stays. Returns -1, or
 * an empty file.
 */
static int open_file(const char *path)
{
	int fd = create_file(path, 0);
	struct stat st;
	bool old;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		old = st.st_size > 0 && is_recording(fd);
		if (!st.st_size || (old && unlink(path) < 0 &&
				    ftruncate(fd, 0) == 0))
			return fd;
		close(fd);
		return old ? create_file(path, O_EXCL) : -1;
	}
	close(fd);
	return -1;
}

bool observer_spool_open(const char *path)
{
	struct stat st;
	void *window;
	int fd;

	if (strlen(path) >= sizeof(spool.path))
		return false;
	strcpy(spool.path, path);
	fd = open_file(path);
	spool.fd = fd < 0 ? -1 : move(fd);
	if (spool.fd < 0 || fstat(spool.fd, &st) < 0)
		return false;
	spool.dev = st.st_dev;
	spool.ino = st.st_ino;
	spool.offset = spool.used = spool.ready = spool.events = 0;
	window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED,
		      spool.fd, 0);
	if (window == MAP_FAILED)
		return false;
	madvise(window, WINDOW, MADV_DONTFORK);
	spool.window = window;
	if (extend())
		return true;
	munmap(window, WINDOW);
	spool.window = NULL;
	return false;
}

void observer_spool_forget(void)
{
	if (spool.fd >= 0 && is_ours(spool.fd))
		close(spool.fd);
	spool.fd = -1;
	spool.window = NULL;
}

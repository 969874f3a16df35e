/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reader of recordings of allocations (`*.dmt`, plain or gzip).
 *
 * A recording is text, one event a line, `OP THREAD BLOCK NBYTES DT` separated
 * by single spaces, after the first line `# datamem-trace 1`; other lines that
 * begin with `#` are comments, some of which have a meaning: struct
 * recording_facts. OP is a (allocate), z (allocate zeroed), r
 * (resize) or f (free); THREAD counts from 0; BLOCK is a name from 1, never
 * used twice; NBYTES is the size, or with f the caller's size hint; DT is the
 * time in nanoseconds since the event before. A zero byte at the beginning of a
 * line is the end: a process that was killed leaves zeros behind its last event.
 *
 * The result is checked: each resize and free names a live block, each
 * block is made once, no sum of sizes overflows. Memory used is proportional
 * to the number of events, which is limited; a file is input from strangers.
 */
#ifndef REPLAY_RECORDING_H
#define REPLAY_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A recording of this many events takes 1 GiB; more is refused. */
#define RECORDING_MAX_EVENTS ((size_t)1 << 26)
#define RECORDING_MAX_THREADS 1024u
#define RECORDING_MAX_COMMENTS 1000000u
/* Bytes of a line, with its line break. */
#define RECORDING_MAX_LINE 4096u

enum recording_op {
	RECORDING_ALLOC,
	RECORDING_ZEROED,
	RECORDING_RESIZE,
	RECORDING_FREE,
};

struct recording_event {
	uint64_t nbytes;        /* at least 1; of RECORDING_FREE the hint */
	uint32_t block;         /* from 0, in order of appearance */
	uint16_t thread;        /* likewise */
	uint8_t op;             /* enum recording_op */
	uint8_t zero;
};

/*
 * What comments "# NAME: VALUE" of a recorder tell of the program; 0, false and
 * "" where they do not. Never more than a hint: nothing here is checked against
 * the events.
 */
struct recording_facts {
	uint64_t cpu_ns;        /* processor time, of it in the kernel: */
	uint64_t system_ns;
	uint64_t wall_ns;
	uint64_t faults;        /* minor page faults */
	uint64_t peak_rss;      /* bytes */
	uint64_t min_bytes;     /* smaller blocks were not recorded */
	uint64_t hugepage_advice; /* the program advised a block of this size */
	bool libdatamem;        /* it uses the library */
	bool cut;               /* the recording ends before the program */
	char program[256];      /* command line; printable or not */
	char allocator[256];    /* file of the shared object */
	char tunables[256];     /* GLIBC_TUNABLES */
};

struct recording {
	struct recording_event *events;
	size_t n_events;
	size_t n_blocks;
	size_t n_threads;
	size_t peak_bytes;      /* most bytes live at once */
	size_t peak_event;      /* index of the first event that reached them */
	uint64_t recorded_ns;   /* sum of all DT, saturated */
	struct recording_facts facts;
};

/*
 * Reads a recording. Returns 0 with *out filled in, for recording_release(); or
 * -errno with a message "FILE:LINE: why" (or "FILE: why") in error and *out
 * untouched: -ENOEXEC for a file that does not begin as a recording, -EBADMSG
 * for a recording that is not sound, -E2BIG for one beyond a limit, else what
 * open(2), read(2) or malloc(3) said.
 */
int recording_read(const char *path, struct recording *out, char *error,
		   size_t error_size);

/* The same for an open descriptor, which is closed; name is for messages. */
int recording_read_fd(int fd, const char *name, struct recording *out,
		      char *error, size_t error_size);

/* Frees what recording_read() made. */
void recording_release(struct recording *recording);

#endif /* REPLAY_RECORDING_H */

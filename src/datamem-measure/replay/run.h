/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Replays a recording against one allocator, in the measured process.
 *
 * Each thread of the recording is a thread of the replay with an array of steps
 * of its own. Events on a block that several threads use happen in the order of
 * the recording: such a step waits until the one before on the same block is
 * done. All others run side by side, yet no thread runs more than two windows
 * of REPLAY_WINDOW events of the whole recording ahead of the slowest, so that
 * about as much is live at once as when it was recorded. Times between the
 * events of the recording are not waited for.
 */
#ifndef CTL_REPLAY_RUN_H
#define CTL_REPLAY_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/measure.h"
#include "recording.h"

#define REPLAY_WINDOW 1024u

enum replay_touch {
	REPLAY_TOUCH_NONE,
	REPLAY_TOUCH_PAGE,      /* a byte each 4 KiB, and the last */
	REPLAY_TOUCH_ALL,
};

struct replay_options {
	enum replay_touch touch;
	bool verify;            /* patterns in all blocks; times mean nothing */
	/* Read huge pages when most is live; times mean nothing. */
	bool inspect;
};

struct replay_result {
	uint64_t size;          /* sizeof(struct replay_result) */
	uint64_t ns;
	uint64_t cpu_ns;        /* without what threads waited for each other */
	uint64_t system_ns;     /* of it in the kernel, less exactly */
	uint64_t minor_faults, major_faults;
	uint64_t peak_rss;      /* beyond what was resident at the start */
	uint64_t end_rss;       /* likewise */
	uint64_t anon, huge;    /* when most is live; only if inspected */
	uint64_t hits, misses;  /* of libdatamem, for small blocks */
	uint64_t large_hits, large_misses;
	uint64_t faults_avoided, purged;
	uint64_t retained, lazy;  /* at the end */
	uint64_t failed;        /* allocations that returned NULL */
};

/* The recording as the measured process gets it, on its standard input. */
struct replay_job {
	uint64_t magic;
	struct replay_options options;
	struct recording recording; /* events begin at REPLAY_JOB_EVENTS */
};
#define REPLAY_JOB_MAGIC UINT64_C(0x3179616c706572)
#define REPLAY_JOB_EVENTS 4096

/* Runs the recording once; ends the process with a message on trouble. */
void replay_run(const struct recording *recording,
		const struct allocator *allocator,
		const struct replay_options *options,
		struct replay_result *result);

#endif /* CTL_REPLAY_RUN_H */

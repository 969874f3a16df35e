/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A recording cut into steps, an array for each thread: what a replay walks
 * through, made before the clock starts.
 */
#ifndef CTL_REPLAY_STEPS_H
#define CTL_REPLAY_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording.h"

/* Beyond those of enum recording_op. */
enum {
	/* nbytes is the window of the next event: see REPLAY_WINDOW. */
	STEP_WINDOW = RECORDING_FREE + 1,
	STEP_INSPECT,
};

struct replay_step {
	uint64_t nbytes;
	uint32_t block;         /* index into the table of blocks */
	unsigned int op : 4;
	unsigned int shared : 1;/* several threads use the block */
	unsigned int turn : 27; /* events on it before this one, if shared */
};
_Static_assert(RECORDING_MAX_EVENTS <= 1u << 27, "turn holds every count");

struct replay_block {
	char *ptr;
	size_t nbytes;
};

struct replay_thread_steps {
	struct replay_step *steps;
	size_t n;
};

struct replay_steps {
	struct replay_thread_steps *threads;
	size_t n_threads;
	/*
	 * A thread's blocks lie together, so that threads do not write to the
	 * same cache line.
	 */
	struct replay_block *blocks;
	uint32_t *turns;        /* of each block: events done, if shared */
	size_t n_blocks;        /* entries of the table */
};

/*
 * Cuts the recording. With trust_hints no size hint is left above the size of
 * its block, for allocators that would believe it. Memory comes from
 * measure_memory() and is never freed: the process ends after one replay.
 */
void replay_steps_make(const struct recording *recording, size_t window,
		       bool inspect, bool trust_hints,
		       struct replay_steps *out);

#endif /* CTL_REPLAY_STEPS_H */

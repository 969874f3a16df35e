/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Recordings: an error names the file; a recording that is taken keeps the
 * promises of recording.h, whatever the bytes were.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static void check_recording(const struct recording *t)
{
	uint64_t *sizes = calloc(t->n_blocks, sizeof(*sizes));
	size_t live = 0, peak = 0, blocks = 0;

	require(sizes && t->n_events && t->n_events <= RECORDING_MAX_EVENTS);
	require(t->n_threads && t->n_threads <= RECORDING_MAX_THREADS);
	for (size_t i = 0; i < t->n_events; i++) {
		const struct recording_event *e = &t->events[i];

		require(e->thread < t->n_threads && e->block < t->n_blocks);
		require(e->nbytes >= 1);
		if (e->op == RECORDING_ALLOC || e->op == RECORDING_ZEROED)
			require(e->block == blocks++);
		else
			require(sizes[e->block] != 0);
		live -= sizes[e->block];
		sizes[e->block] = e->op == RECORDING_FREE ? 0 : e->nbytes;
		live += sizes[e->block];
		if (live > peak)
			require(i <= t->peak_event);
		peak = live > peak ? live : peak;
	}
	require(blocks == t->n_blocks && peak == t->peak_bytes);
	free(sizes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct recording recording;
	char error[64] = "";

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	lseek(fd, 0, SEEK_SET);
	if (recording_read_fd(fd, "input", &recording, error, sizeof(error))) {
		require(strncmp(error, "input:", 6) == 0);
		return 0;
	}
	check_recording(&recording);
	recording_release(&recording);
	return 0;
}

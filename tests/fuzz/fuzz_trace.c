/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Trace files: an error names the file; a trace that is taken has events that
 * name its own blocks and threads only.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);
	char error[256] = "";
	struct trace trace;
	size_t i;

	if (fd < 0)
		return 0;
	if (write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return 0;
	}
	if (trace_read_fd(fd, "input", &trace, error, sizeof(error)) != 0) {
		if (strncmp(error, "input:", 6) != 0)
			abort();
		return 0;
	}
	for (i = 0; i < trace.n_events; i++) {
		if (trace.events[i].block >= trace.n_blocks ||
		    trace.events[i].thread >= trace.n_threads)
			abort();
	}
	trace_release(&trace);
	return 0;
}

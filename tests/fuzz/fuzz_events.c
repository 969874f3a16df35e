/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Rings of events: the input as the file, with a header that is right but for the
 * parts that it has; and as entries, one behind the other. The lines must be a
 * sound recording.
 */
#include "tool.h"

#include "record/follow.h"
#include "record/ring.h"
#include "replay/recording.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

/* Replay takes them. */
static void check(const char *lines, size_t n)
{
	static const char first[] = "# datamem-trace 1\n";
	int fd = memfd_create("recording", 0);
	struct recording recording;
	char error[512];

	require(fd >= 0 && write(fd, first, sizeof(first) - 1) ==
			   (ssize_t)sizeof(first) - 1 &&
		write(fd, lines, n) == (ssize_t)n &&
		lseek(fd, 0, SEEK_SET) == 0);
	if (recording_read_fd(fd, "lines", &recording, error, sizeof(error))) {
		fprintf(stderr, "%s\n%.*s", error, (int)n, lines);
		abort();
	}
	recording_release(&recording);
}

static void follow_all(struct record_ring *ring, uint32_t most)
{
	struct record_follow *follow = record_follow_new(ring->min, 1);
	struct events_entry event;
	const char *lines;
	size_t n;

	do
		while (most-- > 0 && record_ring_take(ring, &event))
			record_follow_event(follow, &event);
	while (most < UINT32_MAX && record_ring_skip(ring));
	record_ring_release(ring);
	record_follow_no_list(follow);
	lines = record_follow_lines(follow, &n);
	if (n > 0)
		check(lines, n);
	record_follow_free(follow);
}

static void read_file(const uint8_t *data, size_t size)
{
	struct events_header header;
	struct record_ring ring;
	uint8_t *copy = malloc(size ? size : 1);

	require(copy);
	memcpy(copy, data, size);
	if (!record_ring_open(copy, size, &ring))
		follow_all(&ring, 1000);
	if (size >= sizeof(header)) {
		memcpy(&header, copy, sizeof(header));
		memcpy(header.magic, EVENTS_MAGIC, sizeof(header.magic));
		header.layout = EVENTS_LAYOUT;
		header.header_bytes = sizeof(header);
		header.entry_bytes = sizeof(struct events_entry);
		memcpy(copy, &header, sizeof(header));
		if (!record_ring_open(copy, size, &ring))
			follow_all(&ring, 1000);
	}
	free(copy);
}

/* Four bytes an entry, so that a few addresses and threads meet. */
static void read_entries(const uint8_t *data, size_t size)
{
	static struct {
		struct events_header header;
		struct events_entry entries[1024];
	} file;
	struct record_ring ring;
	uint32_t n = (uint32_t)(size / 4 < 1024 ? size / 4 : 1024);

	memset(&file, 0, sizeof(file));
	file.header = (struct events_header) {
		.magic = EVENTS_MAGIC,
		.layout = EVENTS_LAYOUT,
		.header_bytes = sizeof(file.header),
		.entry_bytes = sizeof(struct events_entry),
		.entries_offset = sizeof(file.header),
		.entries_count = 1024,
		.min_bytes = 16,
	};
	for (uint32_t i = 0; i < n; i++, data += 4)
		file.entries[i] = (struct events_entry) {
			.seq = i + 1,
			.tid = data[1] / 64,
			.address = 16u * (data[1] % 64),
			.what = EVENTS_WHAT(data[0] % 12, 0, data[2]),
			.time = i * data[3],
		};
	require(!record_ring_open(&file, sizeof(file), &ring));
	follow_all(&ring, 2000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_file(data, size);
	read_entries(data, size);
	return 0;
}

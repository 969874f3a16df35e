/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * liar MODE: a process whose page is a lie, and changes while it is read. Prints
 * "ready" and goes on until the end of its standard input.
 *
 *	numbers   random numbers and texts behind a sound header
 *	header    the same, and a header that is sound only now and then
 *	bytes     random bytes everywhere
 *	holes     parts of the file are taken away and come back
 *	early     requests are answered before they are made
 *	answers   requests are answered wrongly in each way in turn, or never
 *	lock      somebody else has the request slot, always
 *	sealed    nobody can write to the page
 *	damaged   all but the magic and the layout of the header is random
 *	loose     the page can be cut short
 *	older     that of a library that had the first two numbers only
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <live-page.h>

#include "must.h"

#define SLOT_BYTES 8192u
#define FILE_BYTES (LIVE_PROCESS_BYTES + LIVE_SLOTS * SLOT_BYTES)

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_SEAL_SEAL 1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#define F_SEAL_WRITE 8
#endif

static struct live_process *page;
static struct live_header sound;
static int fd;
static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Values that break sums and bounds, more often than chance has them. */
static uint32_t draw_edge(void)
{
	static const uint32_t edges[] = {
		0, 1, 2, 7, 8, 64, 255, 256, 257, 4095, 4096, SLOT_BYTES,
		LIVE_PROCESS_BYTES, FILE_BYTES - 1, FILE_BYTES, FILE_BYTES + 1,
		INT32_MAX, (uint32_t)INT32_MAX + 1, UINT32_MAX - 7, UINT32_MAX,
	};

	return draw() % 4 ? edges[draw() % (sizeof(edges) / sizeof(*edges))] :
	       (uint32_t)draw();
}

static void store(size_t offset, uint32_t word)
{
	__atomic_store_n((uint32_t *)((char *)page + offset), word,
			 __ATOMIC_RELAXED);
}

static void scribble(size_t from, size_t to, size_t words)
{
	while (words--)
		store(from + draw() % ((to - from) / 4) * 4, draw_edge());
}

static void make_sound(void)
{
	for (size_t at = 0; at < sizeof(sound); at += 4) {
		uint32_t word;

		memcpy(&word, (char *)&sound + at, 4);
		store(at, word);
	}
}

static void lie_numbers(void)
{
	scribble(offsetof(struct live_process, numbers),
		 offsetof(struct live_process, request), 200);
	scribble(offsetof(struct live_process, settings), sizeof(*page), 200);
	scribble(LIVE_PROCESS_BYTES, FILE_BYTES, 200);
}

/* More than a reader has room for, and still inside of the file. */
static void lie_counts(void)
{
	static const size_t counts[] = {
		offsetof(struct live_header, settings_count),
		offsetof(struct live_header, classes_count),
		offsetof(struct live_header, slots_count),
		offsetof(struct live_header, counts_count),
	};

	store(counts[draw() % 4], (uint32_t)(draw() % 2 ? 33 + draw() % 300 :
					     draw() % 5000));
}

static void lie_header(void)
{
	lie_numbers();
	/* All but the magic, the layout and the size, one at a time. */
	if (draw() % 2)
		lie_counts();
	else
		store(16 + draw() % ((sizeof(sound) - 16) / 4) * 4,
		      draw_edge());
	usleep(100);
	make_sound();
}

static void lie_bytes(void)
{
	scribble(0, sizeof(*page), 1000);
	scribble(LIVE_PROCESS_BYTES, FILE_BYTES, 1000);
	sched_yield();
	make_sound();
}

static void lie_holes(void)
{
	off_t at = (off_t)(draw() % (FILE_BYTES / 4096) * 4096);

	if (draw() % 8 == 0)
		at = 0;
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, 65536);
	sched_yield();
	make_sound();
	lie_numbers();
}

static void lie_early(void)
{
	struct live_request *r = &page->request;
	uint32_t serial = __atomic_load_n(&r->serial, __ATOMIC_RELAXED);

	__atomic_store_n(&r->answer_serial, serial + (uint32_t)(draw() % 2),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&r->state, LIVE_ANSWERED, __ATOMIC_RELEASE);
	scribble(offsetof(struct live_process, request.status),
		 sizeof(*r) + offsetof(struct live_process, request), 20);
	sched_yield();
}

/* Each way leaves the rest as the one before it has. */
static void answer_in_a_way(struct live_request *r, int way)
{
	uint32_t serial = __atomic_load_n(&r->serial, __ATOMIC_RELAXED);
	uint32_t next = LIVE_ANSWERED;

	switch (way) {
	case 0:
		serial += 7;
		break;
	case 1:
		memset(r->text, 0xff, sizeof(r->text));
		break;
	case 2:
		return;
	case 3:
		next = LIVE_TAKEN;
		break;
	case 4:
		r->status = INT_MIN;
		r->result = UINT64_MAX;
		memset(r->text, '\033', sizeof(r->text));
		break;
	case 5:
		next = 0xdeadbeef;
		break;
	case 6:
		r->status = INT_MAX;
		memset(r->text, 0, sizeof(r->text));
		break;
	default:
		r->status = 0;
		r->text[0] = '\n';
	}
	__atomic_store_n(&r->answer_serial, serial, __ATOMIC_RELAXED);
	__atomic_store_n(&r->state, next, __ATOMIC_RELEASE);
	syscall(SYS_futex, &r->state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void lie_answers(void)
{
	static int way;
	struct live_request *r = &page->request;

	if (__atomic_load_n(&r->state, __ATOMIC_ACQUIRE) != LIVE_PENDING) {
		usleep(1000);
		return;
	}
	answer_in_a_way(r, way);
	way = (way + 1) % 8;
	/* What was never answered, or not to the end, is not in the way of
	 * the next for ever. */
	usleep(100000);
	__atomic_store_n(&r->state, LIVE_IDLE, __ATOMIC_RELEASE);
}

static void lie_lock(void)
{
	usleep(1000);
}

static const struct mode {
	const char *name;
	void (*lie)(void);
} modes[] = {
	{ "numbers", lie_numbers }, { "header", lie_header },
	{ "bytes", lie_bytes }, { "holes", lie_holes },
	{ "early", lie_early }, { "answers", lie_answers },
	{ "lock", lie_lock }, { "sealed", NULL }, { "damaged", NULL },
	{ "loose", NULL }, { "older", NULL },
};

static void begin(void)
{
	sound = (struct live_header) {
		.magic = LIVE_MAGIC,
		.layout = LIVE_LAYOUT,
		.header_bytes = sizeof(sound),
		.file_bytes = FILE_BYTES,
		.pid = (int32_t)getpid(),
		.page_bytes = 4096,
		.numbers_offset = offsetof(struct live_process, numbers),
		.numbers_bytes = sizeof(struct live_numbers),
		.classes_offset = offsetof(struct live_process, classes),
		.classes_count = LIVE_CLASSES,
		.request_offset = offsetof(struct live_process, request),
		.request_bytes = sizeof(struct live_request),
		.settings_offset = offsetof(struct live_process, settings),
		.settings_count = LIVE_SETTINGS,
		.setting_bytes = sizeof(struct live_setting),
		.slots_offset = LIVE_PROCESS_BYTES,
		.slots_count = LIVE_SLOTS,
		.slot_bytes = SLOT_BYTES,
		.counts_offset = offsetof(struct live_slot, counts),
		.counts_count = LIVE_CLASSES,
		.counts_bytes = sizeof(struct live_counts),
		.rest_offset = offsetof(struct live_process, rest),
		.rest_bytes = sizeof(struct live_rest),
	};
	page->numbers.records = LIVE_SLOTS;
	strcpy(page->settings[0].name, "retain.max");
	strcpy(page->settings[0].value, "a\033[31m\"\\\n\xff");
	make_sound();
}

static void *go_on(void *arg)
{
	void (*lie)(void) = ((const struct mode *)arg)->lie;

	while (lie)
		lie();
	return NULL;
}

int main(int argc, char **argv)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	const struct mode *mode = modes;
	pthread_t thread;
	char byte;

	if (argc == 2)
		while (mode < modes + sizeof(modes) / sizeof(*modes) &&
		       strcmp(mode->name, argv[1]) != 0)
			mode++;
	must(argc == 2 && mode < modes + sizeof(modes) / sizeof(*modes),
	     "liar MODE");
	prctl(PR_SET_NAME, "li\033[7m\"\\ar");
	fd = (int)syscall(SYS_memfd_create, LIVE_NAME, 2u /* may be sealed */);
	must(fd >= 0 && ftruncate(fd, FILE_BYTES) == 0, "memfd_create");
	page = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(page != MAP_FAILED, "mmap");
	begin();
	if (strcmp(mode->name, "older") == 0) {
		page->numbers.peak_bytes = 4096;
		store(offsetof(struct live_header, numbers_bytes),
		      offsetof(struct live_numbers, retained_bytes));
	} else if (strcmp(mode->name, "damaged") == 0) {
		for (size_t at = offsetof(struct live_header, header_bytes);
		     at < sizeof(sound); at += 4)
			store(at, (uint32_t)draw());
	} else if (strcmp(mode->name, "sealed") == 0) {
		must(munmap(page, FILE_BYTES) == 0, "munmap");
		seals |= F_SEAL_WRITE;
	}
	must(strcmp(mode->name, "loose") == 0 ||
	     fcntl(fd, F_ADD_SEALS, seals) == 0, "F_ADD_SEALS");
	if (mode->lie == lie_lock)
		must(flock(fd, LOCK_EX) == 0, "flock");
	must(pthread_create(&thread, NULL, go_on, (void *)mode) == 0,
	     "pthread_create");
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	_exit(EXIT_SUCCESS);
}

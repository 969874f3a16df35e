/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ring of events: how long its reader is taken to be there. */
#include "events/events.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <datamem.h>

#include "harness.h"
#include "kernel/shared.h"
#include "../../src/events-page.h"

static uint64_t asleep;   /* nanoseconds */

uint64_t __real_dmem_kernel_boot_ns(void);
uint64_t __wrap_dmem_kernel_boot_ns(void);
uint64_t __wrap_dmem_kernel_boot_ns(void)
{
	return __real_dmem_kernel_boot_ns() + dmem_load(&asleep);
}

/* By the clock that stands still meanwhile. */
static uint64_t stopped_ms;
uint64_t __real_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return __real_dmem_kernel_clock_ms() + dmem_load(&stopped_ms);
}

/* A reader sleeps when the machine does, and is not gone for that. */
START_TEST(the_machine_was_asleep)
{
	uint64_t inode;
	int err;

	ck_assert_int_eq(datamem_setting_set("control", "off"), 0);
	err = dmem_events_open(4096, &inode);
	if (err)
		harness_skip("no memory to share");
	dmem_events_begin();
	ck_assert(!dmem_events_over());
	asleep = UINT64_C(3600) * 1000000000;
	datamem_free(datamem_alloc(5000), 5000);
	ck_assert(!dmem_events_over());
	ck_assert(dmem_events_want(5000));
	ck_assert(dmem_events_close());
	ck_assert(!dmem_events_there);
}
END_TEST

/* The reader's mapping of the ring; NULL: its file is not found. */
static struct events_header *map_as_reader(void)
{
	DIR *dir = opendir("/proc/self/fd");
	char path[300], target[64];
	struct dirent *entry;
	void *at = MAP_FAILED;
	ssize_t n;
	int fd;

	while (dir && at == MAP_FAILED && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/fd/%s",
			 entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (!strstr(target, EVENTS_NAME))
			continue;
		fd = open(path, O_RDWR | O_CLOEXEC);
		at = mmap(NULL, sizeof(struct events_header),
			  PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return at == MAP_FAILED ? NULL : at;
}

/* Fewer where the two share a processor with others: each waits for its turn
 * twice a round. */
#define ROUNDS 30000u
#define SECONDS_MAX 10

static struct events_header *reader_header;
static unsigned int there[2], gone, last = ROUNDS;

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* As near to one another as can be. */
static void meet(unsigned int who, unsigned int round)
{
	dmem_store_release(&there[who], round);
	for (unsigned int i = 0; dmem_load_acquire(&there[!who]) < round; i++)
		if (i > 1000)
			sched_yield();
}

static void *look(void *arg)
{
	unsigned int who = (unsigned int)(uintptr_t)arg;
	struct events_header *header = dmem_load(&reader_header);
	time_t begun = seconds();

	for (unsigned int round = 1; round <= dmem_load(&last); round++) {
		meet(who, 2 * round);
		if (!who) {
			if (seconds() - begun > SECONDS_MAX)
				dmem_store(&last, round);
			dmem_fetch_add(&stopped_ms, 6000);
			dmem_fetch_add(&asleep, UINT64_C(6000000000));
			dmem_fetch_add(&header->beat, 1);
		}
		meet(who, 2 * round + 1);
		if (dmem_events_over())
			dmem_fetch_add(&gone, 1);
	}
	return NULL;
}

/* Nothing was looked at for long, as where a process was stopped: then of two
 * threads neither takes the reader for gone which the other has just seen. */
START_TEST(two_see_that_the_reader_is_there)
{
	uint64_t inode;
	pthread_t thread;

	ck_assert_int_eq(datamem_setting_set("control", "off"), 0);
	if (dmem_events_open(4096, &inode))
		harness_skip("no memory to share");
	dmem_events_begin();
	reader_header = map_as_reader();
	if (!reader_header)
		harness_skip("no /proc");
	ck_assert_int_eq(pthread_create(&thread, NULL, look, (void *)1), 0);
	look((void *)0);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(gone, 0);
	ck_assert(dmem_events_close());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tc = tcase_create("lease");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_machine_was_asleep);
	tcase_add_test(tc, two_see_that_the_reader_is_there);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

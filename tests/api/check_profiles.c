/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Profiles beside all else: threads, forks, files, mistakes, other handlers. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "own-profile.h"

/* Threads */

static int stop_threads;

static void *churn(void *arg)
{
	void *blocks[64] = { NULL };
	unsigned int turn = (unsigned int)(uintptr_t)arg;

	for (unsigned int i = 0; !__atomic_load_n(&stop_threads,
						  __ATOMIC_RELAXED); i++) {
		void **at = &blocks[i % 64];

		turn = turn * 1103515245 + 12345;
		datamem_free(*at, 0);
		*at = datamem_alloc(turn >> 28 ? turn >> 18 : turn >> 6);
		if (turn >> 16 & 1 && *at)
			*at = datamem_realloc(*at, 1 + (turn >> 20));
	}
	for (size_t i = 0; i < COUNT(blocks); i++)
		datamem_free(blocks[i], 0);
	return NULL;
}

static void run_threads(void (*meanwhile)(void))
{
	pthread_t threads[4];

	stop_threads = 0;
	for (uintptr_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, churn,
						(void *)(i + 1)), 0);
	meanwhile();
	__atomic_store_n(&stop_threads, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

static void wait_for_samples(void)
{
	struct profile_header *profile = map_profile();

	while (__atomic_load_n(&profile->taken, __ATOMIC_RELAXED) < 500)
		usleep(1000);
}

START_TEST(threads_leave_nothing)
{
	struct profile_header *profile;

	begin(20000);
	profile = map_profile();
	run_threads(wait_for_samples);
	check_sums(profile);
	ck_assert_uint_eq(profile->live.samples, 0);
	ck_assert_uint_eq(profile->live.bytes, 0);
	ck_assert_uint_eq(profile->ended + profile->dropped_samples,
			  profile->taken);
}
END_TEST

static void switch_often(void)
{
	for (int i = 0; i < 40; i++) {
		begin(i % 3 ? 4096 : SURE);
		usleep(500);
		if (i % 5)
			datamem_profile_stop();
	}
}

START_TEST(it_is_switched_while_threads_run)
{
	run_threads(switch_often);
	teardown();
	ck_assert_int_eq(find_profile(), -1);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* Forks */

static int wait_for(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

START_TEST(a_child_has_its_own)
{
	struct profile_header *profile;
	void *mine, *shared;
	pid_t child;

	begin(SURE);
	profile = map_profile();
	shared = one_site(1000);
	mine = other_site(2000000);
	child = fork();
	if (!child) {
		struct profile_header *own;

		/* Its parent's file is none of its files. */
		ck_assert_int_eq(find_profile(), -1);
		datamem_free(shared, 1000);
		own = map_profile();
		ck_assert_int_eq(own->pid, getpid());
		ck_assert_uint_eq(own->live.samples, 1);
		ck_assert_uint_eq(own->live.bytes, 2000000);
		ck_assert_uint_eq(own->allocated.bytes, 2001000);
		ck_assert_ptr_nonnull(sample_of(own, mine));
		ck_assert(passes(own, stack_of(own, sample_of(own, mine)),
				 (const void *)other_site));
		ck_assert_str_eq(string_of(own, stack_of(own,
				 sample_of(own, mine))->handler),
				 "default_allocator");
		shared = one_site(5000);
		ck_assert_ptr_nonnull(sample_of(own, shared));
		ck_assert_int_eq((pid_t)sample_of(own, shared)->tid, getpid());
		check_sums(own);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert_uint_eq(profile->live.samples, 2);
	ck_assert_uint_eq(profile->live.bytes, 2001000);
	ck_assert_ptr_nonnull(sample_of(profile, shared));
	datamem_free(shared, 1000);
	datamem_free(mine, 2000000);
	ck_assert_uint_eq(profile->live.samples, 0);
	check_sums(profile);
}
END_TEST

START_TEST(a_child_outlives_the_profile_of_its_parent)
{
	int go[2];
	pid_t child;
	void *block;
	char byte;

	begin(SURE);
	block = one_site(1000);
	ck_assert_int_eq(pipe(go), 0);
	child = fork();
	if (!child) {
		close(go[1]);
		ck_assert_int_eq(read(go[0], &byte, 1), 0);
		other_site(3000);
		ck_assert_uint_eq(map_profile()->live.bytes, 4000);
		check_sums(map_profile());
		_exit(0);
	}
	datamem_free(block, 1000);
	teardown();
	close(go[0]);
	close(go[1]);
	ck_assert_int_eq(wait_for(child), 0);
}
END_TEST

START_TEST(a_child_without_memory_has_none)
{
	struct rlimit none = { 4096, 4096 };
	pid_t child;

	begin(SURE);
	one_site(1000);
	child = fork();
	if (!child) {
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
		datamem_free(one_site(2000), 0);
		ck_assert_int_eq(find_profile(), -1);
		ck_assert_int_eq(datamem_profile_write(1, 1), -ENODATA);
		ck_assert_str_ne(note_of("profile"), "");
		datamem_free(one_site(70000), 0);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
}
END_TEST

/* Written */

static char *written(int format, size_t *size)
{
	char path[] = "/tmp/check_profile.XXXXXX";
	int fd = mkstemp(path);
	struct stat stat;
	char *text;

	ck_assert_int_ge(fd, 0);
	unlink(path);
	ck_assert_int_eq(datamem_profile_write(fd, format), 0);
	ck_assert_int_eq(fstat(fd, &stat), 0);
	*size = (size_t)stat.st_size;
	text = calloc(1, *size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(pread(fd, text, *size, 0), (ssize_t)*size);
	close(fd);
	return text;
}

START_TEST(a_copy_has_all_of_it)
{
	struct profile_header *profile, *copied;
	void *block;
	size_t size;

	begin(SURE);
	profile = map_profile();
	block = one_site(1000000);
	copied = (struct profile_header *)written(DATAMEM_PROFILE_RAW, &size);
	ck_assert_str_eq(copied->magic, PROFILE_MAGIC);
	ck_assert_uint_eq(copied->state, PROFILE_COPY);
	ck_assert_uint_eq(copied->file_bytes, size);
	ck_assert_uint_eq(copied->made, profile->made);
	ck_assert_uint_eq(copied->live.bytes, profile->live.bytes);
	ck_assert_uint_le(copied->strings_offset + copied->strings_used, size);
	ck_assert_uint_lt(size, 64 * KIB);
	ck_assert_uint_eq(sample_of(copied, block)->size, 1000000);
	ck_assert(passes(copied, stack_of(copied, sample_of(copied, block)),
			 (const void *)one_site));
	check_sums(copied);
	free(copied);
	datamem_free(block, 0);
}
END_TEST

START_TEST(texts_have_bytes_and_stacks)
{
	void *block, *gone;
	size_t size;
	char *text;

	begin(SURE);
	block = one_site(1000000);
	gone = other_site(300);
	datamem_free(gone, 300);
	text = written(DATAMEM_PROFILE_HEAP, &size);
	ck_assert_ptr_nonnull(strstr(text, "heap profile:      1:  1000000 "
				     "[     2:  1000300] @ heap_v2/1\n"));
	ck_assert_ptr_nonnull(strstr(text, "     1:  1000000 "
				     "[     1:  1000000] @ 0x"));
	ck_assert_ptr_nonnull(strstr(text, "\nMAPPED_LIBRARIES:\n"));
	free(text);
	text = written(DATAMEM_PROFILE_COLLAPSED, &size);
	ck_assert_ptr_nonnull(strstr(text, " 1000000\n"));
	ck_assert_ptr_null(strstr(text, " 300\n"));
	ck_assert_ptr_nonnull(strchr(text, ';'));
	free(text);
	text = written(DATAMEM_PROFILE_COLLAPSED_ALLOCATED, &size);
	ck_assert_ptr_nonnull(strstr(text, " 300\n"));
	free(text);
	datamem_free(block, 0);
}
END_TEST

/* What another process wrote into the tables harms no writer. */
START_TEST(hostile_tables_are_written)
{
	struct profile_header *profile;
	void *block;
	size_t size;

	begin(SURE);
	profile = map_profile();
	block = one_site(1000000);
	memset((char *)profile + profile->stacks_offset, 0xff, 4096);
	memset((char *)profile + profile->frames_offset, 0xff, 4096);
	memset((char *)profile + profile->strings_offset, 0xff, 4096);
	memset((char *)profile + profile->samples_offset, 0xff, 4096);
	memset(profile, 0xff, 4096);
	for (int format = DATAMEM_PROFILE_RAW;
	     format <= DATAMEM_PROFILE_COLLAPSED_ALLOCATED; format++)
		free(written(format, &size));
	datamem_free(block, 0);
	datamem_free(one_site(500), 0);
	one_site(70000);
	if (!fork()) {
		one_site(80000);
		_exit(0);
	}
	wait(NULL);
}
END_TEST

START_TEST(mistakes_of_callers)
{
	int full = open("/dev/full", O_WRONLY);

	ck_assert_int_eq(datamem_profile_write(1, 0), -EINVAL);
	ck_assert_int_eq(datamem_profile_write(1, 5), -EINVAL);
	begin(SURE);
	datamem_free(one_site(100), 0);
	ck_assert_int_eq(datamem_profile_write(-1, DATAMEM_PROFILE_HEAP),
			 -EBADF);
	if (full >= 0)
		ck_assert_int_eq(datamem_profile_write(full,
				 DATAMEM_PROFILE_RAW), -ENOSPC);
	ck_assert_int_eq(datamem_profile_start((size_t)1 << 50), -EINVAL);
	ck_assert_int_eq(datamem_setting_set("profile", "0"), -EINVAL);
	set("profile", "1M");
	ck_assert_uint_eq(map_profile()->interval, MIB);
	set("profile", "off");
	ck_assert_int_eq(find_profile(), -1);
}
END_TEST

/* A handler of the program: by its name, and once, whatever it is made of. */

static void *host_malloc(void *ctx, size_t nbytes)
{
	return ctx ? datamem_alloc(nbytes) : malloc(nbytes);
}

static void *host_calloc(void *ctx, size_t nelem, size_t elsize)
{
	return ctx ? datamem_alloc_zeroed(nelem, elsize) :
		     calloc(nelem, elsize);
}

static void *host_realloc(void *ctx, void *ptr, size_t nbytes)
{
	/* Sanitizers abort where a size is too large. */
	if (nbytes > PTRDIFF_MAX / 2)
		return NULL;
	return ctx ? datamem_realloc(ptr, nbytes) : realloc(ptr, nbytes);
}

static void host_free(void *ctx, void *ptr, size_t nbytes)
{
	if (ctx)
		datamem_free(ptr, nbytes);
	else
		free(ptr);
}

static void check_handler(const struct datamem_handler *handler)
{
	struct profile_header *profile = map_profile();
	const struct profile_sample *sample;
	uint64_t taken = profile->taken;
	struct datamem_buffer buffer;
	void *block;

	block = datamem_handler_alloc(handler, 1000);
	sample = sample_of(profile, block);
	ck_assert_uint_eq(sample->size, 1000);
	ck_assert_str_eq(string_of(profile, stack_of(profile, sample)->handler),
			 handler->name);
	block = datamem_handler_realloc(handler, block, 300000);
	ck_assert_uint_eq(sample_of(profile, block)->size, 300000);
	if (handler->allocator.realloc == host_realloc)
		ck_assert_ptr_null(datamem_handler_realloc(handler, block,
							   PTRDIFF_MAX));
	ck_assert_uint_eq(sample_of(profile, block)->size, 300000);
	ck_assert_uint_eq(profile->live.samples, 1);
	datamem_handler_free(handler, block, 300000);
	ck_assert_uint_eq(profile->live.samples, 0);
	ck_assert_int_eq(datamem_buffer_init_with(&buffer, handler, 5000, 64),
			 0);
	ck_assert_uint_eq(profile->live.samples, 1);
	datamem_buffer_release(&buffer);
	ck_assert_uint_eq(profile->live.samples, 0);
	ck_assert_uint_eq(profile->taken, taken + 3);
	/* And on with the countdown. */
	block = one_site(100);
	ck_assert_ptr_nonnull(sample_of(profile, block));
	datamem_free(block, 100);
	check_sums(profile);
}

START_TEST(handlers_of_the_program)
{
	struct datamem_handler handler = {
		"host", DATAMEM_HANDLER_VERSION,
		{ NULL, host_malloc, host_calloc, host_realloc, host_free },
	};

	begin(SURE);
	check_handler(&handler);
	handler.allocator.ctx = &handler;
	check_handler(&handler);
	check_handler(datamem_handler_find("system"));
	check_handler(datamem_handler_find("debug"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("profiles");
	TCase *tc = tcase_create("profile");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, threads_leave_nothing);
	tcase_add_test(tc, it_is_switched_while_threads_run);
	tcase_add_test(tc, a_child_has_its_own);
	tcase_add_test(tc, a_child_outlives_the_profile_of_its_parent);
	tcase_add_test(tc, a_child_without_memory_has_none);
	tcase_add_test(tc, a_copy_has_all_of_it);
	tcase_add_test(tc, texts_have_bytes_and_stacks);
	tcase_add_test(tc, hostile_tables_are_written);
	tcase_add_test(tc, mistakes_of_callers);
	tcase_add_test(tc, handlers_of_the_program);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return profile_main(make_suite);
}

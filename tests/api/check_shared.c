/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of the handler `shared`, in other processes. */
#include <datamem.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared-blocks.h"

static bool is_shared(const void *ptr)
{
	struct datamem_shared_ref ref;
	void *copy;

	if (datamem_shared_send(ptr, &ref, sizeof(ref)))
		return false;
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						&copy), 0);
	datamem_handler_free(handler, (char *)copy - ref.offset, 0);
	return true;
}

/* Receive references and answer with the sum of the first and last byte. */
static void serve(int in, int out, bool forgets)
{
	struct datamem_shared_ref ref;
	void *ptr;

	while (read(in, &ref, sizeof(ref)) == sizeof(ref)) {
		int err = datamem_shared_receive(&ref, sizeof(ref), false,
						 &ptr);
		int answer = err ? err : ((char *)ptr)[0] +
					 ((char *)ptr)[BIG - 1];

		if (write(out, &answer, sizeof(answer)) < 0)
			_exit(2);
		if (!forgets && !err)
			datamem_handler_free(handler, ptr, 0);
	}
	_exit(0);
}

START_TEST(another_process_sees_the_data)
{
	int from[2], to[2], answer, status;
	pid_t pid = child_of(from, to);
	struct datamem_shared_ref ref;
	char *ptr;

	if (!pid) {
		close(to[1]);
		serve(to[0], from[1], false);
	}
	for (int i = 0; i < 3; i++) {
		ptr = make(BIG);
		ptr[0] = 40;
		ptr[BIG - 1] = 2;
		ref = reference(ptr);
		ck_assert_uint_eq(datamem_shared_pending(), 1);
		/* The second time it is freed before it is received. */
		if (i == 1)
			datamem_handler_free(handler, ptr, BIG);
		ck_assert_int_eq(write(to[1], &ref, sizeof(ref)), sizeof(ref));
		ck_assert_int_eq(read(from[0], &answer, sizeof(answer)),
				 sizeof(answer));
		ck_assert_int_eq(answer, 42);
		ck_assert_uint_eq(datamem_shared_pending(), 0);
		if (i != 1)
			datamem_handler_free(handler, ptr, BIG);
	}
	close(to[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* Who has ended has nothing more to give. */
	ref.pid = pid;
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						(void **)&ptr), -ESRCH);
}
END_TEST

/* Have the next mapping of 2 MiB begin on a boundary, most likely. */
static void make_room(void)
{
	char *at = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	mmap(NULL, (uintptr_t)at % (2 * MIB), PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* The first thing that a process does; what finds out about huge pages by
 * writing must not do it there. */
START_TEST(receiving_writes_nothing)
{
	int from[2], to[2], status;
	pid_t pid = child_of(from, to);
	struct datamem_shared_ref ref;
	void *ptr;

	if (!pid) {
		close(to[1]);
		make_room();
		if (read(to[0], &ref, sizeof(ref)) != sizeof(ref) ||
		    datamem_shared_receive(&ref, sizeof(ref), _i, &ptr))
			_exit(1);
		for (size_t i = 0; i < 2 * MIB; i++)
			if (((char *)ptr)[i] != 7)
				_exit(2);
		_exit(0);
	}
	ptr = make(2 * MIB);
	ref = reference(ptr);
	ck_assert_int_eq(write(to[1], &ref, sizeof(ref)), sizeof(ref));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	datamem_handler_free(handler, ptr, 0);
}
END_TEST

static long blocks_of(int fd)
{
	struct stat stat;

	ck_assert_int_eq(fstat(fd, &stat), 0);
	return (long)stat.st_blocks;
}

START_TEST(memory_goes_with_the_last)
{
	bool killed = _i;
	int from[2], to[2], answer, status, look;
	pid_t pid = child_of(from, to);
	struct datamem_shared_ref ref;
	struct stat before;
	char *ptr, path[64];

	if (!pid) {
		close(to[1]);
		serve(to[0], from[1], killed);
	}
	ptr = make(BIG);
	ref = reference(ptr);
	/* A look at the file that keeps nothing but its inode, once punched. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", (int)ref.fd);
	look = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(look, 0);
	datamem_handler_free(handler, ptr, BIG);
	ck_assert_int_ge(blocks_of(look), (long)(BIG / 512));
	ck_assert_int_eq(write(to[1], &ref, sizeof(ref)), sizeof(ref));
	ck_assert_int_eq(read(from[0], &answer, sizeof(answer)),
			 sizeof(answer));
	ck_assert_int_eq(answer, 14);
	if (killed)
		kill(pid, SIGKILL);
	close(to[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* Killed, it could not tell; but nobody else has a descriptor. */
	if (!killed)
		ck_assert_int_le(blocks_of(look),
				 2 * sysconf(_SC_PAGESIZE) / 512);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_int_ne(fstat((int)ref.fd, &before), 0);
	close(look);
}
END_TEST

START_TEST(who_is_hidden_from_others_sends_nothing)
{
	struct datamem_shared_ref ref;
	char *ptr = make(BIG);

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		harness_skip("prctl(2) is refused");
	ck_assert_int_eq(datamem_shared_send(ptr, &ref, sizeof(ref)), -ENOTSUP);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	ck_assert(is_shared(ptr));
	datamem_handler_free(handler, ptr, BIG);
}
END_TEST

START_TEST(a_forked_child_keeps_what_it_inherits)
{
	struct datamem_shared_ref ref;
	int go[2], status;
	char *ptr, *received, byte;
	pid_t pid;

	ptr = make(BIG);
	ref = reference(ptr);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), true,
						(void **)&received), 0);
	received[5] = 9;
	ck_assert_int_eq(ptr[5], 9);
	ck_assert_int_eq(pipe(go), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		if (received[5] != 9 || ptr[BIG - 1] != 7)
			_exit(2);
		datamem_handler_free(handler, received, 0);
		_exit(ptr[5] == 9 ? 0 : 3);
	}
	datamem_handler_free(handler, received, 0);
	datamem_handler_free(handler, ptr, 0);
	ck_assert_int_eq(write(go[1], "", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(sizes_zeros_and_resizes)
{
	struct datamem_stats before = stats_now(), now;
	struct datamem_hugepage_probe probe;
	char *ptr = datamem_handler_alloc_zeroed(handler, BIG, 1);

	for (size_t i = 0; i < BIG; i += 4096)
		ck_assert_int_eq(ptr[i], 0);
	ck_assert(is_shared(ptr + 5000));
	now = stats_now();
	ck_assert_uint_eq(now.live_bytes, before.live_bytes + BIG);
	ck_assert_uint_eq(now.allocs, before.allocs + 1);
	ptr[0] = 1;
	ptr = datamem_handler_realloc(handler, ptr, 2 * BIG);
	ck_assert(ptr && ptr[0] == 1 && is_shared(ptr));
	ptr = datamem_handler_realloc(handler, ptr, 1000);
	ck_assert(ptr && ptr[0] == 1 && !is_shared(ptr));
	ptr = datamem_handler_realloc(handler, ptr, BIG);
	ck_assert(ptr && ptr[0] == 1 && is_shared(ptr));
	datamem_handler_free(handler, ptr, 3);
	now = stats_now();
	ck_assert_uint_eq(now.live_bytes, before.live_bytes);
	/* And a slab for the small one, in a chunk. */
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	ck_assert_uint_le(now.mapped_bytes,
			  before.mapped_bytes + (probe.hugepage_size > 2 * MIB ?
						 probe.hugepage_size : 2 * MIB));
	ck_assert_uint_eq(now.foreign_pointers, before.foreign_pointers);
	ptr = make(MIB - 1);
	ck_assert(!is_shared(ptr));
	datamem_handler_free(handler, ptr, 0);
	datamem_handler_free(handler, NULL, 0);
}
END_TEST

/* Programs close all descriptors that they do not know, and open their own. */
START_TEST(files_of_the_program_are_left_alone)
{
	char *ptr = make(BIG), *copy, text[8] = "";
	FILE *own = tmpfile();
	struct datamem_shared_ref ref;

	ck_assert_ptr_nonnull(own);
	ck_assert_int_eq(fprintf(own, "precious"), 8);
	ck_assert_int_eq(fflush(own), 0);
	ref = reference(ptr);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						(void **)&copy), 0);
	datamem_handler_free(handler, copy, 0);
	ck_assert_int_eq(dup2(fileno(own), (int)ref.fd), (int)ref.fd);
	datamem_handler_free(handler, ptr, BIG);
	ck_assert_int_eq(pread(fileno(own), text, 8, 0), 8);
	ck_assert_mem_eq(text, "precious", 8);
	/* Nor is it closed. */
	ck_assert_int_eq(pread((int)ref.fd, text, 8, 0), 8);
	fclose(own);
}
END_TEST

/* Where there is no room for another block beside it. */
START_TEST(a_shrink_never_fails)
{
	size_t sizes[] = { 5 * MIB, 3 * MIB, MIB + 5, 1000 };
	struct datamem_trace_totals totals;
	char *ptr;

	ck_assert_int_eq(datamem_trace_start(), 0);
	ptr = make(6 * MIB);
	set("limit.max", "6M");
	for (size_t i = 0; i < COUNT(sizes); i++) {
		errno = 77;
		ck_assert_ptr_nonnull(ptr = datamem_handler_realloc(handler,
							ptr, sizes[i]));
		ck_assert_int_eq(errno, 77);
		ck_assert(ptr[0] == 7 && ptr[sizes[i] - 1] == 7);
		ck_assert_uint_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN,
							   &totals,
							   sizeof(totals)), 0);
		ck_assert_uint_eq(totals.bytes, sizes[i]);
		ck_assert_uint_eq(totals.blocks, 1);
	}
	set("limit.max", "0");
	datamem_handler_free(handler, ptr, 1000);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
	datamem_trace_stop();
}
END_TEST

START_TEST(limits_hold)
{
	struct rlimit limit;
	char *ptr[20];
	int shared = 0;

	set("limit.max", "8M");
	ptr[0] = make(5 * MIB);
	ck_assert_ptr_null(datamem_handler_alloc(handler, 5 * MIB));
	ck_assert_int_eq(errno, ENOMEM);
	datamem_handler_free(handler, ptr[0], 0);
	set("limit.max", "0");

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 40;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (size_t i = 0; i < COUNT(ptr); i++)
		ptr[i] = make(BIG);
	/* At most a quarter, of which one is_shared() receives by. */
	limit.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (size_t i = 0; i < COUNT(ptr); i++)
		shared += is_shared(ptr[i]);
	ck_assert_int_ge(shared, 1);
	ck_assert_int_le(shared, 10);
	for (size_t i = 0; i < COUNT(ptr); i++)
		datamem_handler_free(handler, ptr[i], BIG);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	/* Before anything is made, which would leak. */
	if (access("/proc/self/fd/0", F_OK) && access("/proc/self/fd", F_OK))
		return harness_skip_all("no /proc");
	suite = suite_create("shared");
	tc = tcase_create("shared");
	tcase_add_checked_fixture(tc, find_shared, NULL);
	tcase_add_test(tc, another_process_sees_the_data);
	tcase_add_loop_test(tc, receiving_writes_nothing, 0, 2);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, memory_goes_with_the_last, 0, 2);
	tcase_add_test(tc, who_is_hidden_from_others_sends_nothing);
	tcase_add_test(tc, a_forked_child_keeps_what_it_inherits);
	tcase_add_test(tc, sizes_zeros_and_resizes);
	tcase_add_test(tc, files_of_the_program_are_left_alone);
	tcase_add_test(tc, a_shrink_never_fails);
	tcase_add_test(tc, limits_hold);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

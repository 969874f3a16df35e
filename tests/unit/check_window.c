/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The window: found, filled, stepped over obstacles in, small under limits. */
#include "arena/window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "kernel/kernel.h"

#define RANGE_LEAST ((size_t)16 << 20)

static char *address_of(int64_t chunk)
{
	return dmem_chunk_address((uint32_t)chunk);
}

static size_t mapped_chunks(void)
{
	size_t n = 0, end = dmem_window.extent >> dmem_window.chunk_shift;

	for (size_t i = 0; i < end; i++)
		n += !!(dmem_window.chunks[i].flags & DMEM_CHUNK_MAPPED);
	return n;
}

START_TEST(found_and_filled)
{
	size_t chunk, extent = 0;
	int64_t at;

	dmem_library_init();
	chunk = dmem_chunk_size();
	ck_assert_uint_ne(dmem_window.base, 0);
	ck_assert_uint_eq(dmem_window.base % chunk, 0);
	ck_assert_uint_ge(dmem_window.size, RANGE_LEAST);
	ck_assert_uint_eq(dmem_window.extent, 0);
	ck_assert(!dmem_window_holds((void *)dmem_window.base));
	for (uint32_t count = 1; count < 9; count++) {
		at = dmem_window_extend(dmem_regions, count);
		ck_assert_int_eq(at, (int64_t)(extent / chunk));
		extent += count * chunk;
		ck_assert_uint_eq(dmem_window.extent, extent);
		ck_assert_uint_eq(dmem_window.mapped, extent);
		memset(address_of(at), 1, count * chunk);
		ck_assert(dmem_window_holds(address_of(at)));
		ck_assert(!dmem_window_holds(address_of(at + count)));
		dmem_window.tags[extent >> DMEM_GRANULE_SHIFT].back = 0;
	}
	ck_assert_uint_eq(mapped_chunks(), 36);
	ck_assert_int_eq(dmem_window_extend(dmem_regions, UINT32_MAX), -ENOSPC);
	ck_assert_uint_eq(dmem_window.extent, extent);
}
END_TEST

/* Pages of the class table that may be written to. */
static size_t writable_classes(void)
{
	uintptr_t start = (uintptr_t)dmem_window.classes;
	uintptr_t end = start + (dmem_window.size >> DMEM_SPAN_SHIFT);
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512], mode[8];
	size_t nbytes = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    from >= start && to <= end && mode[1] == 'w')
			nbytes += to - from;
	fclose(file);
	return nbytes;
}

/* Any address of the window has a class to be read, whatever is there. */
START_TEST(classes_grow_with_use)
{
	size_t spans, gib = (size_t)1 << 30, foreign;
	struct datamem_stats stats;
	char *block;

	dmem_library_init();
	spans = dmem_window.size >> DMEM_SPAN_SHIFT;
	ck_assert_uint_eq(writable_classes(), 0);
	for (size_t i = 0; i < spans; i += 512)
		ck_assert_uint_eq(dmem_window.classes[i], 0);
	ck_assert_int_eq(dmem_window_extend(dmem_regions, 1), 0);
	ck_assert_uint_gt(writable_classes(), 0);
	ck_assert_uint_le(writable_classes(), 64 * DMEM_KIB);
	block = datamem_alloc(100);
	ck_assert_ptr_nonnull(block);
	datamem_stats_get(&stats, sizeof(stats));
	foreign = (size_t)stats.foreign_pointers;
	for (size_t at = gib; at < dmem_window.size; at += gib) {
		datamem_free((char *)dmem_window.base + at + 64, 1);
		foreign++;
	}
	datamem_stats_get(&stats, sizeof(stats));
	ck_assert_uint_eq(stats.foreign_pointers, foreign);
	datamem_free(block, 100);
}
END_TEST

static size_t phase;
static char *found;

void *__real_dmem_kernel_find_range(size_t nbytes);
void *__wrap_dmem_kernel_find_range(size_t nbytes);

/* Not every kernel aligns large mappings. */
void *__wrap_dmem_kernel_find_range(size_t nbytes)
{
	char *range = __real_dmem_kernel_find_range(nbytes + 4 * DMEM_MIB);

	if (!range)
		return NULL;
	found = (char *)DMEM_ROUND_UP((uintptr_t)range, 2 * DMEM_MIB) + phase;
	return found;
}

/* Blocks may be asked for at multiples of 2 MiB, whatever a chunk is. */
START_TEST(aligned_with_small_chunks)
{
	dmem_library_init();
	phase = DMEM_MIB;
	dmem_window_init(DMEM_MIB);
	ck_assert_uint_ne(dmem_window.base, 0);
	ck_assert_uint_eq(dmem_window.base % (2 * DMEM_MIB), 0);
	ck_assert((char *)dmem_window.tags > found);
}
END_TEST

/* What was given back is mapped again, unless somebody else was faster. */
START_TEST(holes)
{
	size_t chunk;
	char *hole;

	dmem_library_init();
	chunk = dmem_chunk_size();
	ck_assert_int_eq(dmem_window_extend(dmem_regions, 6), 0);
	hole = address_of(2);
	ck_assert_int_eq(dmem_kernel_unmap(hole, 2 * chunk), 0);
	dmem_window_forget(2, 2);
	ck_assert_uint_eq(mapped_chunks(), 4);
	ck_assert_uint_eq(dmem_window.mapped, 4 * chunk);
	ck_assert_ptr_eq(mmap(hole, chunk, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 hole);
	*hole = 77;
	ck_assert_int_eq(dmem_window_map(2, 2), -EEXIST);
	ck_assert_int_eq(*hole, 77);
	ck_assert_uint_eq(dmem_window.mapped, 4 * chunk);
	ck_assert_int_eq(dmem_window_map(3, 1), 0);
	munmap(hole, chunk);
	ck_assert_int_eq(dmem_window_map(2, 1), 0);
	ck_assert_int_eq(*hole, 0);
	ck_assert_uint_eq(mapped_chunks(), 6);
}
END_TEST

/* Somebody else's mapping in the way is left alone and stepped over. */
START_TEST(obstacle)
{
	size_t page = dmem_kernel_page_size(), chunk, nbytes, meta;
	char *wall, *block;
	int64_t at;

	dmem_library_init();
	chunk = dmem_chunk_size();
	/* On pages of 16 KiB a chunk has 32 MiB. */
	nbytes = (chunk > 4 * DMEM_MIB ? 2 : 20) * chunk;
	ck_assert_int_eq(dmem_window_extend(dmem_regions, 2), 0);
	wall = address_of(2) + _i * chunk + chunk / 2;
	ck_assert_ptr_eq(mmap(wall, page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 wall);
	memset(wall, 55, page);
	at = dmem_window_extend(dmem_regions, 4);
	ck_assert_int_gt(at, 2);
	ck_assert(address_of(at) > wall);
	memset(address_of(at), 1, 4 * chunk);
	ck_assert_uint_eq(mapped_chunks(), 6);
	ck_assert_uint_eq(dmem_window.mapped, 6 * chunk);
	for (size_t i = 0; i < page; i++)
		ck_assert_int_eq(wall[i], 55);
	meta = dmem_window.meta;
	/* The allocator works around it as well. */
	for (int i = 0; i < 5; i++) {
		block = datamem_alloc(nbytes);
		ck_assert_ptr_nonnull(block);
		ck_assert(wall < block || wall >= block + nbytes);
		memset(block, 2, nbytes);
	}
	ck_assert_int_eq(*wall, 55);
	ck_assert_uint_ge(dmem_window.meta, meta);
}
END_TEST

static const size_t limits[] = { 40, 64, 128, 512 };

/* Bytes of address space that are taken, or 0. */
static size_t address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (file && fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * dmem_kernel_page_size();
}

/* All that a limit leaves is for blocks, but for one of them and the tables. */
static int take_all(size_t limit, size_t nbytes)
{
	size_t room = limit - address_space(), got = 0;

	if (room > limit)
		return 0;
	while (datamem_alloc(nbytes))
		got += nbytes;
	fprintf(stderr, "# %zu MiB of %zu\n", got >> 20, room >> 20);
	return got + nbytes + 4 * DMEM_MIB < room - room / 16;
}

static int under_a_limit(size_t limit, size_t nbytes)
{
	struct datamem_stats stats;
	size_t size;
	char *ptr;

	dmem_library_init();
	size = dmem_window.size;
	/* None at all is a result as well: blocks have mappings then. */
	if (dmem_window.base && (size < RANGE_LEAST || size > 1 << 30))
		return 1;
	if (dmem_window.base && size < limit)
		return 4;
	ptr = datamem_alloc(3 << 20);
	if (!ptr)
		return 2;
	memset(ptr, 1, 3 << 20);
	ptr = datamem_realloc(ptr, 6 << 20);
	if (!ptr || ptr[(3 << 20) - 1] != 1)
		return 3;
	datamem_free(ptr, 1);
	if (dmem_window.base && take_all(limit, nbytes))
		return 5;
	datamem_stats_get(&stats, sizeof(stats));
	return stats.mappings > 64 ? 6 : 0;
}

static const size_t taken[] = { 1000, 65536, 1 << 20 };

/* The window has room for all that there may be, however it is taken. */
START_TEST(small_limit)
{
	size_t limit = limits[_i / DMEM_ARRAY_SIZE(taken)];
	char mib[16], nbytes[16];
	int status;
	pid_t pid;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need their address space");
	snprintf(mib, sizeof(mib), "%zu", limit);
	snprintf(nbytes, sizeof(nbytes), "%zu",
		 taken[_i % DMEM_ARRAY_SIZE(taken)]);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		struct rlimit both = { limit << 20, limit << 20 };

		setrlimit(RLIMIT_AS, &both);
		execl("/proc/self/exe", "check_window", mib, nbytes,
		      (char *)NULL);
		_exit(125);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 127)
		harness_skip("%s MiB are not enough to load a program", mib);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("window");
	TCase *tc = tcase_create("window");

	if (argc > 2)
		return under_a_limit(strtoul(argv[1], NULL, 10) << 20,
				     strtoul(argv[2], NULL, 10));
	tcase_add_test(tc, found_and_filled);
	tcase_add_test(tc, classes_grow_with_use);
	tcase_add_test(tc, aligned_with_small_chunks);
	tcase_add_test(tc, holes);
	tcase_add_loop_test(tc, obstacle, 0, 4);
	tcase_add_loop_test(tc, small_limit, 0,
			    (int)(DMEM_ARRAY_SIZE(limits) *
				  DMEM_ARRAY_SIZE(taken)));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

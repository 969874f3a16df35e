/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What a process pays for the library: next to nothing as long as it only links
 * it, little for its first block, also where all memory is locked.
 */
#define _GNU_SOURCE
#include <datamem.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "library.h"

/* Where a huge page is larger than this, so is the first step. */
#define SMALL_CHUNK (2 * MIB)

/* Some of them of the dynamic linker, which lie behind. */
#define PAGES_MAX 20

static size_t chunk_size(void)
{
	struct datamem_hugepage_probe probe;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	return probe.hugepage_size > SMALL_CHUNK &&
			       probe.hugepage_size <= 32 * MIB ?
		       probe.hugepage_size : SMALL_CHUNK;
}

/* Numbers of this process, in bytes. */
struct size {
	size_t writable;   /* private, of no file, heap and stack left out */
	size_t resident;
};

static struct size size_now(void)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	struct size size = { 0, 0 };
	unsigned long from, to, kib;
	char line[512], mode[8];
	int name;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		name = 0;
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &from, &to,
			   mode, &name) == 3) {
			if (!strncmp(mode, "rw-p", 4) &&
			    (!line[name] || !strncmp(line + name, "[anon", 5)))
				size.writable += to - from;
		} else if (sscanf(line, "Rss: %lu", &kib) == 1) {
			size.resident += kib << 10;
		}
	}
	fclose(file);
	return size;
}

static void use(size_t nbytes)
{
	void *ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
}

/* The C library and the loader have some as well. */
START_TEST(linked_and_not_used)
{
	if (HARNESS_SANITIZED)
		harness_skip("sanitizers map much");
	if (harness_emulator())
		harness_skip("an emulator's mappings are seen as well");
	ck_assert_uint_le(size_now().writable, 1 * MIB);
}
END_TEST

START_TEST(first_block)
{
	struct size before;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers map much");
	before = size_now();
	use(80);
	/* A chunk, the tables, and the thread's cache. */
	ck_assert_uint_le(size_now().writable - before.writable,
			  chunk_size() + 2 * MIB);
	/* Of these some pages are used, and none is huge. */
	ck_assert_uint_le(size_now().resident - before.resident,
			  512 * KIB + 64 * (size_t)sysconf(_SC_PAGESIZE));
}
END_TEST

/*
 * Pages of the library's variables that were written: its file's, and the memory
 * behind them. 0: it is no file of its own. In no test: nothing is asserted.
 */
static size_t written_pages(void)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long from, to, last = 0, kib, sum = 0;
	char line[512], mode[8];
	bool ours = false, any = false;

	if (!file)
		return 255;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3) {
			bool named = strstr(line, "/libdatamem.so") != NULL;

			any |= named;
			ours = named || (ours && from == last &&
					 !strchr(line, '/') &&
					 !strchr(line, '['));
			last = to;
		} else if (ours && sscanf(line, "Anonymous: %lu", &kib) == 1) {
			sum += kib;
		}
	}
	fclose(file);
	return any ? (sum << 10) / (size_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Small variables share pages, and of tables what is used is written. */
START_TEST(few_pages_of_variables)
{
	int pages;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers have tables of their own");
	if (harness_emulator())
		harness_skip("an emulator tells whole mappings");
	pages = harness_run_again("first block");
	if (!pages)
		harness_skip("the library is a part of the program");
	ck_assert_int_le(pages, PAGES_MAX);
}
END_TEST

static int pages_of_first_block(void)
{
	return datamem_alloc(100) ? (int)written_pages() : 255;
}

/* What is advised of a small block. */
static size_t advised(const void *ptr)
{
	struct datamem_hugepage_receipt receipt;

	ck_assert_int_eq(datamem_hugepage_receipt_get(ptr, 100, &receipt,
						      sizeof(receipt)), 0);
	if (!receipt.eligible)
		ck_assert_int_eq(receipt.reason, DATAMEM_REASON_LAZY);
	return receipt.advised;
}

/* When there are more, their chunk becomes as all others are. */
START_TEST(more_small_blocks)
{
	size_t n = 2 * chunk_size() / 10000, kept = 0;
	struct datamem_hugepage_probe probe;
	void **blocks = calloc(n, sizeof(*blocks));

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (!probe.advice && probe.mode != DATAMEM_MODE_ALWAYS)
		harness_skip("no huge pages here");
	for (size_t i = 0; i < n; i++) {
		blocks[i] = datamem_alloc(10000);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], (int)i, 10000);
		if (!i)
			ck_assert_uint_eq(advised(blocks[0]), 0);
	}
	for (size_t i = 0; i < n; i++)
		kept += advised(blocks[i]) == 100 &&
			*(unsigned char *)blocks[i] == (unsigned char)i;
	ck_assert_uint_eq(kept, n);
	for (size_t i = 0; i < n; i++)
		datamem_free(blocks[i], 10000);
	free(blocks);
}
END_TEST

/* Given back, it serves a large block with huge pages. */
START_TEST(chunk_of_the_start_comes_back)
{
	struct datamem_hugepage_receipt receipt;
	void *small = datamem_alloc(100), *large;

	memset(small, 1, 100);
	if (chunk_size() > SMALL_CHUNK)
		harness_skip("chunks are large");
	datamem_free(small, 100);
	datamem_trim(SIZE_MAX);
	large = datamem_alloc(2 * MIB);
	memset(large, 1, 2 * MIB);
	ck_assert_int_eq(datamem_hugepage_receipt_get(large, 0, &receipt,
						      sizeof(receipt)), 0);
	if (datamem_hugepage_advice())
		ck_assert_uint_eq(receipt.advised, 2 * MIB);
	datamem_free(large, 2 * MIB);
}
END_TEST

static const int future[] = { MCL_FUTURE, MCL_CURRENT | MCL_FUTURE };

/* Under mlockall() the kernel refuses what RLIMIT_MEMLOCK does not allow. */
static bool may_lock(size_t nbytes)
{
	void *area = mmap(NULL, nbytes, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return false;
	munmap(area, nbytes);
	return true;
}

/* What is mapped has pages from then on. */
START_TEST(first_block_where_memory_is_locked)
{
	struct size before;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers map much");
	set("hugepage", "off");
	if (mlockall(future[_i]))
		harness_skip("memory cannot be locked: %s", strerror(errno));
	/* The C library's streams need some as well. */
	if (!may_lock(1 * MIB))
		harness_skip("next to nothing may be locked");
	before = size_now();
	use(80);
	ck_assert_uint_le(size_now().resident - before.resident,
			  chunk_size() + 2 * MIB);
	if (!may_lock(32 * MIB + chunk_size()))
		harness_skip("little may be locked; small blocks work");
	/* It grows with use. */
	use(9 * MIB);
	ck_assert_uint_le(size_now().resident - before.resident,
			  32 * MIB + chunk_size() +
				  128 * (size_t)sysconf(_SC_PAGESIZE));
	datamem_trim(0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tc;

	(void)argv;
	if (argc > 1)
		return pages_of_first_block();
	/* Before anything is made, which would leak. */
	if (access("/proc/self/smaps", R_OK))
		return harness_skip_all("no /proc/self/smaps");
	suite = suite_create("footprint");
	tc = tcase_create("footprint");
	tcase_add_test(tc, linked_and_not_used);
	tcase_add_test(tc, first_block);
	tcase_add_test(tc, few_pages_of_variables);
	tcase_add_test(tc, more_small_blocks);
	tcase_add_test(tc, chunk_of_the_start_comes_back);
	tcase_add_loop_test(tc, first_block_where_memory_is_locked, 0,
			    COUNT(future));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

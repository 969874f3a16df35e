/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What blocks take in memory: no more than was asked for, whatever the size, and
 * zeroed ones no more than was written. Pages are counted with mincore(2), in
 * the whole huge pages that the blocks lie in.
 */
#define _DEFAULT_SOURCE
#include <datamem.h>

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "library.h"

#define LIVE (40 * MIB)
#define HUGE_PAGE (2 * MIB)

static size_t page_size;

/* Huge pages of another size would need other figures. */
static bool countable(void)
{
	struct datamem_hugepage_probe probe;
	unsigned char vec;
	void *page;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (page_size != 4 * KIB ||
	    (probe.hugepage_size && probe.hugepage_size != HUGE_PAGE))
		return false;
	page = mmap(NULL, page_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(page != MAP_FAILED);
	if (mincore(page, page_size, &vec))
		vec = 1;
	munmap(page, page_size);
	return !(vec & 1);
}

#define NEED_COUNTING()                                                      \
	do {                                                                 \
		if (!countable())                                            \
			harness_skip("pages are of other sizes here, or "    \
				     "mincore(2) does not tell");            \
	} while (0)

static size_t resident(uintptr_t begin, uintptr_t end)
{
	unsigned char vec[512];
	size_t pages = 0;

	begin &= ~(HUGE_PAGE - 1);
	for (; begin < end; begin += HUGE_PAGE) {
		if (mincore((void *)begin, HUGE_PAGE, vec))
			continue; /* not mapped, a part of it */
		for (size_t i = 0; i < HUGE_PAGE / page_size; i++)
			pages += vec[i] & 1;
	}
	return pages * page_size;
}

static size_t resident_of(const char *ptr, size_t nbytes)
{
	return resident((uintptr_t)ptr, (uintptr_t)ptr + nbytes);
}

/* Write blocks of a size and count the pages that they lie in. */
static size_t write_blocks(const struct datamem_handler *handler, size_t nbytes,
			   size_t count, char **blocks)
{
	uintptr_t low = UINTPTR_MAX, high = 0;

	for (size_t i = 0; i < count; i++) {
		uintptr_t at;

		blocks[i] = datamem_handler_alloc(handler, nbytes);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], 1, nbytes);
		at = (uintptr_t)blocks[i];
		low = at < low ? at : low;
		high = at + nbytes > high ? at + nbytes : high;
	}
	return resident(low, high);
}

static const char *const names[] = { "datamem", "default_allocator" };

/*
 * From 256 KiB on. A whole huge page is resident of which a byte is written, so
 * one is allowed for the beginning and one for the end of all.
 */
START_TEST(takes_what_was_asked_for)
{
	const struct datamem_handler *handler =
		datamem_handler_find(names[_i % 2]);
	static char *blocks[LIVE / (256 * KIB)];
	size_t count, nbytes, got, live, held;
	double size = 256 * KIB;

	NEED_COUNTING();
	for (; size < 64 * MIB; size *= 1.17) {
		/* Multiples of a page, of a huge page, and any. */
		nbytes = (size_t)size;
		if (_i / 2 == 0)
			nbytes &= ~(page_size - 1);
		else if (_i / 2 == 1 && nbytes > HUGE_PAGE)
			nbytes &= ~(HUGE_PAGE - 1);
		count = LIVE / nbytes ? LIVE / nbytes : 1;
		live = count * nbytes;
		datamem_trim(0);
		held = stats_now().held_bytes;
		got = write_blocks(handler, nbytes, count, blocks);
		held = stats_now().held_bytes - held;
		ck_assert_msg(got <= live + live / 50 + 2 * HUGE_PAGE,
			      "%zu of %zu bytes: %zu resident", count, nbytes,
			      got);
		/* And it is told. */
		ck_assert_msg(got <= held + 2 * HUGE_PAGE &&
			      held <= got + 2 * HUGE_PAGE,
			      "%zu of %zu bytes: %zu resident, %zu held", count,
			      nbytes, got, held);
		for (size_t i = 0; i < count; i++)
			datamem_handler_free(handler, blocks[i], nbytes);
	}
}
END_TEST

#define LARGE (512 * MIB)

static char *zeroed(size_t nbytes)
{
	char *ptr = datamem_alloc_zeroed(nbytes, 1);

	ck_assert_msg(ptr, "no room for %zu MiB", nbytes / MIB);
	return ptr;
}

static void expect_zero(const char *ptr, size_t nbytes)
{
	for (size_t at = 0; at < nbytes; at += 1000)
		if (ptr[at])
			ck_abort_msg("byte %zu of %zu is not zero", at, nbytes);
	ck_assert_int_eq(ptr[nbytes - 1], 0);
}

/* Only what is not known to be zero is cleared. */
START_TEST(clears_what_was_written)
{
	char *ptr = datamem_alloc(4 * MIB);

	NEED_COUNTING();
	memset(ptr, 1, 4 * MIB);
	datamem_free(ptr, 1);
	ptr = zeroed(LARGE);
	ck_assert_uint_le(resident_of(ptr, LARGE), 4 * MIB + 2 * HUGE_PAGE);
	expect_zero(ptr, 5 * MIB);
	datamem_free(ptr, 1);
}
END_TEST

/* Pages that a block never wrote are still zero when it is freed. */
START_TEST(remembers_what_was_not_written)
{
	struct datamem_hugepage_probe probe;
	size_t most = 8 * MIB;
	char *ptr;

	NEED_COUNTING();
	if (harness_emulator())
		harness_skip("an emulator's pages are at other addresses");
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	/* Where the kernel cannot be asked: what is cleared by hand. */
	if (!(probe.features & DATAMEM_FEATURE_PAGEMAP_SCAN))
		most += 64 * MIB;
	for (int i = 0; i < 3; i++) {
		ptr = zeroed(LARGE);
		ck_assert_uint_le(resident_of(ptr, LARGE), most);
		expect_zero(ptr, HUGE_PAGE);
		ptr[100] = ptr[LARGE / 2] = 1;
		datamem_free(ptr, 1);
		ck_assert_uint_le(stats_now().retained_bytes, most);
	}
}
END_TEST

/* Large blocks that were written whole come zero from the kernel. */
START_TEST(clears_so_much_by_hand)
{
	size_t nbytes = 96 * MIB;
	char *ptr = datamem_alloc(nbytes);

	NEED_COUNTING();
	memset(ptr, 1, nbytes);
	datamem_free(ptr, 1);
	ptr = zeroed(nbytes);
	ck_assert_uint_le(resident_of(ptr, nbytes), 64 * MIB + HUGE_PAGE);
	for (size_t at = 0; at < nbytes; at++)
		if (ptr[at])
			ck_abort_msg("byte %zu is not zero", at);
	datamem_free(ptr, 1);
	/* No more than this even if it fits no kept run as it is. */
	datamem_trim(0);
}
END_TEST

/* Zeros whatever was there, in all sizes and beside others. */
START_TEST(zero_beside_others)
{
	enum { SLOTS = 24 };
	static struct { char *ptr; size_t nbytes; } slots[SLOTS];
	uint64_t state = 1;

	for (int i = 0; i < 1200; i++) {
		size_t slot, nbytes;

		state = state * 6364136223846793005u + 1442695040888963407u;
		slot = (size_t)(state >> 40) % SLOTS;
		nbytes = 130 * KIB + (size_t)(state >> 20) % (3 * MIB);
		datamem_free(slots[slot].ptr, 1);
		slots[slot].ptr = zeroed(nbytes);
		slots[slot].nbytes = nbytes;
		for (size_t at = 0; at < nbytes; at += 64)
			if (slots[slot].ptr[at])
				ck_abort_msg("%zu of %zu in round %d", at,
					     nbytes, i);
		if (i % 3 == 2)
			continue;
		/* All of it, or a part at its beginning. */
		memset(slots[slot].ptr, 7, i % 3 ? nbytes : nbytes / 5);
	}
	for (int i = 0; i < SLOTS; i++) {
		datamem_free(slots[i].ptr, 1);
		slots[i].ptr = NULL;
	}
}
END_TEST

/* Lazy zeros take what is written, whatever was there before. */
START_TEST(lazy_takes_what_is_written)
{
	size_t nbytes = 256 * MIB, touched = 0;
	char *ptr = datamem_alloc(64 * MIB);

	NEED_COUNTING();
	memset(ptr, 1, 64 * MIB);
	datamem_free(ptr, 1);
	for (int round = 0; round < 3; round++) {
		ptr = datamem_alloc_lazy(nbytes / 8, 8);
		if (!ptr)
			harness_skip("no room for %zu MiB", nbytes / MIB);
		touched = 0;
		for (size_t at = 0; at < nbytes; at += MIB) {
			ck_assert_int_eq(ptr[at + 7], 0);
			ptr[at] = 1;
			touched += page_size;
		}
		ck_assert_uint_le(resident_of(ptr, nbytes),
				  touched + touched / 5);
		datamem_free(ptr, 1);
	}
	/* It is ordinary memory afterwards. */
	ptr = zeroed(4 * MIB);
	expect_zero(ptr, 4 * MIB);
	datamem_free(ptr, 1);
}
END_TEST

START_TEST(lazy_is_an_allocation_like_others)
{
	char *small = datamem_alloc_lazy(10, 10), *ptr;
	volatile size_t much = SIZE_MAX / 2;

	ck_assert_ptr_nonnull(small);
	expect_zero(small, 100);
	datamem_free(small, 100);
	errno = 0;
	ck_assert_ptr_null(datamem_alloc_lazy(much, 3));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_nonnull(small = datamem_alloc_lazy(0, 8));
	datamem_free(small, 0);
	ptr = datamem_alloc_lazy(3, MIB);
	ptr[3 * MIB - 1] = 5;
	ptr = datamem_realloc(ptr, 70 * MIB);
	ck_assert_int_eq(ptr[3 * MIB - 1], 5);
	ck_assert_uint_ge(datamem_usable_size(ptr), 70 * MIB);
	datamem_free(ptr, 70 * MIB);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("residency");
	TCase *tc = tcase_create("residency");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, takes_what_was_asked_for, 0, 6);
	tcase_add_test(tc, clears_what_was_written);
	tcase_add_test(tc, remembers_what_was_not_written);
	tcase_add_test(tc, clears_so_much_by_hand);
	tcase_add_test(tc, zero_beside_others);
	tcase_add_test(tc, lazy_takes_what_is_written);
	tcase_add_test(tc, lazy_is_an_allocation_like_others);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

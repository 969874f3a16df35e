/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Where no kept run is long enough, kept pages are moved to the new block. */
#include "arena/arena.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>

#include "arena/open.h"
#include "arena/state.h"
#include "fake-kernel.h"
#include "hugepage/hugepage.h"
#include "library.h"
#include "kernel/kernel.h"

#define BLOCK (8 * DMEM_MIB)
#define BLOCKS 4
#define WHOLE (BLOCKS * BLOCK)

static char *walls[BLOCKS];

static size_t kept(void)
{
	struct datamem_stats stats = stats_now();

	return stats.retained_bytes + stats.lazy_bytes;
}

static char *make(size_t nbytes, int byte)
{
	char *ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, byte, nbytes);
	return ptr;
}

/* Whether all bytes are one. */
static bool is_all(const char *ptr, size_t nbytes, int byte)
{
	return *ptr == byte && !memcmp(ptr, ptr + 1, nbytes - 1);
}

/* Four rooms of a block each, kept, none beside another. */
static void make_holes(void)
{
	char *ptrs[BLOCKS];

	/* Nothing else gives memory back meanwhile. */
	set("retain.age", "3600000");
	for (int i = 0; i < BLOCKS; i++) {
		ptrs[i] = make(BLOCK, 77);
		walls[i] = make(BLOCK, 10 + i);
	}
	for (int i = 0; i < BLOCKS; i++)
		datamem_free(ptrs[i], BLOCK);
	ck_assert_uint_ge(kept(), WHOLE);
}

static void end_walls(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		ck_assert(is_all(walls[i], BLOCK, 10 + i));
		datamem_free(walls[i], BLOCK);
	}
}

/* Begins and ends anywhere in a chunk, too. */
START_TEST(kept_pages_are_moved)
{
	size_t nbytes = 3 * BLOCK - (_i ? 555555 : 0), before, after;
	char *large, *other;

	make_holes();
	before = kept();
	large = datamem_alloc(nbytes);
	ck_assert_ptr_nonnull(large);
	after = kept();
	ck_assert_uint_le(after + 3 * BLOCK - 2 * DMEM_MIB, before);
	memset(large, 5, nbytes);
	ck_assert_uint_eq(kept(), after);
	/* What the pages have left, and what is left of them. */
	other = datamem_alloc_zeroed(BLOCK, 1);
	ck_assert(is_all(other, BLOCK, 0));
	ck_assert(is_all(large, nbytes, 5));
	datamem_free(large, nbytes);
	large = datamem_alloc_zeroed(nbytes, 1);
	ck_assert(is_all(large, nbytes, 0));
	datamem_free(large, nbytes);
	datamem_free(other, BLOCK);
	end_walls();
	datamem_trim(0);
	ck_assert_uint_eq(kept(), 0);
}
END_TEST

/* Zeroed memory is cleared, up to 64 MiB; more is fresh. */
START_TEST(zeroed)
{
	size_t nbytes = _i ? 9 * BLOCK : 3 * BLOCK;
	char *block;

	make_holes();
	fake_kernel_reset();
	block = datamem_alloc_zeroed(nbytes, 1);
	ck_assert_int_eq(!fake_kernel_count(FAKE_MREMAP), _i);
	ck_assert(is_all(block, nbytes, 0));
	datamem_free(block, nbytes);
	end_walls();
}
END_TEST

/* What a filter or the kernel refuses is not asked for at each block. */
START_TEST(refused)
{
	static const int errors[] = { EINVAL, ENOMEM, EPERM, EFAULT };
	unsigned int count;
	char *large;

	make_holes();
	fake_kernel_reset();
	fake_kernel_fail(FAKE_MREMAP, 0, errors[_i]);
	large = make(3 * BLOCK, 5);
	count = fake_kernel_count(FAKE_MREMAP);
	ck_assert_uint_gt(count, 0);
	ck_assert_uint_le(count, 2);
	datamem_free(large, 3 * BLOCK);
	large = make(6 * BLOCK, 6);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MREMAP), count);
	ck_assert(is_all(large, 6 * BLOCK, 6));
	datamem_free(large, 6 * BLOCK);
	end_walls();
	fake_kernel_reset();
}
END_TEST

static char *stolen;
static size_t stolen_bytes;

/* Another thread's mmap(2) takes the place of the target while it is open. */
static void *steal(void *addr, size_t nbytes, size_t new_nbytes, int flags,
		   void *new_addr)
{
	(void)addr;
	(void)nbytes;
	(void)flags;
	if (!stolen) {
		stolen = __real_mmap(new_addr, new_nbytes,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS |
					     MAP_FIXED_NOREPLACE, -1, 0);
		ck_assert_ptr_eq(stolen, new_addr);
		*stolen = 99;
	}
	errno = EPERM;
	return MAP_FAILED;
}

/* The block lies elsewhere then. */
START_TEST(lost)
{
	char *large, *more;

	stolen = NULL;
	make_holes();
	fake_hooks.mremap = steal;
	large = make(3 * BLOCK, 5);
	ck_assert_ptr_nonnull(stolen);
	ck_assert(stolen < large || stolen >= large + 3 * BLOCK);
	more = make(5 * BLOCK, 6);
	ck_assert(is_all(large, 3 * BLOCK, 5));
	ck_assert(is_all(more, 5 * BLOCK, 6));
	ck_assert_int_eq(*stolen, 99);
	datamem_free(large, 3 * BLOCK);
	datamem_free(more, 5 * BLOCK);
	end_walls();
	ck_assert_int_eq(*stolen, 99);
	datamem_trim(0);
	ck_assert_int_eq(*stolen, 99);
	fake_kernel_reset();
}
END_TEST

/* Before Linux 5.7 what the pages leave is a hole: another thread's mmap(2). */
static void *steal_source(void *addr, size_t nbytes, size_t new_nbytes,
			  int flags, void *new_addr)
{
	void *got;

	if (!(flags & MREMAP_FIXED)) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	got = __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
	if (!stolen && got != MAP_FAILED) {
		stolen = __real_mmap(addr, nbytes, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS |
					     MAP_FIXED_NOREPLACE, -1, 0);
		ck_assert_ptr_eq(stolen, addr);
		stolen_bytes = nbytes;
		memset(stolen, 99, nbytes);
	}
	return got;
}

/* Also where the block that has moved away was sparse, and is purged. */
START_TEST(what_growth_has_lost_is_left_alone)
{
	char *block, *behind;

	stolen = NULL;
	set("retain.age", "3600000");
	block = _i ? datamem_alloc_lazy(BLOCK, 1) : datamem_alloc(BLOCK);
	behind = _i ? datamem_alloc_lazy(BLOCK, 1) : datamem_alloc(BLOCK);
	ck_assert(block && behind);
	memset(block, 5, BLOCK);
	memset(behind, 6, BLOCK);
	fake_hooks.mremap = steal_source;
	block = datamem_realloc(block, 5 * BLOCK);
	fake_kernel_reset();
	ck_assert(block && is_all(block, BLOCK, 5));
	ck_assert_ptr_nonnull(stolen);
	ck_assert(is_all(stolen, stolen_bytes, 99));
	memset(block, 7, 5 * BLOCK);
	datamem_free(block, 5 * BLOCK);
	ck_assert(is_all(behind, BLOCK, 6));
	datamem_free(behind, BLOCK);
	datamem_trim(0);
	block = make(9 * BLOCK, 8);
	ck_assert(is_all(stolen, stolen_bytes, 99));
	datamem_free(block, 9 * BLOCK);
}
END_TEST

static size_t moved_mappings(void)
{
	size_t moved;

	dmem_arena_lock();
	moved = dmem_arena.moved;
	dmem_arena_unlock();
	return moved;
}

/* Blocks that never fit; returns the most mappings that moves have made. */
static size_t churn(void)
{
	size_t moved = 0;

	for (size_t i = 0; i < 2000; i++) {
		size_t nbytes = (1 + i % 13) * 3 * DMEM_MIB;
		size_t other = (1 + i % 7) * 2 * DMEM_MIB;
		char *a = datamem_alloc(nbytes), *b = datamem_alloc(other);

		a[0] = a[nbytes - 1] = 1;
		b[0] = b[other - 1] = 2;
		datamem_free(a, nbytes);
		ck_assert_int_eq(b[0] + b[other - 1], 4);
		datamem_free(b, other);
		moved = DMEM_MAX(moved, moved_mappings());
	}
	return moved;
}

/* A loop of them does not take more and more mappings. */
START_TEST(mappings_are_bounded)
{
	make_holes();
	ck_assert_uint_le(churn(), 600);
	end_walls();
	datamem_trim(0);
}
END_TEST

/* As if so many mappings had been made by moves, but for a few. */
static void use_up(size_t most, size_t but, bool on)
{
	dmem_arena_lock();
	if (on)
		dmem_arena.moved += most - but;
	else
		dmem_arena.moved -= most - but;
	dmem_arena_unlock();
}

/* The last of them are for blocks that grow, which would be copied. */
START_TEST(growth_has_room_beside_it)
{
	char *large, *block, *behind;

	make_holes();
	use_up(512, 50, true);
	fake_kernel_reset();
	large = make(3 * BLOCK, 5);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MREMAP), 0);
	block = make(5 * BLOCK, 6);
	behind = make(5 * BLOCK, 7);
	block = datamem_realloc(block, 15 * BLOCK);
	ck_assert(block && is_all(block, 5 * BLOCK, 6));
	ck_assert_uint_gt(fake_kernel_count(FAKE_MREMAP), 0);
	ck_assert_uint_eq(stats_now().resizes_copied, 0);
	datamem_free(large, 3 * BLOCK);
	datamem_free(behind, 5 * BLOCK);
	datamem_free(block, 15 * BLOCK);
	use_up(512, 50, false);
	end_walls();
}
END_TEST

static sem_t inside, go_on;
static pthread_t opener;
static bool opens, opened;

/* Gives back what is free of the chunk where a run ends, and is slow. */
static void *open_chunk(void *arg)
{
	struct dmem_opening opening = { .part = 8, .most = 1 };
	uint32_t hand = (uint32_t)(((uintptr_t)arg - dmem_window.base) >>
				   dmem_window.chunk_shift);

	opens = true;
	dmem_arena_lock();
	opening.now = dmem_retain_now();
	opened = dmem_open_chunks(&hand, 64, &opening) > 0;
	dmem_arena_unlock();
	sem_post(&inside);
	return NULL;
}

static int give_back_slowly(void *addr, size_t nbytes, int advice)
{
	if (advice == MADV_DONTNEED && pthread_equal(pthread_self(), opener)) {
		sem_post(&inside);
		sem_wait(&go_on);
	}
	return __real_madvise(addr, nbytes, advice);
}

static void *move_beside(void *addr, size_t nbytes, size_t new_nbytes,
			 int flags, void *new_addr)
{
	if (!opens) {
		pthread_create(&opener, NULL, open_chunk,
			       (char *)new_addr + new_nbytes);
		sem_wait(&inside);
	}
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

/* Of what is being given back of a chunk of small pages, nothing is there to be
 * kept off while pages are moved beside it. */
START_TEST(beside_what_is_given_back)
{
	size_t nbytes = 3 * BLOCK - 555555;
	char *large;

	set("hugepage", "off");
	make_holes();
	sem_init(&inside, 0, 0);
	sem_init(&go_on, 0, 0);
	fake_hooks.mremap = move_beside;
	fake_hooks.madvise = give_back_slowly;
	large = make(nbytes, 5);
	ck_assert(opens);
	sem_post(&go_on);
	pthread_join(opener, NULL);
	ck_assert(opened);
	fake_kernel_reset();
	end_walls();
	ck_assert(is_all(large, nbytes, 5));
	datamem_free(large, nbytes);
	datamem_trim(0);
	ck_assert_uint_eq(kept(), 0);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	if (dmem_hugepage_chunk_size() > BLOCK)	/* on pages of 16 KiB */
		return harness_skip_all("blocks of 8 MiB are less than a chunk");
	suite = suite_create("refill");
	tc = tcase_create("refill");
	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, kept_pages_are_moved, 0, 2);
	tcase_add_loop_test(tc, zeroed, 0, 2);
	tcase_add_loop_test(tc, refused, 0, 4);
	tcase_add_test(tc, lost);
	tcase_add_loop_test(tc, what_growth_has_lost_is_left_alone, 0, 2);
	tcase_add_test(tc, mappings_are_bounded);
	tcase_add_test(tc, growth_has_room_beside_it);
	tcase_add_test(tc, beside_what_is_given_back);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

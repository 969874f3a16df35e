/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks that carry a pattern, and work in which each system call is refused in
 * turn. Requests may fail then; whatever is in a block must stay.
 */
#ifndef TESTS_REFUSALS_H
#define TESTS_REFUSALS_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "arena/window.h"
#include "base.h"
#include "kernel/kernel.h"
#include "fake-kernel.h"
#include "library.h"

#define ROUNDS_MAX 400
#define BLOCKS 24

struct block {
	unsigned char *ptr;
	size_t nbytes;
	unsigned char byte;
};

static struct block blocks[BLOCKS];
static unsigned char next_byte;
static bool must_succeed;

/* Not ck_assert: millions of calls. */
#define must(condition)                                                      \
	do {                                                                 \
		if (!(condition))                                            \
			ck_abort_msg("not so: %s", #condition);              \
	} while (0)

/*
 * The pattern is dense at both ends; in between, a few bytes of the first and
 * the last page of each 64 KiB are enough, as the kernel takes, moves and
 * returns pages in rows. Zeros are looked at all over; with TEST_LONG, all is.
 */
#define DENSE ((size_t)64 << 10)
#define ROW 16          /* pages */
#define OF_A_PAGE ((size_t)64)

/* Bytes of the pattern at an offset into a block, which ends `left` bytes
 * later; *skip: bytes behind these that are none of it. */
static size_t pattern_at(size_t at, size_t left, size_t *skip)
{
	size_t page = dmem_kernel_page_size(), last = (ROW - 1) * page;
	size_t in_row = at & (ROW * page - 1);
	size_t spot = in_row < last ? 0 : last;

	*skip = 0;
	if (left <= 2 * DENSE || harness_is_long())
		return left;
	if (at < DENSE)
		return DENSE - at;
	*skip = (spot ? ROW * page : last) - DMEM_MAX(in_row, spot + OF_A_PAGE);
	return in_row < spot + OF_A_PAGE ? spot + OF_A_PAGE - in_row : 0;
}

/* Write the pattern, or say whether the first bytes of what has been written as
 * a block of `whole` bytes still have it. */
static bool walk(const struct block *b, size_t nbytes, size_t whole, bool write)
{
	size_t skip = 0, take;

	for (size_t at = 0; at < nbytes; at += take + skip) {
		unsigned char *ptr = b->ptr + at;

		take = b->byte ? pattern_at(at, whole - at, &skip) : whole;
		take = DMEM_MIN(take, nbytes - at);
		if (write)
			memset(ptr, b->byte, take);
		else if (take && (ptr[0] != b->byte ||
				  memcmp(ptr, ptr + 1, take - 1)))
			return false;
	}
	return true;
}

static bool holds(const struct block *b, size_t nbytes)
{
	return walk(b, nbytes, nbytes, false);
}

static void fill(struct block *b)
{
	b->byte = ++next_byte ? next_byte : 1;
	walk(b, b->nbytes, b->nbytes, true);
}

static void make(size_t i, size_t nbytes, bool zero)
{
	struct block *b = &blocks[i];

	must(!b->ptr);
	b->nbytes = nbytes;
	errno = ERANGE;
	b->ptr = zero ? datamem_alloc_zeroed(nbytes, 1) : datamem_alloc(nbytes);
	must(b->ptr || !must_succeed);
	must(errno == (b->ptr ? ERANGE : ENOMEM));
	if (!b->ptr)
		return;
	b->byte = 0;
	must(!zero || holds(b, nbytes));
	fill(b);
}

static void resize(size_t i, size_t nbytes)
{
	struct block *b = &blocks[i];
	size_t old = b->nbytes;
	void *fresh;

	if (!b->ptr)
		return;
	must(holds(b, old));
	errno = ERANGE;
	fresh = datamem_realloc(b->ptr, nbytes);
	must(fresh || (!must_succeed && nbytes > old));
	must(errno == (fresh ? ERANGE : ENOMEM));
	if (!fresh) {
		must(holds(b, old));
		return;
	}
	b->ptr = fresh;
	b->nbytes = nbytes;
	must(walk(b, DMEM_MIN(old, nbytes), old, false));
	fill(b);
}

static void drop(size_t i)
{
	if (!blocks[i].ptr)
		return;
	must(holds(&blocks[i], blocks[i].nbytes));
	datamem_free(blocks[i].ptr, blocks[i].nbytes);
	blocks[i].ptr = NULL;
}

static void drop_all(void)
{
	for (size_t i = 0; i < BLOCKS; i++)
		drop(i);
}

/*
 * What kernels and filters say to a call. The first are refused one by one in
 * each test, all of them in `make check-long`.
 */
#define REFUSED_BY_FILTERS(call)                                             \
	{ call, ENOSYS }, { call, EACCES }

static const struct {
	enum fake_call call;
	int err;
} refusals[] = {
	{ FAKE_MMAP, ENOMEM }, { FAKE_MMAP, EPERM }, { FAKE_MUNMAP, ENOMEM },
	{ FAKE_MREMAP, ENOMEM }, { FAKE_MREMAP, EFAULT },
	{ FAKE_MREMAP, EINVAL }, { FAKE_MREMAP, EPERM },
	{ FAKE_MADVISE, EINVAL }, { FAKE_MADVISE, ENOMEM },
	{ FAKE_MPROTECT, ENOMEM }, { FAKE_MINCORE, ENOMEM },
	{ FAKE_PRCTL, EINVAL }, { FAKE_SYSCALL, ENOSYS },
	{ FAKE_IOCTL, ENOTTY }, { FAKE_GETRUSAGE, EINVAL },
	/* As in FEW. */
	{ FAKE_MMAP, EAGAIN }, { FAKE_MMAP, EINVAL },
	REFUSED_BY_FILTERS(FAKE_MMAP),
	{ FAKE_MUNMAP, EINVAL }, { FAKE_MUNMAP, EPERM },
	REFUSED_BY_FILTERS(FAKE_MUNMAP),
	REFUSED_BY_FILTERS(FAKE_MREMAP),
	{ FAKE_MADVISE, EPERM }, REFUSED_BY_FILTERS(FAKE_MADVISE),
	{ FAKE_MPROTECT, EPERM }, REFUSED_BY_FILTERS(FAKE_MPROTECT),
	{ FAKE_MINCORE, EPERM }, REFUSED_BY_FILTERS(FAKE_MINCORE),
	{ FAKE_PRCTL, EPERM }, REFUSED_BY_FILTERS(FAKE_PRCTL),
	{ FAKE_SYSCALL, EPERM }, { FAKE_SYSCALL, EACCES },
	{ FAKE_IOCTL, EPERM }, REFUSED_BY_FILTERS(FAKE_IOCTL),
	{ FAKE_GETRUSAGE, EPERM }, REFUSED_BY_FILTERS(FAKE_GETRUSAGE),
};
#define REFUSALS DMEM_ARRAY_SIZE(refusals)
#define FEW 15

static size_t refusals_to_try(void)
{
	return harness_is_long() ? REFUSALS : FEW;
}

/* Resident bytes of a mapping. */
static size_t resident_of(unsigned long from, unsigned long to)
{
	static unsigned char vec[4096];
	size_t page = dmem_kernel_page_size(), total = 0;

	while (from < to) {
		size_t pages = DMEM_MIN((to - from) / page, sizeof(vec));

		must(!__real_mincore((void *)from, pages * page, vec));
		for (size_t i = 0; i < pages; i++)
			total += vec[i] & 1 ? page : 0;
		from += pages * page;
	}
	return total;
}

/* What of the arena's regions is mapped for writing, by the kernel, and what of
 * it is resident. What a test has mapped there is read-only. */
static void measure_regions(size_t *mapped, size_t *resident)
{
	unsigned long from, to, begin, end;
	char line[512], mode[8];
	FILE *maps = fopen("/proc/self/maps", "re");

	must(maps);
	*mapped = *resident = 0;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    mode[1] != 'w')
			continue;
		for (unsigned int i = 0; i < dmem_regions_count; i++) {
			begin = DMEM_MAX(from, dmem_regions[i].base);
			end = DMEM_MIN(to, dmem_regions[i].base +
						   dmem_regions[i].extent);
			if (begin >= end)
				continue;
			*mapped += end - begin;
			*resident += resident_of(begin, end);
		}
	}
	fclose(maps);
}

/*
 * Nothing is lost: what the arena believes to have mapped is what is mapped,
 * and all that is resident is in use, kept or offered.
 */
static void expect_adds_up(void)
{
	struct datamem_stats stats;
	size_t mapped, resident;

	datamem_stats_get(&stats, sizeof(stats));
	measure_regions(&mapped, &resident);
	if (mapped != dmem_window.mapped)
		ck_abort_msg("%zu are mapped, %zu are known", mapped,
			     dmem_window.mapped);
	if (resident > stats.held_bytes + stats.lazy_bytes + resident / 100)
		ck_abort_msg("%zu resident, %zu held, %zu lazy", resident,
			     stats.held_bytes, stats.lazy_bytes);
}

/* The nth call, for every n that there is. */
static void one_by_one(void (*scenario)(void), enum fake_call call, int err)
{
	for (unsigned int n = 1; n < ROUNDS_MAX; n++) {
		fake_kernel_reset();
		fake_kernel_fail(call, n, err);
		scenario();
		expect_adds_up();
		if (fake_kernel_count(call) < n)
			return;
	}
	ck_abort_msg("more calls than rounds");
}

#endif /* TESTS_REFUSALS_H */

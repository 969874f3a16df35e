/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The common ground of all files: config.h (included nowhere else), attributes,
 * checked size arithmetic, relaxed atomics.
 *
 * Knows no other module. dmem_library_init() is the one name from the roof
 * that lower floors may call: the slow path of a thread's first use.
 */
#ifndef DMEM_BASE_H
#define DMEM_BASE_H

#ifndef PACKAGE_VERSION
#include "config.h"
#endif

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <datamem.h>

#define dmem_likely(x) __builtin_expect(!!(x), 1)
#define dmem_unlikely(x) __builtin_expect(!!(x), 0)
#define DMEM_COLD __attribute__((__cold__, __noinline__))
#define DMEM_NOINLINE __attribute__((__noinline__))
/*
 * Keeps the frame pointer: sanitizers walk stacks by it when malloc() and free()
 * are called, and lose the caller behind a function without. Clang has no such
 * attribute.
 */
#if defined(__clang__)
#define DMEM_FRAMED DMEM_NOINLINE
#else
#define DMEM_FRAMED                                                          \
	__attribute__((__noinline__, __optimize__("no-omit-frame-pointer")))
#endif
#define DMEM_INLINE static inline __attribute__((__always_inline__))
#define DMEM_PRINTF(fmt, args) __attribute__((__format__(printf, fmt, args)))
#define DMEM_UNUSED __attribute__((__unused__))

/* Of a struct that many processors write: nothing else lies in its lines, nor in
 * the one that is fetched along. */
#define DMEM_OWN_LINES __attribute__((__aligned__(128)))

/*
 * Of arrays that are large, or that most programs never write: the linker sorts
 * sections by name and puts them behind all other variables, so that these share
 * a few pages. Not in builds with sanitizers, which watch no section of ours, nor
 * where locks are no zeros.
 */
#if defined(DMEM_SANITIZED) || defined(DMEM_LOCK_RANKS)
#define DMEM_TABLE
#else
#define DMEM_TABLE __attribute__((__section__(".bss.tables")))
#endif

/*
 * Of functions that each process runs at its start, in files of which most run
 * nothing else: they lie with those of the other files.
 */
#define DMEM_START __attribute__((__section__(".text.startup")))

#define DMEM_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DMEM_MIN(a, b) ((a) < (b) ? (a) : (b))
#define DMEM_MAX(a, b) ((a) > (b) ? (a) : (b))

#define DMEM_KIB ((size_t)1 << 10)
#define DMEM_MIB ((size_t)1 << 20)
#define DMEM_GIB ((size_t)1 << 30)

/* align is a power of two. */
#define DMEM_ROUND_DOWN(x, align) ((x) & ~((__typeof__(x))(align) - 1))
#define DMEM_ROUND_UP(x, align)                                              \
	DMEM_ROUND_DOWN((x) + ((__typeof__(x))(align) - 1), align)
#define DMEM_IS_ALIGNED(x, align) (((x) & ((align) - 1)) == 0)

/*
 * Data that several threads touch is read and written with these, so that the
 * compiler may not tear or repeat an access and TSan sees what is meant.
 */
#define dmem_load(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define dmem_load_acquire(ptr) __atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define dmem_store(ptr, val) __atomic_store_n(ptr, val, __ATOMIC_RELAXED)
#define dmem_store_release(ptr, val) __atomic_store_n(ptr, val, __ATOMIC_RELEASE)
#define dmem_fetch_add(ptr, val) __atomic_fetch_add(ptr, val, __ATOMIC_RELAXED)
#define dmem_fetch_sub(ptr, val) __atomic_fetch_sub(ptr, val, __ATOMIC_RELAXED)
/* A counter with one writer: a plain increment that others may read. */
#define dmem_count(ptr, val) dmem_store(ptr, dmem_load(ptr) + (val))
/*
 * By 1, in one instruction where the machine has one: of the above compilers
 * make three. ThreadSanitizer is told what is meant.
 */
#ifdef __has_feature
#define DMEM_HAS_FEATURE(x) __has_feature(x)
#else
#define DMEM_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || DMEM_HAS_FEATURE(thread_sanitizer)
#define dmem_count_one(ptr) dmem_count(ptr, 1)
#else
#define dmem_count_one(ptr) ((void)++*(ptr))
#endif
/* Keeps the compiler, not the processor, from moving accesses across. */
#define dmem_compiler_barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* False when a * b does not fit; *out is then undefined. */
DMEM_INLINE bool dmem_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* False when a + b does not fit; *out is then undefined. */
DMEM_INLINE bool dmem_add(size_t a, size_t b, size_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

/* The largest size a caller may ask for: pointer differences must fit. */
#define DMEM_SIZE_MAX ((size_t)PTRDIFF_MAX)

/* The largest alignment a caller may ask for. */
#define DMEM_ALIGN_MAX ((size_t)2 << 20)

/* The upper bits of the result depend on all of x. */
DMEM_INLINE uint64_t dmem_hash(uint64_t x)
{
	return x * UINT64_C(0x9e3779b97f4a7c15);
}

/* The number of bits needed to count up to x - 1; x is a power of two. */
DMEM_INLINE unsigned int dmem_log2(size_t x)
{
	return (unsigned int)(8 * sizeof(long) - 1) -
	       (unsigned int)__builtin_clzl(x);
}

/*
 * Copy a result struct to a caller that may know fewer or more members:
 * the rest of a longer one is zeroed.
 */
void dmem_struct_copy(void *out, size_t out_size, const void *in,
		      size_t in_size);

/*
 * Said of what was written to the caller's memory: MemorySanitizer does not see
 * that where the library is built without it.
 */
void dmem_written(const void *out, size_t nbytes);

/*
 * Wire the modules together and read the environment, once; cheap afterwards.
 * Called from slow paths and public functions, never with a lock held.
 */
void dmem_library_init(void);

#include "locks.h"

#endif /* DMEM_BASE_H */

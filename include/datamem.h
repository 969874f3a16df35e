/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/**
 * \file datamem.h
 * \brief Data memory for array programs on Linux: the whole public interface.
 *
 * Words used here (libdatamem(7) has the full list):
 *
 * block      memory handed to a caller; `nbytes` is what was asked for
 * size hint  the `nbytes` passed to a free function; only a hint, correctness
 *            never depends on it
 * handler    a named table of four functions (malloc, calloc, realloc, free)
 *            with a context pointer
 * buffer     a block that remembers the handler that made it
 * domain     an integer that separates independent accounts of tracked memory
 *
 * Rules for all functions, unless their comment says otherwise:
 *
 * - Thread safety: every function may be called by any thread at any time,
 *   also in a child after fork(2), while a thread exits and during exit(3).
 *   None is async-signal-safe.
 * - Sizes are in bytes. A size of 0 counts as 1: the block has an address of its
 *   own. It is not for writing: compilers see an object of 0 bytes, and
 *   _FORTIFY_SOURCE=3 aborts a program that writes there. A size above
 *   PTRDIFF_MAX, or a product that overflows, is ENOMEM.
 * - Functions that return a pointer return NULL with errno set on failure.
 *   Functions that return int return 0 or a negative errno value out of the
 *   list given with each; their results go through a parameter, which stays
 *   untouched on failure. On success errno is left alone.
 * - Structures filled by the library are passed with their size. Members are
 *   only ever appended: a caller built against an older header gets the
 *   members it knows, and one built against a newer header zeros in those that
 *   the library does not know.
 * - Enumerations may get further values; those that exist keep theirs.
 * - No longjmp(3) and no exception may leave a function of the program that the
 *   library calls (handlers, visitors, hook, log).
 * - The library never exits. It prints (datamem_log_set()) only a malformed
 *   setting of the environment and what debug mode reports.
 */
#ifndef DATAMEM_H
#define DATAMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <datamem-version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The macros vanish on compilers without the attributes. */
#if defined(__GNUC__)
#define DATAMEM_API __attribute__((__visibility__("default")))
#define DATAMEM_MALLOC __attribute__((__malloc__))
#define DATAMEM_ALLOC_SIZE(...) __attribute__((__alloc_size__(__VA_ARGS__)))
#define DATAMEM_MUST_USE __attribute__((__warn_unused_result__))
#else
#define DATAMEM_API
#define DATAMEM_MALLOC
#define DATAMEM_ALLOC_SIZE(...)
#define DATAMEM_MUST_USE
#endif

/*
 * Names the function that frees what another returns, for gcc -fanalyzer and
 * -Wmismatched-dealloc. Functions that resize are not named: the analyzer would
 * take a block for freed also where resizing it failed; nor are contexts, which
 * may be freed before they are left. DATAMEM_NO_FREED_BY turns it off, for
 * programs that make such mistakes on purpose.
 */
#if defined(__GNUC__) && __GNUC__ >= 11 && !defined(__clang__) &&            \
	!defined(DATAMEM_NO_FREED_BY)
#define DATAMEM_FREED_BY(...) __attribute__((__malloc__(__VA_ARGS__)))
#else
#define DATAMEM_FREED_BY(...)
#endif

/*
 * Blocks of the default handler, or of the built-in one that the setting
 * `handler` names before the first use
 *
 * Any thread may free or resize any block. A block of up to 128 KiB comes from
 * a cache of the calling thread; larger ones from the arena, memory that the
 * library maps, aligns and advises itself.
 *
 * Alignment: 16 bytes, 64 from 1 KiB on (that of malloc(3) where `handler` is
 * `system`). More is asked for with datamem_alloc_aligned(); a block keeps what
 * it asked for through resizes.
 *
 * Blocks are not from malloc(3): never pass them to free(3) or realloc(3).
 */

/**
 * \brief Free a block. Keeps errno.
 *
 * A program that has changed the mapping under a block restores it first: the
 * memory goes to another block of the process as it is. From 8 MiB on
 * MADV_DONTFORK, MADV_WIPEONFORK and mprotect(2) are undone before it does;
 * smaller blocks lose them only when free memory is aged or given back, and in
 * the handler `debug`; mlock(2), mbind(2) and other advice are never undone.
 * Nothing of a block may be unmapped.
 *
 * \param ptr     A block, or NULL, which does nothing. A pointer that is not
 *                of this library is counted and left alone.
 * \param nbytes  The size hint. May be wrong: too small does no harm, too
 *                large is counted.
 */
DATAMEM_API void datamem_free(void *ptr, size_t nbytes);

/**
 * \brief Allocate a block with unspecified contents.
 *
 * \param nbytes  Size in bytes; 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: nbytes is above PTRDIFF_MAX, `limit.max` is reached, or the
 *         kernel refused memory even after everything retained was given back.
 */
DATAMEM_API void *datamem_alloc(size_t nbytes)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_free, 1)
	DATAMEM_ALLOC_SIZE(1) DATAMEM_MUST_USE;

/**
 * \brief Allocate a block of nelem * elsize bytes with unspecified contents.
 *
 * datamem_alloc() of a product that is checked.
 *
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: as datamem_alloc(), or the product overflows.
 */
DATAMEM_API void *datamem_alloc_array(size_t nelem, size_t elsize)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_free, 1)
	DATAMEM_ALLOC_SIZE(1, 2) DATAMEM_MUST_USE;

/**
 * \brief Allocate a block of nelem * elsize bytes, all zero.
 *
 * Zero for every split of (nelem, elsize), also on recycled memory. The
 * setting `zero.policy` decides how large blocks are made: under `auto` up to
 * 64 MiB of recycled memory that was written are cleared, and all else is not
 * resident until it is written, in huge pages; see also datamem_alloc_lazy().
 *
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: as datamem_alloc(), or the product overflows.
 */
DATAMEM_API void *datamem_alloc_zeroed(size_t nelem, size_t elsize)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_free, 1)
	DATAMEM_ALLOC_SIZE(1, 2) DATAMEM_MUST_USE;

/**
 * \brief Allocate a block of nelem * elsize zero bytes that stays mostly
 *        unwritten.
 *
 * As datamem_alloc_zeroed() under `zero.policy=lazy`, for this block alone, and
 * above 128 KiB: nothing is cleared by hand, and what is written becomes
 * resident by pages of the system's size, without huge pages, also when the
 * block grows. Filling such a block takes about five times as long. It takes
 * address space in multiples of a huge page.
 *
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: as datamem_alloc(), or the product overflows.
 */
DATAMEM_API void *datamem_alloc_lazy(size_t nelem, size_t elsize)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_free, 1)
	DATAMEM_ALLOC_SIZE(1, 2) DATAMEM_MUST_USE;

/**
 * \brief Allocate a block whose address is a multiple of alignment.
 *
 * The block remembers the alignment: datamem_realloc() keeps it.
 *
 * \param nbytes     Size in bytes; 0 counts as 1. Need not be a multiple of
 *                   alignment.
 * \param alignment  A power of two from 1 to 2097152 (2 MiB). Less than the
 *                   natural alignment asks for nothing more.
 *
 * \return The block, or NULL with errno
 *         EINVAL: alignment is not a power of two or above 2 MiB,
 *         ENOMEM: as datamem_alloc().
 */
DATAMEM_API void *datamem_alloc_aligned(size_t nbytes, size_t alignment)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_free, 1)
	DATAMEM_ALLOC_SIZE(1) DATAMEM_MUST_USE;

/**
 * \brief Change the size of a block; the contents stay up to the smaller size.
 *
 * A large block grows in place, into free memory behind it, or by moving whole
 * huge pages; it is copied only where none of these is possible. A shrink
 * never fails. On failure the block is untouched and still the caller's.
 *
 * \param ptr     A block, or NULL: then the call is datamem_alloc(nbytes).
 * \param nbytes  New size in bytes; 0 shrinks to 1 byte and does not free.
 *
 * \return The block, perhaps at another address, or NULL with errno
 *         EINVAL: ptr is not a block of this library (counted in the
 *         statistics as a foreign pointer),
 *         ENOMEM: as datamem_alloc().
 */
DATAMEM_API void *datamem_realloc(void *ptr, size_t nbytes)
	DATAMEM_FREED_BY(datamem_free, 1) DATAMEM_ALLOC_SIZE(2) DATAMEM_MUST_USE;

/**
 * \brief Change the size of a block to nelem * elsize bytes.
 *
 * datamem_realloc() to a product that is checked.
 *
 * \param ptr     A block, or NULL: then the call is datamem_alloc_array().
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, perhaps at another address, or NULL with errno as
 *         datamem_realloc(), also
 *         EINVAL: ptr is not a block of this library,
 *         ENOMEM: the product overflows; the block is untouched.
 */
DATAMEM_API void *datamem_realloc_array(void *ptr, size_t nelem, size_t elsize)
	DATAMEM_FREED_BY(datamem_free, 1) DATAMEM_ALLOC_SIZE(2, 3)
	DATAMEM_MUST_USE;

/**
 * \brief Change the size of a block where it is, or not at all.
 *
 * For blocks that others point into. A block of up to 128 KiB grows to what
 * datamem_usable_size() tells, a larger one also into free memory behind it. A
 * shrink never fails; it gives back whole pages of a large block only.
 * Compilers that take the size of an object from its allocation
 * (_FORTIFY_SOURCE=3) do not see that this changes it: where they can see the
 * allocation, a block is not to be written beyond the size asked for then.
 *
 * \param ptr     A block.
 * \param nbytes  New size in bytes; 0 shrinks to 1 byte.
 *
 * \return 0, or, with the block unchanged,
 *         -ENOSPC: it cannot have nbytes where it is; also every growth of a
 *         block of the handler `debug`,
 *         -EINVAL: ptr is NULL or not a block of this library (counted in the
 *         statistics as a foreign pointer),
 *         -ENOMEM: nbytes is above PTRDIFF_MAX, `limit.max` is reached, or
 *         accounts are on and there is no memory for the entry.
 */
DATAMEM_API int datamem_try_resize(void *ptr, size_t nbytes);

/**
 * \brief Tell how many bytes a block could hold.
 *
 * For diagnostics, and for callers that want to ask for all of them: what is
 * beyond the size asked for must not be used before
 * datamem_realloc(ptr, usable) has asked for it, which leaves a block of the
 * default handler where it is; go on with the pointer that it returns.
 * Compilers take the size asked for as the size of the object, and
 * _FORTIFY_SOURCE=3 aborts a program that writes beyond it.
 *
 * \param ptr  A block, or NULL.
 *
 * \return Bytes: the size of its class or what the arena gave it, so at least
 *         the size asked for; 0 for NULL and for a pointer that is not a block
 *         of this library (the raw functions' are not).
 */
DATAMEM_API size_t datamem_usable_size(const void *ptr);

/*
 * Blocks for an array's shape and strides
 */

/**
 * \brief Free a block of datamem_dims_alloc(). Keeps errno.
 *
 * \param ptr  The block, or NULL, which does nothing.
 * \param n    Number of elements asked for; a hint.
 */
DATAMEM_API void datamem_dims_free(void *ptr, size_t n);

/**
 * \brief Allocate n intptr_t's with unspecified contents.
 *
 * Never tracked in the accounts.
 *
 * \param n  Number of elements; less than 2 counts as 2, so that any such
 *           block can hold the shape and stride of a one-dimensional array.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: as datamem_alloc().
 */
DATAMEM_API void *datamem_dims_alloc(size_t n)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_dims_free, 1)
	DATAMEM_MUST_USE;

/*
 * Raw memory: the C library's malloc(3) with checked sizes and tracking; no
 * cache, no handler, no huge pages. These blocks have the alignment and the
 * other promises of the C library and must be freed here.
 */

/**
 * \brief Free a block of the raw functions. Keeps errno.
 *
 * \param ptr  The block, or NULL, which does nothing.
 */
DATAMEM_API void datamem_raw_free(void *ptr);

/**
 * \brief Allocate with the C library.
 *
 * \param nbytes  Size in bytes; 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: nbytes is above PTRDIFF_MAX, the C library has no memory, or
 *         accounts are on and there is no memory for the entry.
 */
DATAMEM_API void *datamem_raw_new(size_t nbytes)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_raw_free, 1)
	DATAMEM_ALLOC_SIZE(1) DATAMEM_MUST_USE;

/**
 * \brief Allocate zeroed memory with the C library.
 *
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         ENOMEM: as datamem_raw_new(), or the product overflows.
 */
DATAMEM_API void *datamem_raw_new_zeroed(size_t nelem, size_t elsize)
	DATAMEM_MALLOC DATAMEM_FREED_BY(datamem_raw_free, 1)
	DATAMEM_ALLOC_SIZE(1, 2) DATAMEM_MUST_USE;

/**
 * \brief Change the size of a block of the raw functions.
 *
 * On failure block and account are as they were.
 *
 * \param ptr     A block of the raw functions, or NULL: then the call is
 *                datamem_raw_new(nbytes).
 * \param nbytes  New size in bytes; 0 counts as 1.
 *
 * \return The block, perhaps at another address, or NULL with errno
 *         ENOMEM: as datamem_raw_new().
 */
DATAMEM_API void *datamem_raw_renew(void *ptr, size_t nbytes)
	DATAMEM_FREED_BY(datamem_raw_free, 1)
	DATAMEM_ALLOC_SIZE(2) DATAMEM_MUST_USE;

/*
 * Handlers
 */

/** \brief The four functions of a handler and their context pointer. */
struct datamem_allocator {
	/** Passed to each function as its first argument. */
	void *ctx;
	/** Return a block of nbytes or NULL with errno. nbytes is never 0. */
	void *(*malloc)(void *ctx, size_t nbytes);
	/** The same, zeroed. The function checks the product itself. */
	void *(*calloc)(void *ctx, size_t nelem, size_t elsize);
	/** Resize; on failure NULL, and the old block stays valid. May run
	 *  without any lock of the host. ptr may be NULL. */
	void *(*realloc)(void *ctx, void *ptr, size_t nbytes);
	/** Free; any thread; ptr may be NULL; nbytes is a hint. */
	void (*free)(void *ctx, void *ptr, size_t nbytes);
};

/** \brief The longest name of a handler, without its NUL. */
#define DATAMEM_HANDLER_NAME_MAX 126

/** \brief The value of struct datamem_handler.version. */
#define DATAMEM_HANDLER_VERSION 1

/**
 * \brief A handler.
 *
 * The layout of version 1 is that of NumPy's PyDataMem_Handler (NEP 49, NumPy
 * 1.22 to 2.x; 168 bytes on LP64), so that one pointer serves both.
 */
struct datamem_handler {
	/** Printable ASCII, not empty, NUL-terminated inside the array. */
	char name[127];
	/** DATAMEM_HANDLER_VERSION. */
	uint8_t version;
	struct datamem_allocator allocator;
};

/**
 * \brief Enter a handler into the registry under its name.
 *
 * The registry keeps the pointer: the struct must stay valid and unchanged for
 * the life of the process, also after datamem_handler_unregister(), as buffers
 * made by it may be freed at any time. Its functions must be thread-safe.
 *
 * Registered from the start: `default_allocator`, `datamem` (the same
 * allocator for hosts such as NumPy, under a name that a host's own default
 * cannot be confused with; its blocks never touch each other),
 * `system` (plain C library), `debug` (canaries, poison, quarantine) and
 * `shared` (blocks that other processes can map).
 *
 * \param handler  The handler.
 *
 * \return 0, or
 *         -EINVAL: handler is NULL, its name is empty, not terminated or not
 *         printable, its version is not 1, or one of its functions is NULL,
 *         -EEXIST: the name is taken, or reserved for an alignment or a node,
 *         -ENOMEM: no memory for the entry.
 */
DATAMEM_API int datamem_handler_register(const struct datamem_handler *handler);

/**
 * \brief Remove a handler's name from the registry.
 *
 * \param handler  The pointer that was registered.
 *
 * \return 0, or
 *         -EINVAL: handler is NULL,
 *         -ENOENT: it is not registered,
 *         -EBUSY: a buffer or a context (a thread's current handler included)
 *         uses it, it is the process-wide handler, or it is built in.
 */
DATAMEM_API int datamem_handler_unregister(
	const struct datamem_handler *handler);

/**
 * \brief Find a handler by name.
 *
 * \param name  The name.
 *
 * \return The handler, or NULL with errno
 *         EINVAL: name is NULL,
 *         ENOENT: no handler has this name,
 *         ENOMEM: it is that of an alignment (datamem_handler_aligned()), and
 *         there is no memory for the entry.
 */
DATAMEM_API const struct datamem_handler *datamem_handler_find(
	const char *name);

/**
 * \brief Call a function for each registered handler, in order of registration.
 *
 * The function sees a snapshot and is called without a lock held: it may
 * register, unregister and allocate.
 *
 * \param visit  The function; a value other than 0 ends the walk.
 * \param arg    Passed to visit.
 *
 * \return 0, the value by which visit ended the walk, or
 *         -EINVAL: visit is NULL,
 *         -ENOMEM: no memory for the snapshot.
 */
DATAMEM_API int datamem_handler_foreach(
	int (*visit)(const struct datamem_handler *handler, void *arg),
	void *arg);

/**
 * \brief The built-in default handler, `default_allocator`.
 *
 * \return The handler, the same in every call; never NULL.
 */
DATAMEM_API const struct datamem_handler *datamem_handler_default(void);

/**
 * \brief The handler whose blocks have an alignment, and keep it when resized.
 *
 * For hosts that can choose a handler but not an alignment. Its name is
 * `datamem_aligned_` and the alignment in decimal; it is registered when it is
 * first asked for, here or by name. Its blocks are those of the handler
 * `datamem`.
 *
 * \param alignment  A power of two from 1 to 2097152 (2 MiB).
 *
 * \return The handler, valid for ever, or NULL with errno
 *         EINVAL: alignment is not a power of two or above 2 MiB,
 *         ENOMEM: no memory for the entry.
 */
DATAMEM_API const struct datamem_handler *datamem_handler_aligned(
	size_t alignment);

/**
 * \brief The current handler: the one that new buffers of this thread get.
 *
 * That of the innermost entered context, else the thread's own, else the
 * process-wide one (setting `handler`, DATAMEM_HANDLER), else the default.
 *
 * \return The handler, never NULL.
 */
DATAMEM_API const struct datamem_handler *datamem_handler_get(void);

/**
 * \brief Set the current handler of this thread, or of the entered context.
 *
 * \param handler  A handler that passes the checks of registration (it need
 *                 not be registered); NULL: back to the process-wide one.
 *
 * \return The previous handler, or NULL with errno (nothing changed)
 *         EINVAL: the handler does not pass the checks,
 *         ENOMEM: no memory for the thread's record.
 */
DATAMEM_API const struct datamem_handler *datamem_handler_set(
	const struct datamem_handler *handler);

/**
 * \brief Allocate with a given handler.
 *
 * \param handler  The handler; NULL: the current one.
 * \param nbytes   Size in bytes; 0 counts as 1.
 *
 * \return The block, or NULL with errno
 *         EINVAL: the handler does not pass the checks,
 *         ENOMEM: nbytes is above PTRDIFF_MAX, the handler returned NULL
 *         without an errno of its own, or no memory for the account's entry;
 *         or the errno of the handler.
 */
DATAMEM_API void *datamem_handler_alloc(const struct datamem_handler *handler,
					size_t nbytes) DATAMEM_MUST_USE;

/**
 * \brief Allocate nelem * elsize zeroed bytes with a given handler.
 *
 * \param handler  The handler; NULL: the current one.
 * \param nelem    Number of elements.
 * \param elsize   Size of an element in bytes. A product of 0 counts as 1.
 *
 * \return The block, or NULL with errno as datamem_handler_alloc(), also
 *         ENOMEM: the product overflows.
 */
DATAMEM_API void *datamem_handler_alloc_zeroed(
	const struct datamem_handler *handler, size_t nelem, size_t elsize)
	DATAMEM_MUST_USE;

/**
 * \brief Resize a block with the handler that made it.
 *
 * \param handler  The handler; NULL: the current one.
 * \param ptr      A block of that handler, or NULL: then allocate.
 * \param nbytes   New size in bytes; 0 counts as 1.
 *
 * \return The block, or NULL with errno as datamem_handler_alloc(); block,
 *         contents and account are then as they were.
 */
DATAMEM_API void *datamem_handler_realloc(
	const struct datamem_handler *handler, void *ptr, size_t nbytes)
	DATAMEM_MUST_USE;

/**
 * \brief Free a block with the handler that made it. Keeps errno.
 *
 * A handler that does not pass the checks cannot be called: the block leaks
 * and is counted (`leaked_blocks`).
 *
 * \param handler  The handler; NULL: the current one.
 * \param ptr      A block of that handler, or NULL, which does nothing.
 * \param nbytes   The size hint, passed on to the handler.
 */
DATAMEM_API void datamem_handler_free(const struct datamem_handler *handler,
				      void *ptr, size_t nbytes);

/*
 * Contexts: a task or a pool thread can run with another thread's current
 * handler. A context is entered by one thread at a time; a coroutine enters and
 * leaves it around each resume, on any thread.
 */

/** \brief A snapshot of a current handler. Opaque. */
struct datamem_context;

/**
 * \brief Free a context. While it is entered, this takes effect at its leave.
 *
 * \param context  The context, or NULL, which does nothing.
 */
DATAMEM_API void datamem_context_free(struct datamem_context *context);

/**
 * \brief Make a context that holds a given handler.
 *
 * \param handler  A handler that passes the checks of registration (it need
 *                 not be registered); NULL: the process-wide one, whichever it
 *                 is at the time.
 *
 * \return The context, for datamem_context_free(), or NULL with errno
 *         EINVAL: the handler does not pass the checks,
 *         ENOMEM: no memory.
 */
DATAMEM_API struct datamem_context *datamem_context_new(
	const struct datamem_handler *handler) DATAMEM_MUST_USE;

/**
 * \brief Make a context that holds the caller's current handler.
 *
 * The context is independent: later changes on either side do not show on the
 * other.
 *
 * \return The context, for datamem_context_free(), or NULL with errno
 *         ENOMEM: no memory.
 */
DATAMEM_API struct datamem_context *datamem_context_copy(void)
	DATAMEM_MUST_USE;

/**
 * \brief Make a context the innermost one of the calling thread.
 *
 * Until it is left, datamem_handler_get() answers with its handler and
 * datamem_handler_set() changes it, not the thread's.
 *
 * \param context  The context.
 *
 * \return 0, or
 *         -EINVAL: context is NULL or was freed while entered,
 *         -EBUSY: it is entered already, here or by another thread,
 *         -ENOMEM: no memory for the thread's record.
 */
DATAMEM_API int datamem_context_enter(struct datamem_context *context);

/**
 * \brief Leave the innermost context. A thread that exits leaves all.
 *
 * \param context  The context entered last by this thread.
 *
 * \return 0, or
 *         -EINVAL: context is NULL or not the innermost one.
 */
DATAMEM_API int datamem_context_leave(struct datamem_context *context);

/**
 * \brief Run a function in a context: enter, call, leave.
 *
 * Contexts that the function entered and did not leave are left, too. It is to
 * return: a longjmp(3) or an exception out of it leaves the context entered.
 *
 * \param context  The context.
 * \param run      The function, called once on the calling thread, without a
 *                 lock held.
 * \param arg      Passed to run.
 *
 * \return 0, or (run was not called)
 *         -EINVAL: context or run is NULL, or context was freed while entered,
 *         -EBUSY: context is entered already, here or by another thread,
 *         -ENOMEM: no memory for the thread's record.
 */
DATAMEM_API int datamem_context_run(struct datamem_context *context,
				    void (*run)(void *arg), void *arg);

/*
 * Shared blocks
 *
 * Blocks of the handler `shared` of 1 MiB and more are sealed memfds, as long as
 * they take at most a quarter of the descriptors that the process may have;
 * smaller ones, and all others, are those of the handler `datamem`. Another
 * process of the same user maps the memory of such a block by a reference, which
 * is sent to it in any way. It has no name anywhere, and is freed when the last
 * process has let it go, also by being killed.
 *
 * A forked child has the blocks of its parent, and both see what the other
 * writes. Whether such memory has huge pages depends on
 * /sys/kernel/mm/transparent_hugepage/shmem_enabled.
 */

/** \brief A reference to an address in a shared block; numbers alone. */
struct datamem_shared_ref {
	int64_t pid;      /**< process that sends it */
	int64_t fd;       /**< its descriptor */
	uint64_t device;  /**< of the file, with its inode */
	uint64_t inode;
	uint64_t nbytes;  /**< of the block, in whole pages */
	uint64_t offset;  /**< of the address in the block */
};

/**
 * \brief Make a reference, for one process to receive.
 *
 * The memory stays until the reference was received, also when the block is
 * freed meanwhile, or until this process ends.
 *
 * \param ptr       Any address inside a shared block, be it made here or
 *                  received.
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: ptr or out is NULL, or out_size is less than a reference
 *         of 1.0 takes,
 *         -ENOENT: it is not in a shared block,
 *         -ENOTSUP: it was received when there was no descriptor to keep, or
 *         other processes cannot open what this one has: there is no /proc, or
 *         it is not dumpable (prctl(2)).
 */
DATAMEM_API int datamem_shared_send(const void *ptr,
				    struct datamem_shared_ref *out,
				    size_t out_size);

/**
 * \brief Map the block of a reference.
 *
 * A reference is received once. The block is one of the handler `shared` here,
 * too, and begins offset bytes before the address; free it through that handler.
 *
 * \param ref       The reference.
 * \param ref_size  sizeof(*ref) of the caller.
 * \param writable  Whether to map it for writing, too: for all who have it.
 * \param out       Set to the address.
 *
 * \return 0, or
 *         -EINVAL: ref or out is NULL, ref_size is less than a reference of
 *         1.0 takes, or ref is not one,
 *         -ESRCH: the process that sent it has ended, or is not on this
 *         machine,
 *         -EACCES, -EPERM: it is another user's,
 *         -ENFILE: the system has no descriptor left,
 *         -EMFILE: this process has none left, and cannot start one that maps
 *         the block for it,
 *         -ENOMEM: no memory; or another errno of open(2) and mmap(2).
 */
DATAMEM_API int datamem_shared_receive(const struct datamem_shared_ref *ref,
				       size_t ref_size, bool writable,
				       void **out);

/**
 * \brief Map the block of a reference that others use as well.
 *
 * As datamem_shared_receive(), but the reference stays as it is: any number of
 * processes, which need not be known when it is made, attach its block any number
 * of times. It keeps the memory only until it was received, by anybody, and while
 * its sender has the block.
 *
 * \param ref       The reference.
 * \param ref_size  sizeof(*ref) of the caller.
 * \param writable  Whether to map it for writing, too.
 * \param out       Set to the address.
 *
 * \return As datamem_shared_receive(); -ESRCH also where the last process that
 *         had the block has let it go.
 */
DATAMEM_API int datamem_shared_attach(const struct datamem_shared_ref *ref,
				      size_t ref_size, bool writable,
				      void **out);

/**
 * \brief How many references to blocks of this process are on their way.
 *
 * Sent and not received, by this process or by one that has received a block
 * of it. A process that ends before loses them.
 *
 * \return The number.
 */
DATAMEM_API size_t datamem_shared_pending(void);

/*
 * Scopes: what a stretch of a program allocates
 *
 * A scope hands out handlers that pass every call on to another one, and count
 * it. Blocks made through them are counted until they are freed, by whichever
 * thread and whenever that is; blocks made before, or through other handlers,
 * are not. Scopes may be inside each other: a block counts in all around it.
 *
 * A call costs some atomic additions for each scope around it, on counts that
 * all threads of the scope share.
 */

/** \brief A scope. Opaque. */
struct datamem_scope;

/**
 * \brief Free a scope.
 *
 * The caller asks its handlers for no more blocks, and gets no more counts.
 * Blocks that are left may be freed and resized later through the handlers,
 * which are valid until the last of them is freed.
 *
 * \param scope  The scope, or NULL, which does nothing. Keeps errno.
 */
DATAMEM_API void datamem_scope_free(struct datamem_scope *scope);

/**
 * \brief Make a scope.
 *
 * \param around  The scope that it is inside of, which may be freed before it;
 *                NULL: none.
 *
 * \return The scope, for datamem_scope_free(), or NULL with errno
 *         ENOMEM: no memory.
 */
DATAMEM_API struct datamem_scope *datamem_scope_new(
	struct datamem_scope *around)
	DATAMEM_FREED_BY(datamem_scope_free, 1) DATAMEM_MUST_USE;

/**
 * \brief The handler of a scope that counts for another handler.
 *
 * It has the name of that handler, is not registered, and is the same each time
 * that it is asked for.
 *
 * \param scope    The scope.
 * \param handler  A built-in handler, one of an alignment, or one of another
 *                 scope, of which that behind is taken; one of the program named
 *                 `default_allocator` is taken for the C library's, as NumPy's
 *                 is. NULL: the current one.
 *
 * \return The handler, valid as datamem_scope_free() has it, or NULL with errno
 *         EINVAL: scope is NULL, or the handler does not pass the checks,
 *         ENOTSUP: a handler of the program, whose blocks have no size that
 *         could be asked for,
 *         ENOMEM: no memory.
 */
DATAMEM_API const struct datamem_handler *datamem_scope_handler(
	struct datamem_scope *scope, const struct datamem_handler *handler);

/** \brief What a scope has counted. */
struct datamem_scope_counts {
	uint64_t calls;           /**< allocations and resizes */
	uint64_t allocated_bytes; /**< blocks made, and growth of resized ones */
	uint64_t failed_calls;    /**< of the calls, those that returned NULL */
	size_t live_bytes;        /**< in blocks of the scope not freed yet */
	size_t live_blocks;       /**< the same, in blocks */
	size_t peak_bytes;        /**< the most that live_bytes has been */
};

/**
 * \brief Tell what a scope has counted so far.
 *
 * Small blocks (up to 128 KiB) count in the bytes of their class, larger ones
 * with the bytes asked for, those of the C library with what they can hold.
 * While other threads allocate, the numbers are of moments next to each other.
 *
 * \param scope     The scope.
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: scope or out is NULL, or out_size is 0.
 */
DATAMEM_API int datamem_scope_get(const struct datamem_scope *scope,
				  struct datamem_scope_counts *out,
				  size_t out_size);

/*
 * Buffers: a block and the handler that made it
 *
 * The caller owns the struct. It may be moved: by datamem_buffer_move(), or
 * copied, by assignment or memcpy(3), where the copy is used from then on and
 * the old struct only initialised again or forgotten. Two structs must not own
 * the same data: release one, and the other is a second free. A view may be
 * copied freely. A caller may also fill it in, to own a block of
 * datamem_handler_alloc(); the struct keeps its size and members for the life
 * of libdatamem.so.1.
 * Thread safety: different buffers are independent; one buffer is used by one
 * thread at a time.
 */

/** \brief A block that remembers its handler, or a view that owns nothing. */
struct datamem_buffer {
	/** The data. */
	void *data;
	/** Its size in bytes. */
	size_t nbytes;
	/** The handler that made it; NULL: does not own the data. */
	const struct datamem_handler *handler;
	/** The library's; zero in a struct that a caller fills in. Where it is
	 *  neither, the buffer cannot be resized, and its block leaks. */
	uintptr_t reserved[2];
};

/**
 * \brief Allocate a buffer with the current handler.
 *
 * \param buffer  Filled in; what it held before is overwritten, not released.
 * \param nbytes  Size in bytes; 0 allocates 1 byte and records 0.
 *
 * \return 0, or
 *         -EINVAL: buffer is NULL, or the current handler became invalid,
 *         -ENOMEM: as datamem_handler_alloc(), or no memory to note that the
 *         handler is in use; or another errno of the handler.
 */
DATAMEM_API int datamem_buffer_init(struct datamem_buffer *buffer,
				    size_t nbytes) DATAMEM_MUST_USE;

/**
 * \brief Allocate a buffer of nelem * elsize bytes; else as
 *        datamem_buffer_init().
 *
 * \param buffer  Filled in.
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes.
 *
 * \return As datamem_buffer_init(); -ENOMEM also if the product overflows.
 */
DATAMEM_API int datamem_buffer_init_array(struct datamem_buffer *buffer,
					  size_t nelem, size_t elsize)
	DATAMEM_MUST_USE;

/**
 * \brief Allocate a buffer with a given handler and alignment.
 *
 * The current handler plays no part. Resizing keeps the alignment, with every
 * handler: `default_allocator`, `datamem` and those of
 * datamem_handler_aligned() make aligned blocks themselves; others make a block
 * that is alignment - 1 bytes larger, in which the data begin at a multiple of
 * the alignment. Such a block has another address and size in the accounts than
 * its buffer, and only the buffer's functions may free it.
 *
 * \param buffer     Filled in; what it held before is overwritten.
 * \param handler    A handler that passes the checks of registration (it need
 *                   not be registered); NULL: the current one.
 * \param nbytes     Size in bytes; 0 allocates 1 byte and records 0.
 * \param alignment  A power of two up to 2097152 (2 MiB), or 0: that of the
 *                   handler.
 *
 * \return 0, or
 *         -EINVAL: buffer is NULL, the handler does not pass the checks, or
 *         alignment is not a power of two or above 2 MiB,
 *         -ENOMEM: as datamem_buffer_init(); or another errno of the handler.
 */
DATAMEM_API int datamem_buffer_init_with(struct datamem_buffer *buffer,
					 const struct datamem_handler *handler,
					 size_t nbytes, size_t alignment)
	DATAMEM_MUST_USE;

/**
 * \brief Allocate a zeroed buffer of nelem * elsize bytes; else as
 *        datamem_buffer_init().
 *
 * \param buffer  Filled in.
 * \param nelem   Number of elements.
 * \param elsize  Size of an element in bytes.
 *
 * \return As datamem_buffer_init(); -ENOMEM also if the product overflows.
 */
DATAMEM_API int datamem_buffer_init_zeroed(struct datamem_buffer *buffer,
					   size_t nelem, size_t elsize)
	DATAMEM_MUST_USE;

/**
 * \brief Describe memory that the buffer does not own.
 *
 * \param buffer  Filled in, with no handler.
 * \param data    The memory; stays the caller's.
 * \param nbytes  Its size in bytes.
 *
 * \return 0, or
 *         -EINVAL: buffer is NULL, data is NULL and nbytes is not 0, or nbytes
 *         is above PTRDIFF_MAX.
 */
DATAMEM_API int datamem_buffer_init_view(struct datamem_buffer *buffer,
					 void *data, size_t nbytes);

/**
 * \brief Resize a buffer with the handler that made it.
 *
 * The current handler plays no part. On failure block, contents and account
 * stay as they were.
 *
 * \param buffer  A buffer that owns its data.
 * \param nbytes  New size in bytes; 0 keeps 1 byte and records 0.
 *
 * \return 0, or
 *         -EINVAL: buffer is NULL, a view, or its handler or `reserved` became
 *         invalid,
 *         -ENOMEM: as datamem_handler_realloc(), or another errno of the
 *         handler.
 */
DATAMEM_API int datamem_buffer_resize(struct datamem_buffer *buffer,
				      size_t nbytes);

/**
 * \brief Resize a buffer; the bytes that it has more are zero.
 *
 * They are cleared by hand, so all of them become resident.
 *
 * \param buffer  A buffer that owns its data.
 * \param nbytes  New size in bytes; 0 keeps 1 byte and records 0.
 *
 * \return As datamem_buffer_resize().
 */
DATAMEM_API int datamem_buffer_resize_zeroed(struct datamem_buffer *buffer,
					     size_t nbytes);

/**
 * \brief Move what a buffer holds into another struct.
 *
 * \param to    Filled in; what it held before is overwritten, not released.
 * \param from  The buffer or view; empty afterwards, as if released. The same
 *              struct as `to`, or either NULL: nothing happens.
 */
DATAMEM_API void datamem_buffer_move(struct datamem_buffer *to,
				     struct datamem_buffer *from);

/**
 * \brief Free what the buffer owns and clear the struct. Keeps errno.
 *
 * A block whose handler or `reserved` became invalid leaks and is counted
 * (`leaked_blocks`).
 *
 * \param buffer  The buffer, or NULL. Views and cleared buffers free nothing.
 */
DATAMEM_API void datamem_buffer_release(struct datamem_buffer *buffer);

/**
 * \brief The name of the handler that made the buffer.
 *
 * \param buffer  The buffer; NULL: the current handler is meant.
 *
 * \return The name, valid as long as the handler; NULL for a buffer that does
 *         not own its data, and for a name that has lost its NUL.
 */
DATAMEM_API const char *datamem_buffer_handler_name(
	const struct datamem_buffer *buffer);

/**
 * \brief The version of the handler that made the buffer.
 *
 * \param buffer  The buffer; NULL: the current handler is meant.
 *
 * \return The version; 0 for a buffer that does not own its data.
 */
DATAMEM_API int datamem_buffer_handler_version(
	const struct datamem_buffer *buffer);

/*
 * Huge pages
 */

/** \brief What the running kernel gives, found by doing. */
enum datamem_hugepage_state {
	/** Could not be found out, see the reason. */
	DATAMEM_HUGEPAGE_UNKNOWN = 0,
	/** Advised memory is backed by huge pages. */
	DATAMEM_HUGEPAGE_ACTIVE = 1,
	/** It is backed by larger pages, but smaller than a huge page. */
	DATAMEM_HUGEPAGE_MTHP = 2,
	/** The kernel is configured for huge pages, yet none arrived. */
	DATAMEM_HUGEPAGE_NOT_ARRIVING = 3,
	/** Refused to this process (prctl(2) PR_SET_THP_DISABLE). */
	DATAMEM_HUGEPAGE_DENIED = 4,
	/** Switched off, by the administrator or by a setting. */
	DATAMEM_HUGEPAGE_OFF = 5,
};

/** \brief Why there are no huge pages, or fewer than asked for. */
enum datamem_hugepage_reason {
	/** Nothing is missing. */
	DATAMEM_REASON_NONE = 0,
	/** Could not be measured on this machine. */
	DATAMEM_REASON_UNMEASURED = 1,
	/** Advice is off: setting `hugepage`, DATAMEM_HUGEPAGE or the API. */
	DATAMEM_REASON_ADVICE_OFF = 2,
	/** `enabled` below /sys/kernel/mm/transparent_hugepage says never, or
	 *  `hugepages-<size>kB/enabled`; datamem_hugepage_reason_text() says
	 *  which. */
	DATAMEM_REASON_MODE_NEVER = 3,
	/** PR_SET_THP_DISABLE is in force for this process. */
	DATAMEM_REASON_PRCTL = 4,
	/** `auto`, and the kernel is older than 4.6 (slow compaction). */
	DATAMEM_REASON_KERNEL_OLD = 5,
	/** The kernel has no transparent huge pages. */
	DATAMEM_REASON_NO_SUPPORT = 6,
	/** A huge page is larger than 32 MiB, or, above 2 MiB, than a 32nd of
	 *  RAM or of the memory cgroup's limit: no use for arrays. */
	DATAMEM_REASON_HUGEPAGE_TOO_LARGE = 7,
	/** Advised and touched, but small pages came: memory is fragmented or
	 *  a memory cgroup refused. */
	DATAMEM_REASON_NOT_ARRIVING = 8,
	/** Larger pages came, but smaller than a huge page. */
	DATAMEM_REASON_MTHP = 9,
	/** Not touched yet: the kernel backs memory at first write. */
	DATAMEM_REASON_NOT_TOUCHED = 10,
	/** Only a tail below 1/16 huge page is missing: not eligible. */
	DATAMEM_REASON_TAIL = 11,
	/** Mapped without huge pages on purpose: `zero.policy=lazy`, or among
	 * the first small blocks of the process. */
	DATAMEM_REASON_LAZY = 12,
	/** Not memory of the library's arena: it is never advised. */
	DATAMEM_REASON_FOREIGN = 13,
	/** madvise(2) is refused, as by the filter of a sandbox. */
	DATAMEM_REASON_FILTER = 14,
};

/** \brief A mode read from /sys/kernel/mm/transparent_hugepage. */
enum datamem_hugepage_mode {
	/** File missing or not understood. */
	DATAMEM_MODE_UNKNOWN = 0,
	/** No huge pages. */
	DATAMEM_MODE_NEVER = 1,
	/** For advised memory only. */
	DATAMEM_MODE_MADVISE = 2,
	/** For all memory. */
	DATAMEM_MODE_ALWAYS = 3,
	/** Per-size files only: the value of the file above them. */
	DATAMEM_MODE_INHERIT = 4,
	/** File `defrag` only. */
	DATAMEM_MODE_DEFER = 5,
	/** File `defrag` only. */
	DATAMEM_MODE_DEFER_MADVISE = 6,
};

/** \brief Bits of struct datamem_hugepage_probe.features. */
enum datamem_feature {
	DATAMEM_FEATURE_FREE = 1 << 0,         /**< MADV_FREE, Linux 4.5 */
	DATAMEM_FEATURE_POPULATE = 1 << 1,     /**< MADV_POPULATE_WRITE, 5.14 */
	DATAMEM_FEATURE_COLLAPSE = 1 << 2,     /**< MADV_COLLAPSE, 6.1 */
	DATAMEM_FEATURE_DONTUNMAP = 1 << 3,    /**< MREMAP_DONTUNMAP, 5.7 */
	DATAMEM_FEATURE_PAGEMAP_SCAN = 1 << 4, /**< PAGEMAP_SCAN, 6.7 */
	DATAMEM_FEATURE_MEMBARRIER = 1 << 5,   /**< membarrier(2), 4.14 */
	DATAMEM_FEATURE_VMA_NAME = 1 << 6,     /**< PR_SET_VMA_ANON_NAME, 5.17 */
};

/** \brief One size of pages larger than a page (mTHP, Linux 6.8). */
struct datamem_hugepage_size {
	size_t size;            /**< bytes */
	enum datamem_hugepage_mode mode;
};

/** \brief How many sizes struct datamem_hugepage_probe has room for. */
#define DATAMEM_HUGEPAGE_SIZES 24

/** \brief The machine's huge pages, or the reason why there are none. */
struct datamem_hugepage_probe {
	enum datamem_hugepage_state state;
	enum datamem_hugepage_reason reason;
	size_t page_size;       /**< bytes */
	size_t hugepage_size;   /**< bytes; 0: the kernel names none */
	/** Page size in bytes that the functional test received; 0: it was not
	 *  made, or could not tell. */
	size_t arrived_size;
	enum datamem_hugepage_mode mode;      /**< `enabled` */
	/** `hugepages-<size>kB/enabled` */
	enum datamem_hugepage_mode size_mode;
	enum datamem_hugepage_mode defrag;    /**< `defrag` */
	int prctl_state;        /**< PR_GET_THP_DISABLE: 0, 1, 3; -1 unknown */
	unsigned int features;  /**< enum datamem_feature, found by trying */
	char release[65];       /**< uname(2) release of the running kernel */
	bool advice;            /**< the library advises now */
	/** Read below the directory in DATAMEM_SYSROOT: a record of a machine.
	 *  The functional test was not made and prctl_state is unknown; release
	 *  is that of proc/sys/kernel/osrelease there, "" if missing. */
	bool recorded;
	/** khugepaged: pages of a huge page that may be empty when it collapses
	 *  one (`khugepaged/max_ptes_none`); -1 unknown. */
	int max_ptes_none;
	int khugepaged_defrag;  /**< `khugepaged/defrag`: 0, 1; -1 unknown */
	/** Smallest memory limit of the cgroups of this process, v1 or v2,
	 *  ancestors included, in bytes; UINT64_MAX: none. */
	uint64_t cgroup_limit;
	uint64_t ram;           /**< bytes of RAM of the machine; 0 unknown */
	size_t sizes_count;     /**< entries used in sizes */
	/** `hugepages-<size>kB/enabled`, smallest first. */
	struct datamem_hugepage_size sizes[DATAMEM_HUGEPAGE_SIZES];
};

/** \brief A receipt for the huge pages of (a part of) a block; all in bytes. */
struct datamem_hugepage_receipt {
	size_t asked;      /**< the bytes in question */
	/** Bytes that could be backed by huge pages: leaves out a tail below
	 *  1/16 huge page. */
	size_t eligible;
	size_t advised;    /**< of these, in memory that was advised */
	/** Of these, really backed by huge pages now; SIZE_MAX when unknown. */
	size_t backed;
	/** Why backed < eligible, or eligible < asked; DATAMEM_REASON_NONE when
	 *  nothing is missing. */
	enum datamem_hugepage_reason reason;
};

/**
 * \brief Whether the library advises the kernel to use huge pages.
 *
 * \return true with the setting `hugepage` at `on`, or at `auto` where the
 *         probe found that larger pages arrive; the first call makes the probe.
 */
DATAMEM_API bool datamem_hugepage_advice(void);

/**
 * \brief Switch the advice on or off for blocks made from now on.
 *
 * The same as setting `hugepage` to `on` or `off`. Free memory that is kept is
 * changed when a block gets it; blocks that exist stay as they are, and so does
 * what shares a huge page with one. Changes nothing where live control has set
 * it, and has the last word. Where the kernel's mode is always, huge pages come
 * without advice.
 *
 * \param on  Whether to advise.
 *
 * \return The previous value, as datamem_hugepage_advice().
 */
DATAMEM_API bool datamem_hugepage_set_advice(bool on);

/**
 * \brief Probe what the running kernel gives, and report it.
 *
 * The first call of the process makes the functional test (two huge pages
 * mapped, one byte written; well under a millisecond); later calls report its
 * result. A test that failed is made again, after pauses that grow from a
 * second to about a minute, by the next call that needs the result; the last
 * result counts.
 *
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: out is NULL or out_size is 0.
 */
DATAMEM_API int datamem_hugepage_probe_get(struct datamem_hugepage_probe *out,
					   size_t out_size);

/**
 * \brief Tell how much of a block is really backed by huge pages.
 *
 * Asks the kernel with PAGEMAP_SCAN, else /proc/self/smaps; where neither
 * answers, `backed` is SIZE_MAX. Memory of no block of the library is reported
 * with eligible 0 and reason DATAMEM_REASON_FOREIGN.
 *
 * \param ptr       Any address inside a block.
 * \param nbytes    Bytes from ptr on; what reaches beyond the block is cut.
 *                  0: to the end of the block.
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: ptr or out is NULL, or out_size is 0.
 */
DATAMEM_API int datamem_hugepage_receipt_get(
	const void *ptr, size_t nbytes, struct datamem_hugepage_receipt *out,
	size_t out_size);

/**
 * \brief Collapse what is not huge yet (MADV_COLLAPSE, Linux 6.1).
 *
 * For long-lived, often read blocks whose huge pages were split (a fork with
 * a writing parent) or did not arrive. Costs a copy of the block, about as
 * much as three or four first touches.
 *
 * \param ptr     Any address inside a block.
 * \param nbytes  Bytes from ptr on; 0: to the end of the block.
 *
 * \return 0 when every touched huge page of the range is huge now, or
 *         -EINVAL: ptr is NULL or not inside a block of the arena,
 *         -ENOTSUP: the kernel has no MADV_COLLAPSE, or advice is off,
 *         -EAGAIN: the kernel had no huge page for a part of it,
 *         -ENOMEM: a memory cgroup refused.
 */
DATAMEM_API int datamem_promote(void *ptr, size_t nbytes);

/**
 * \brief A state as one word ("active").
 *
 * \param state  The state.
 *
 * \return A constant text; "?" for a value not in the enum.
 */
DATAMEM_API const char *datamem_hugepage_state_name(
	enum datamem_hugepage_state state);

/**
 * \brief A reason as a short phrase.
 *
 * \param reason  The reason.
 *
 * \return A constant text; "?" for a value not in the enum.
 */
DATAMEM_API const char *datamem_hugepage_reason_text(
	enum datamem_hugepage_reason reason);

/*
 * Accounts
 *
 * Tracked are datamem_alloc() and its family, the raw functions, and blocks
 * of other handlers made through datamem_handler_*() or buffers, each block
 * once; dims never.
 */

/** \brief The domain of array data: NumPy's, for tracemalloc. */
#define DATAMEM_TRACE_DOMAIN 389047u

/** \brief Totals of one domain since datamem_trace_start(). */
struct datamem_trace_totals {
	size_t blocks;      /**< blocks tracked now */
	size_t bytes;       /**< their bytes, as asked for */
	size_t peak_bytes;  /**< the most that bytes has been */
};

/**
 * \brief Begin with empty accounts.
 *
 * Returns when all threads report. Starting again while on changes nothing.
 *
 * \return 0, or
 *         -ENOMEM: no memory for the accounts.
 */
DATAMEM_API int datamem_trace_start(void);

/**
 * \brief Forget all accounts and stop tracking.
 *
 * The hook stays set, but hears nothing until accounts are on again.
 */
DATAMEM_API void datamem_trace_stop(void);

/**
 * \brief Track memory of the caller's own.
 *
 * \param domain  The account. Addresses of different domains are independent.
 * \param ptr     The address; NULL is never tracked. One that is tracked
 *                already in this domain has its size replaced.
 * \param nbytes  Its size in bytes; 0 stays 0.
 *
 * \return 0, also while accounts are off (then nothing is kept), or
 *         -EINVAL: ptr is NULL, or nbytes is above PTRDIFF_MAX,
 *         -ENOMEM: no memory for the entry; the account is unchanged.
 */
DATAMEM_API int datamem_trace_track(unsigned int domain, const void *ptr,
				    size_t nbytes);

/**
 * \brief Stop tracking an address.
 *
 * \param domain  The account.
 * \param ptr     The address.
 *
 * \return 0, or
 *         -ENOENT: it is not tracked in this domain (made before
 *         datamem_trace_start(), accounts off, or NULL).
 */
DATAMEM_API int datamem_trace_untrack(unsigned int domain, const void *ptr);

/**
 * \brief Get the totals of a domain.
 *
 * \param domain    The account; one never used has zeros, as all have while
 *                  accounts are off.
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: out is NULL or out_size is 0.
 */
DATAMEM_API int datamem_trace_totals_get(unsigned int domain,
					 struct datamem_trace_totals *out,
					 size_t out_size);

/** \brief Events of a hook. */
enum datamem_trace_event {
	/** A block was made: old_ptr is NULL. */
	DATAMEM_TRACE_ALLOC = 1,
	/** A block was resized, from old_ptr to new_ptr; may be equal. */
	DATAMEM_TRACE_RESIZE = 2,
	/** A block was freed: new_ptr is NULL, nbytes its size in the account,
	 *  0 when it was not in it. */
	DATAMEM_TRACE_FREE = 3,
};

/**
 * \brief A function told of every tracked event.
 *
 * Called on the thread of the event, with no lock held, after the account was
 * changed (FREE: before the memory can be used again). It may allocate; what it
 * allocates and frees itself is tracked but not reported.
 *
 * `arg` is that of datamem_trace_set_hook(), `event` an enum
 * datamem_trace_event, `domain` the account, `nbytes` the size of the new block
 * in bytes (FREE: of the old one).
 */
typedef void (*datamem_trace_hook)(void *arg, int event, unsigned int domain,
				   const void *old_ptr, const void *new_ptr,
				   size_t nbytes);

/**
 * \brief Set the hook; events are reported while accounts are on.
 *
 * \param hook  The function; NULL: none.
 * \param arg   Passed to hook. Must stay valid until no thread can be inside
 *              the old hook any more.
 *
 * \return 0, or
 *         -ENOMEM: no memory; kept for later versions, this one needs none.
 */
DATAMEM_API int datamem_trace_set_hook(datamem_trace_hook hook, void *arg);

/*
 * Profile
 *
 * Which lines of a program hold and allocate how many bytes, by samples: about
 * one block in so many bytes is noted with its stack until it is freed. The sums
 * are unbiased estimates. Other processes can read the samples
 * (`datamem-ctl profile PID`). Sampled are datamem_alloc() and its family, the
 * functions of the built-in handlers, and blocks of other handlers made through
 * datamem_handler_*() or buffers; the raw functions and dims are not.
 */

/** \brief What datamem_profile_write() writes. */
enum datamem_profile_format {
	/** All of it, for `datamem-ctl profile FILE`. */
	DATAMEM_PROFILE_RAW = 1,
	/** Text `heap_v2` with addresses, for google-pprof and jeprof. */
	DATAMEM_PROFILE_HEAP = 2,
	/** A line for each stack, outermost frame first, with live bytes, for
	 *  flame graphs. */
	DATAMEM_PROFILE_COLLAPSED = 3,
	/** The same with all bytes allocated since the start. */
	DATAMEM_PROFILE_COLLAPSED_ALLOCATED = 4,
};

/**
 * \brief Begin a profile: set `profile`.
 *
 * While one is taken, this changes its interval. What was allocated before it
 * began is not in it. A forked child goes on with one of its own.
 *
 * \param interval  Bytes between samples, on average, up to 1 TiB; 0: 512 KiB.
 *
 * \return 0, or
 *         -EINVAL: interval is above 1 TiB,
 *         -EPERM: live control has set `profile`,
 *         -ENOMEM, -EMFILE, -ENFILE, -EFBIG (RLIMIT_FSIZE), -ENOSYS or another
 *         error of memfd_create(2): there is no memory for the samples.
 */
DATAMEM_API int datamem_profile_start(size_t interval);

/**
 * \brief End the profile and forget its samples: set `profile` to `off`.
 *
 * \return 0, or
 *         -EPERM: live control has set `profile`.
 */
DATAMEM_API int datamem_profile_stop(void);

/**
 * \brief Write the profile as of now to a file.
 *
 * It goes on. Frames of C get the names of exported functions; `datamem-ctl
 * profile` finds lines as well.
 *
 * \param fd      A file, pipe or socket open for writing.
 * \param format  An enum datamem_profile_format.
 *
 * \return 0, or
 *         -EINVAL: there is no such format,
 *         -ENODATA: no profile is taken,
 *         -ENOMEM: no memory for a copy of it,
 *         or an error of write(2); a part may have been written.
 */
DATAMEM_API int datamem_profile_write(int fd, int format);

/*
 * State
 */

/** \brief How many size classes struct datamem_stats has room for. */
#define DATAMEM_STATS_CLASSES 128

/** \brief Counters of one class of small blocks. */
struct datamem_class_stats {
	size_t size;            /**< bytes a block; 0: unused entry */
	size_t live_blocks;     /**< in the hands of callers */
	size_t cached_blocks;   /**< free, in threads' caches */
	uint64_t hits;          /**< allocations served by a cache */
	uint64_t misses;        /**< allocations that went beyond it */
};

/**
 * \brief A snapshot of the counters; consistent per thread, and monotonic.
 *
 * No thread is stopped for it. It is exact for threads that do nothing meanwhile
 * and for the caller; each of the others is seen as it was at a moment of its own,
 * so that a block that one of them made and another freed during the call may
 * count as live, or not at all.
 *
 * Blocks of handlers that the program brings, of `system` and of the raw
 * functions are not counted, nor held against `limit.max`; accounts
 * (datamem_trace_start()) know them. What the handler `debug` keeps in
 * quarantine is free, but counts for `limit.max` and in peak_bytes.
 *
 * Small blocks (up to 128 KiB) count in the bytes of their class, larger ones
 * with the bytes asked for. Peaks are taken at events off the fast path.
 */
struct datamem_stats {
	size_t live_bytes;        /**< in the hands of callers */
	size_t live_blocks;       /**< the same, in blocks */
	size_t peak_bytes;        /**< most live_bytes since peak_reset, blocks
				    *  in threads' caches counted in */
	size_t small_bytes;       /**< the part of live_bytes in small blocks */
	size_t cached_bytes;      /**< free blocks in threads' caches */
	size_t mapped_bytes;      /**< mapped by the library for blocks */
	size_t held_bytes;        /**< of it, resident or about to be: blocks,
				    *  slabs and retained free memory */
	size_t retained_bytes;    /**< free, kept hot for reuse */
	size_t lazy_bytes;        /**< free, kept, the kernel may take it */
	size_t meta_bytes;        /**< mapped for the library's own records */
	size_t advised_bytes;     /**< mapped, eligible for huge pages */
	size_t hugetlb_bytes;     /**< of it, from the pool of explicit ones */
	uint64_t purged_bytes;    /**< given back to the kernel so far */
	uint64_t allocs;          /**< blocks made */
	uint64_t frees;           /**< blocks freed */
	uint64_t hits;            /**< small allocations served by a cache */
	uint64_t misses;          /**< small allocations that were not */
	uint64_t large_hits;      /**< large ones served by warm memory */
	uint64_t large_misses;    /**< large ones that needed fresh memory */
	uint64_t faults_avoided;  /**< page faults that warm memory spared, in
				    *  pages of the size it has */
	uint64_t resizes_in_place;/**< block stayed, or took free neighbours */
	uint64_t resizes_moved;   /**< pages moved, nothing copied */
	uint64_t resizes_copied;  /**< contents copied */
	uint64_t failed_allocs;   /**< NULL returned */
	uint64_t limit_failures;  /**< of these, for `limit.max` */
	uint64_t foreign_pointers;/**< freed or resized, not ours */
	uint64_t double_frees;    /**< found (debug mode finds all) */
	uint64_t large_hints;     /**< frees with a hint above the block */
	uint64_t leaked_blocks;   /**< freed through an invalid handler */
	uint64_t overruns;        /**< writes outside a block (handler debug) */
	uint64_t uses_after_free; /**< writes to a freed one (handler debug) */
	size_t threads;           /**< caches of living threads */
	size_t mappings;          /**< kernel mappings held, estimate */
	/** Free bytes given back of huge pages that large blocks are in. */
	size_t opened_bytes;
	/** Free bytes kept because large blocks are in the same huge pages. */
	size_t pinned_bytes;
	/** Free bytes given back of huge pages that small blocks are in. */
	size_t opened_small_bytes;
	/** Free bytes kept because small blocks are in the same pages. */
	size_t pinned_small_bytes;
	size_t guarded_bytes;     /**< the part of live_bytes that is guarded
				    *  (setting `guard`) */
	size_t guarded_blocks;    /**< the same, in blocks */
	uint64_t guarded_allocs;  /**< guarded blocks made */
	uint64_t guard_reports;   /**< mistakes that guards found */
	/** Of live_bytes: blocks of malloc(3), in a process that a tool like
	 * AddressSanitizer or valgrind watches. */
	size_t hosted_bytes;
	/** Of allocs: the same. */
	uint64_t hosted_allocs;
	struct datamem_class_stats classes[DATAMEM_STATS_CLASSES];
};

/**
 * \brief Take a snapshot of the counters.
 *
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: out is NULL or out_size is 0.
 */
DATAMEM_API int datamem_stats_get(struct datamem_stats *out, size_t out_size);

/**
 * \brief Begin a new peak: set peak_bytes to the present live_bytes.
 *
 * `datamem-ctl reset-peak` does the same from outside.
 */
DATAMEM_API void datamem_peak_reset(void);

/**
 * \brief Give free memory of all threads back to the kernel.
 *
 * Empties the caches of all threads, returns empty slabs, and purges free
 * memory until keep_bytes of it are left. To 0 bytes, it also examines and
 * empties the quarantine of the handler `debug`.
 *
 * \param keep_bytes  Free bytes to keep for reuse.
 *
 * \return Bytes given back.
 */
DATAMEM_API size_t datamem_trim(size_t keep_bytes);

/**
 * \brief Change a setting.
 *
 * \param name   Its name, `group.what`; datamem-ctl settings lists all.
 * \param value  The value as text; sizes take K, M, G and T (binary).
 *
 * \return 0, or
 *         -ENOENT: no such setting,
 *         -EINVAL: an argument is NULL, or the value is not one of the
 *         setting's, or none on this machine (a memory node it lacks),
 *         -EPERM: live control has set it, and has the last word.
 */
DATAMEM_API int datamem_setting_set(const char *name, const char *value);

/**
 * \brief Get the value of a setting as text.
 *
 * \param name        Its name.
 * \param value       Filled in, NUL-terminated.
 * \param value_size  Bytes at value.
 *
 * \return 0, or
 *         -ENOENT: no such setting,
 *         -EINVAL: an argument is NULL,
 *         -ERANGE: value_size is too small.
 */
DATAMEM_API int datamem_setting_get(const char *name, char *value,
				    size_t value_size);

/** \brief Where the value of a setting came from; later ones win. */
enum datamem_setting_origin {
	/** The library's own. */
	DATAMEM_ORIGIN_BUILTIN = 0,
	/** The setting's variable, or DATAMEM_CONF. */
	DATAMEM_ORIGIN_ENVIRONMENT = 1,
	/** datamem_setting_set(). */
	DATAMEM_ORIGIN_API = 2,
	/** Live control: datamem-ctl set. */
	DATAMEM_ORIGIN_CONTROL = 3,
};

/**
 * \brief One setting as datamem_setting_foreach() shows it.
 *
 * The library makes the struct: a member that came after 1.0 is there from the
 * datamem_version_number() on that its comment names.
 */
struct datamem_setting {
	const char *name;           /**< `group.what` */
	const char *value;          /**< in force, as text */
	const char *default_value;  /**< the built-in one */
	enum datamem_setting_origin origin;
	/** The variable that sets it: its own, else DATAMEM_CONF. */
	const char *environment;
	const char *values;         /**< what it accepts, for people */
	const char *meaning;        /**< one sentence */
	/** Why the value does not act now ("waiting: no handler of this
	 *  name yet"); NULL: nothing. */
	const char *note;
};

/**
 * \brief Call a function for each setting, in the order of the table.
 *
 * \param visit  The function; a value other than 0 ends the walk. The strings
 *               are valid during the call only.
 * \param arg    Passed to visit.
 *
 * \return 0, the value by which visit ended the walk, or
 *         -EINVAL: visit is NULL.
 */
DATAMEM_API int datamem_setting_foreach(
	int (*visit)(const struct datamem_setting *setting, void *arg),
	void *arg);

/**
 * \brief Set the function that receives the library's messages.
 *
 * \param log  The function, called with one line without a line break; NULL:
 *             back to writing "libdatamem: ..." to standard error. It may
 *             call every function of the library, fork, and may be called by
 *             any thread.
 * \param arg  Passed to log. Must stay valid until no thread can be inside the
 *             old function any more.
 */
DATAMEM_API void datamem_log_set(void (*log)(void *arg, const char *message),
				 void *arg);

/*
 * Live control (datamem-ctl list, stat, set, trim)
 */

/**
 * \brief Start the control page and, for requests, the service thread.
 *
 * Both start by themselves (the page when memory is first used, the thread
 * when memory is first retained) unless DATAMEM_CONTROL=off; this starts them
 * now, also in spite of that. The thread then stays until it is stopped. With
 * the setting control=page there is no thread.
 *
 * \return 0, or
 *         -ENOTSUP: this kernel or process cannot have a page (no memfd, or
 *         RLIMIT_FSIZE is too small),
 *         -EMFILE, -ENFILE: no descriptor left,
 *         -ENOMEM: no memory,
 *         -EAGAIN: the page exists, but no thread could be made.
 */
DATAMEM_API int datamem_control_start(void);

/**
 * \brief Stop the service thread and take the control page away.
 *
 * Both stay away until datamem_control_start(), or until the setting `control`
 * is set.
 */
DATAMEM_API void datamem_control_stop(void);

/**
 * \brief Answer pending requests on the caller's thread.
 *
 * For programs with a loop of their own that want no service thread.
 *
 * \return The number of requests answered, at most 1 (the page has room for
 *         one), or
 *         -ENOTSUP: there is no control page.
 */
DATAMEM_API int datamem_control_poll(void);

/**
 * \brief Say which handler the program's data have.
 *
 * For hosts that choose among handlers by themselves, as NumPy does: live control
 * shows it in place of the setting `handler`. A forked child says the same until
 * it says something else.
 *
 * \param text  At most 63 bytes, more are cut off; NULL or "": nothing.
 */
DATAMEM_API void datamem_control_note(const char *text);

/**
 * \brief The version of the running library as a number.
 *
 * \return major * 10000 + minor * 100 + micro. DATAMEM_VERSION_NUMBER is that
 *         of the header.
 */
DATAMEM_API unsigned int datamem_version_number(void);

/**
 * \brief The version of the running library as text.
 *
 * \return A constant text, "MAJOR.MINOR.MICRO".
 */
DATAMEM_API const char *datamem_version_string(void);

/** \brief How the library was built, and what watches this process; the texts
 * are constants. */
struct datamem_build_info {
	const char *version;         /**< as datamem_version_string() */
	const char *compiler;        /**< its name and version */
	const char *features;        /**< built-in optional parts, words */
	const char *kernel_headers;  /**< release of the headers, "6.1.187" */
	const char *kernel_build;    /**< release of the build host or of
				       *  --with-kernel-release */
	const char *hugepage;        /**< --enable-hugepage */
	size_t page_size;            /**< bytes, build host's; 0: unknown */
	const char *tool;            /**< that watches this process:
				       *  "AddressSanitizer", "valgrind
				       *  memcheck", "heaptrack"; "": none */
	const char *blocks;          /**< where the default handler's blocks
				       *  are: "arena", or "malloc" for the
				       *  tool */
};

/**
 * \brief Tell how the library was built, for `datamem-ctl info`.
 *
 * \param out       Filled in.
 * \param out_size  sizeof(*out) of the caller.
 *
 * \return 0, or
 *         -EINVAL: out is NULL or out_size is 0.
 */
DATAMEM_API int datamem_build_info_get(struct datamem_build_info *out,
				       size_t out_size);

#ifdef __cplusplus
}
#endif

#endif /* DATAMEM_H */

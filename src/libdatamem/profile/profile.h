/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The sampled profile: which stacks hold and allocate how many bytes.
 *
 * weight.c    probabilities, weights, intervals: the mathematics
 * sampler.c   whose turn it is; how often a thread can afford it
 * frames.c    the stack of the calling thread: native.c, python.c
 * mappings.c  which objects native frames lie in
 * tables.c    the file that other processes read (profile-page.h)
 * stacks.c, samples.c  what is in it
 * profile.c   samples come and go
 * switch.c    start, stop, fork
 * write.c     datamem_profile_write()
 *
 * Used from above as accounts are (trace.h): begin before the memory operation
 * decides whether the block will be sampled, so that the caller can put a small
 * one where its free is seen; commit and cancel cannot fail. A sample that is
 * resized is out of the table meanwhile. A resize counts as an allocation of
 * the new size, with a trial of its own.
 *
 * All functions are thread-safe, and called with no lock held. Memory is mapped
 * here, never taken from the allocator above.
 */
#ifndef DMEM_PROFILE_H
#define DMEM_PROFILE_H

#include "base.h"

/* Written by profile.c only. */
extern bool dmem_profile_active;

/* Whether a profile is taken. One relaxed load. */
DMEM_INLINE bool dmem_profile_on(void)
{
	return dmem_unlikely(dmem_load(&dmem_profile_active));
}

/* Bounds of a thread's stack, found at its first sample. */
struct dmem_stack_bounds {
	uintptr_t low, high;  /* high 0: not looked for yet; low 0: unknown */
};

/* The sampling of a thread; zero at its beginning. */
struct dmem_sampler {
	uint64_t random;      /* 0: not seeded yet */
	uint64_t interval;    /* that the present countdown was drawn with */
	unsigned int epoch;   /* of the profile that it counts for */
	unsigned int raised;  /* the interval is so many times doubled */
	uint64_t ended;       /* the thread's time at the end of its last sample */
	int64_t credit;       /* nanoseconds that samples may take */
	struct dmem_stack_bounds bounds;
	int tid;
	bool inside;          /* of a sample: no other is taken */
};

/* What a sampled block stands for. */
struct dmem_weight {
	uint64_t count;     /* blocks, in 1/PROFILE_COUNT_UNIT */
	uint64_t bytes;
	uint64_t variance;  /* of the bytes, KiB^2 */
};

struct dmem_sample {
	uintptr_t address;
	uint64_t nbytes, interval, time, serial;
	struct dmem_weight weight;
	uint32_t stack;
	uint32_t tid;
};

/* An operation under way; on the stack of the caller. */
struct dmem_profile_ticket {
	struct dmem_sampler *sampler;
	int64_t *left;
	size_t nbytes;
	uint64_t interval;       /* 0: the block is not sampled */
	unsigned int epoch;
	struct dmem_sample old;  /* of a resize; address 0: there was none */
};

/*
 * A thread has another number of bytes to go: its countdown is below 0, and so
 * the next allocation comes here, where a fresh one is drawn.
 */
bool dmem_profile_stale(const struct dmem_sampler *sampler);

/* The thread is that of a forked child now: another one, which is not to sample
 * the same as its parent. */
void dmem_profile_forked(struct dmem_sampler *sampler);

/*
 * Begin a new block (old_ptr NULL) or a resize. sampler and left, the thread's
 * countdown: NULL for a thread that has none. Returns whether the block is
 * sampled.
 */
bool dmem_profile_begin(struct dmem_profile_ticket *ticket,
			struct dmem_sampler *sampler, int64_t *left,
			const void *old_ptr, size_t nbytes);

/*
 * It succeeded; of a block whose free would not be seen the caller sets the
 * ticket's interval to 0. handler is its name, frame what
 * __builtin_frame_address(0) is in a function of the caller. Keeps errno.
 */
void dmem_profile_commit(struct dmem_profile_ticket *ticket, const void *ptr,
			 const char *handler, void *const *frame);

/* It failed: everything is as before begin. */
void dmem_profile_cancel(struct dmem_profile_ticket *ticket);

/* A block is about to be freed. */
void dmem_profile_free(const void *ptr);

/*
 * Have toggled(on) called when a profile starts, from where on threads are to
 * count the bytes that they allocate, and when it stops, under a lock, and
 * settle() after it without. One watcher; set at init.
 */
void dmem_profile_watch(void (*toggled)(bool on), void (*settle)(void));

/* Once; then, when the library is ready, begin what the environment wants. */
void dmem_profile_init(void);
void dmem_profile_ready(void);

void dmem_profile_fork_prepare(void);
void dmem_profile_fork_parent(void);
void dmem_profile_fork_child(void);

#endif /* DMEM_PROFILE_H */

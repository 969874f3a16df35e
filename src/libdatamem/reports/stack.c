/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Stacks by the unwinder of the compiler, where there is room for it. */
#include "reports.h"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include "kernel/kernel.h"
#include "linker.h"
#include "unwinder.h"

/* The unwinder takes 3 to 5 KiB, the linker at the first call of a function as
 * much on processors with large registers. */
#define ROOM (16 * DMEM_KIB)

/* On a stack for signals, which may be of 8 KiB, of which the kernel's frame
 * takes more than three; the linker has been called before. The unwinder's own
 * frames have room for each register: elsewhere there are a hundred. */
#if defined(__x86_64__)
#define ROOM_FOR_SIGNALS (3 * DMEM_KIB)
#else
#define ROOM_FOR_SIGNALS (8 * DMEM_KIB)
#endif

/* No page is smaller. */
#define STEP ((size_t)4 * DMEM_KIB)

struct walk {
	const struct dmem_unwinder *unwinder;
	struct dmem_stack *out;
	uintptr_t from;  /* the first frame that is wanted; 0: it was seen */
};

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	uintptr_t ip = dmem_load(&walk->unwinder->ip)(context);

	if (walk->from && ip != walk->from)
		return _URC_NO_REASON;
	walk->from = 0;
	if (!ip || walk->out->depth == DMEM_STACK_DEPTH)
		return _URC_END_OF_STACK;
	walk->out->frames[walk->out->depth++] = ip;
	return _URC_NO_REASON;
}

void dmem_stack_prepare(void)
{
	struct dmem_stack ignored = { 0 };
	struct walk walk = { dmem_unwinder_load(), &ignored, 0 };

	/* What it sets up at its first use is set up now. */
	if (walk.unwinder)
		dmem_load(&walk.unwinder->backtrace)(visit, &walk);
}

/* On the first stack of the process, which grows as it is used. */
static bool is_first_stack(uintptr_t here, bool *room)
{
	/* A few bytes that the kernel has put above all frames. */
	uintptr_t top = (uintptr_t)getauxval(AT_RANDOM);
	struct rlimit limit;

	if (!top || here >= top || getrlimit(RLIMIT_STACK, &limit))
		return false;
	if (limit.rlim_cur > DMEM_GIB)
		limit.rlim_cur = DMEM_GIB;
	if (top - here >= limit.rlim_cur)
		return false;
	/* Arguments and environment lie above, and count. */
	*room = top - here + 2 * ROOM < limit.rlim_cur;
	return true;
}

/* Below one for signals lies whatever the host has put there. */
static bool is_for_signals(uintptr_t here, bool *room)
{
	stack_t stack;

	if (sigaltstack(NULL, &stack) || !(stack.ss_flags & SS_ONSTACK))
		return false;
	*room = here - (uintptr_t)stack.ss_sp >= ROOM_FOR_SIGNALS;
	return true;
}

/* Stacks of threads and coroutines are mapped as a whole, between guards. */
static bool has_room(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), word;
	int saved = errno;
	bool room = true;

	if (!is_for_signals(here, &room) && !is_first_stack(here, &room))
		for (size_t below = STEP; below <= ROOM && room; below += STEP)
			room = dmem_kernel_peek((void *)((here - below) &
							 ~sizeof(word)),
						&word, 1);
	errno = saved;
	return room;
}

void dmem_stack_take(struct dmem_stack *out, uintptr_t pc)
{
	uintptr_t caller = (uintptr_t)__builtin_return_address(0);
	struct walk walk = { dmem_unwinder(), out, pc ? pc : caller };

	out->depth = 0;
	out->exact = pc;
	out->tid = dmem_kernel_thread_id();
	if (walk.unwinder && has_room() && dmem_linker_enter()) {
		dmem_load(&walk.unwinder->backtrace)(visit, &walk);
		dmem_linker_leave();
	}
	if (!out->depth)
		out->frames[out->depth++] = walk.from;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Stacks by the unwinder of the compiler, where there is room for it. */
#include "stack.h"

#include <dlfcn.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unwind.h>

#include "kernel/kernel.h"

/* The unwinder takes 3 to 5 KiB, the linker at the first call of a function as
 * much on processors with large registers. */
#define ROOM (16 * DMEM_KIB)

/* No page is smaller. */
#define STEP ((size_t)4 * DMEM_KIB)

static _Unwind_Reason_Code (*backtrace_fn)(_Unwind_Trace_Fn, void *);
static uintptr_t (*get_ip)(struct _Unwind_Context *);

struct walk {
	struct dmem_stack *out;
	uintptr_t from;  /* the first frame that is wanted; 0: it was seen */
};

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	uintptr_t ip = get_ip(context);

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
	struct walk walk = { &ignored, 0 };
	void *unwinder;

	if (dmem_load_acquire(&backtrace_fn))
		return;
	unwinder = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!unwinder)
		return;
	*(void **)&get_ip = dlsym(unwinder, "_Unwind_GetIP");
	if (get_ip)
		dmem_store_release(&backtrace_fn,
			(_Unwind_Reason_Code (*)(_Unwind_Trace_Fn, void *))
			dlsym(unwinder, "_Unwind_Backtrace"));
	/* What it sets up at its first use is set up now. */
	if (backtrace_fn)
		backtrace_fn(visit, &walk);
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

/* Stacks of threads and coroutines are mapped as a whole, between guards. */
static bool has_room(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), word;
	int saved = errno;
	bool room = true;

	if (!is_first_stack(here, &room))
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
	struct walk walk = { out, pc ? pc : caller };

	out->depth = 0;
	out->exact = pc;
	out->tid = dmem_kernel_thread_id();
	if (dmem_load_acquire(&backtrace_fn) && has_room())
		backtrace_fn(visit, &walk);
	if (!out->depth)
		out->frames[out->depth++] = walk.from;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A stack: Python's frames first, as they say where the native ones end. */
#include "frames.h"

#include <pthread.h>

/* Unwinder and Python need some; a thread that has less gets no frames. */
#define STACK_MIN (32 * DMEM_KIB)

void dmem_frames_prepare(void)
{
	dmem_native_prepare();
	dmem_python_prepare();
}

/* Of the first thread: as far as its limit lets it grow. Allocates and frees. */
static void find_bounds(struct dmem_stack_bounds *bounds)
{
	pthread_attr_t attr;
	size_t nbytes;
	void *low;

	bounds->high = 1;
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &low, &nbytes)) {
		bounds->low = (uintptr_t)low;
		bounds->high = (uintptr_t)low + nbytes;
	}
	pthread_attr_destroy(&attr);
}

/* Whether the thread is on the stack that it was made with, and enough is
 * left. */
static bool has_room(struct dmem_stack_bounds *bounds, const void *frame)
{
	uintptr_t here = (uintptr_t)frame;

	if (!bounds->high)
		find_bounds(bounds);
	return bounds->low && here < bounds->high &&
	       here >= bounds->low + STACK_MIN;
}

void dmem_frames_take(struct dmem_frames *out, struct dmem_stack_bounds *bounds,
		      void *const *frame)
{
	struct dmem_text end = { 0, 0 };

	out->natives = out->pythons = out->flags = 0;
	if (!has_room(bounds, frame)) {
		out->flags |= PROFILE_NO_NATIVE;
		return;
	}
	dmem_python_take(out);
	if (out->pythons)
		end = dmem_python_text();
	dmem_native_take(out, bounds, &end, frame);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Taking the stack of the calling thread. For profile/ only; with no lock held:
 * Python and the dynamic linker have locks of their own.
 */
#ifndef DMEM_PROFILE_FRAMES_H
#define DMEM_PROFILE_FRAMES_H

#include "profile.h"

#include "../../profile-page.h"

/* The texts live as long as the frame runs. */
struct dmem_python_frame {
	const char *file, *function;
	uint32_t line;
};

struct dmem_frames {
	uint16_t natives, pythons, flags;  /* enum profile_stack_flags */
	uintptr_t native[PROFILE_NATIVE_MAX];
	struct dmem_python_frame python[PROFILE_PYTHON_MAX];
};

/* A range of addresses. */
struct dmem_text {
	uintptr_t start, end;
};

/*
 * Where a function's frame has the way to its caller, by architecture: from what
 * __builtin_frame_address(0) is in it, the word of the caller's frame pointer, and
 * behind that the one of the return address.
 */
#if defined(__powerpc64__)
#define DMEM_FRAME_START(frame) ((void *const *)*(frame))
#define DMEM_FRAME_RETURN 2
#else
#define DMEM_FRAME_START(frame) (frame)
#define DMEM_FRAME_RETURN 1
#endif

/*
 * Load what takes stacks: the unwinder, Python's functions where they are. With
 * no lock held; again when Python may have come.
 */
void dmem_frames_prepare(void);

/*
 * frame: of __builtin_frame_address(0) of a function of ours, whose saved frame
 * pointer and return address are its caller's.
 */
void dmem_frames_take(struct dmem_frames *out, struct dmem_stack_bounds *bounds,
		      void *const *frame);

/* native.c: frames until one that lies in `end`. */
void dmem_native_prepare(void);
/* Places in the code may be others by now. */
void dmem_native_forget(void);
extern uint64_t dmem_native_walks;  /* stacks taken by pointers alone */
void dmem_native_take(struct dmem_frames *out,
		      const struct dmem_stack_bounds *bounds,
		      const struct dmem_text *end, void *const *frame);

/* python.c: with no frames if the thread may not look. */
void dmem_python_prepare(void);
void dmem_python_take(struct dmem_frames *out);
/* Where the interpreter is; empty: there is none. */
struct dmem_text dmem_python_text(void);

/* mappings.c: the text that an address lies in, of the object's executable
 * segment; empty: of none. */
struct dmem_text dmem_mappings_text(uintptr_t address);

#endif /* DMEM_PROFILE_FRAMES_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Native frames. The compiler's unwinder is always right, and takes 0.1 us a
 * frame. Frame pointers take 2 ns, where the function keeps one: that is a
 * property of the place in the code. So whenever the unwinder is used, the places
 * are noted where the frame pointer gave the same caller and the same frame of
 * it; a stack whose places are all known is walked by pointers alone, with the
 * same result.
 */
#include "frames.h"

#include <sys/auxv.h>

#include "linker.h"
#include "unwinder.h"

/*
 * By architecture: the number of the frame pointer among DWARF's registers. The
 * caller's frame pointer lies where it points to, and the return address in a
 * word behind. On ppc64 a stack pointer points to its caller's, which takes the
 * part of the frame pointer here.
 */
#if defined(__x86_64__)
#define FRAME_POINTER 6
#elif defined(__aarch64__)
#define FRAME_POINTER 29
#elif defined(__powerpc64__)
#define BACK_CHAIN 1
#endif

/* The library; empty: linked statically. */
static struct dmem_text own;

uint64_t dmem_native_walks;

/* Places: a return address times two, plus one where the stack ends. */
#define PLACES 4096u
static uint64_t places[PLACES] DMEM_TABLE;

static uint64_t *place_of(uintptr_t ip)
{
	return &places[dmem_hash(ip) >> 52];
}

static bool is_known(uintptr_t ip, bool last)
{
	return dmem_load(place_of(ip)) == ((uint64_t)ip << 1 | last);
}

static void learn(uintptr_t ip, bool last)
{
	dmem_store(place_of(ip), (uint64_t)ip << 1 | last);
}

void dmem_native_forget(void)
{
	for (size_t i = 0; i < PLACES; i++)
		dmem_store(&places[i], 0);
}

/*
 * Threads that come at once find the same, and each has it when it goes on. Who
 * takes a stack may have seen that there is a profile, and no lock since.
 */
void dmem_native_prepare(void)
{
	static bool done;
	struct dmem_text library, program;

	if (dmem_load_acquire(&done))
		return;
	library = dmem_mappings_text((uintptr_t)dmem_native_prepare);
	program = dmem_mappings_text((uintptr_t)getauxval(AT_ENTRY));
	if (library.start != program.start) {
		dmem_store(&own.start, library.start);
		dmem_store(&own.end, library.end);
	}
	dmem_unwinder_load();
	dmem_store_release(&done, true);
}

static bool lies_in(uintptr_t address, const struct dmem_text *text)
{
	return address >= dmem_load(&text->start) &&
	       address < dmem_load(&text->end);
}

/* Add a frame; false: it was the last that is wanted. */
static bool add(struct dmem_frames *out, uintptr_t ip,
		const struct dmem_text *end)
{
	if (lies_in(ip, end))
		return false;
	if (!out->natives && lies_in(ip, &own))
		return true;
	if (out->natives == PROFILE_NATIVE_MAX) {
		out->flags |= PROFILE_CUT_NATIVE;
		return false;
	}
	out->native[out->natives++] = ip;
	return true;
}

/* Whether a frame pointer points to a frame's words on the stack. */
static bool is_frame(uintptr_t frame, uintptr_t above,
		     const struct dmem_stack_bounds *bounds)
{
	return frame > above && DMEM_IS_ALIGNED(frame, sizeof(uintptr_t)) &&
	       frame < bounds->high -
			       (DMEM_FRAME_RETURN + 1) * sizeof(uintptr_t);
}

/* False: a place is not known to keep a frame pointer. */
static bool walk(struct dmem_frames *out,
		 const struct dmem_stack_bounds *bounds,
		 const struct dmem_text *end, void *const *start)
{
	uintptr_t above = (uintptr_t)start;
	uintptr_t ip = (uintptr_t)start[DMEM_FRAME_RETURN];
	uintptr_t frame = (uintptr_t)start[0];

	for (;;) {
		if (!add(out, ip, end) || is_known(ip, true))
			return true;
		if (!is_known(ip, false) || !is_frame(frame, above, bounds))
			return false;
		above = frame;
		ip = ((const uintptr_t *)above)[DMEM_FRAME_RETURN];
		frame = ((const uintptr_t *)above)[0];
	}
}

struct unwinding {
	const struct dmem_unwinder *unwinder;
	struct dmem_frames *out;
	const struct dmem_stack_bounds *bounds;
	const struct dmem_text *end;
	uintptr_t ip, frame;      /* of the frame before; ip 0: none */
	uintptr_t above;
	uintptr_t first;          /* our own frames end there; 0: they have */
};

/* That of the function which a context is about; 0: there is none. */
static uintptr_t frame_of(const struct unwinding *state,
			  struct _Unwind_Context *context)
{
#if defined(FRAME_POINTER)
	return dmem_load(&state->unwinder->reg)(context, FRAME_POINTER);
#elif defined(BACK_CHAIN)
	uintptr_t sp = dmem_load(&state->unwinder->sp)(context);

	return is_frame(sp, state->above, state->bounds) ? *(uintptr_t *)sp : 0;
#else
	(void)state;
	(void)context;
	return 0;
#endif
}

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *arg)
{
	struct unwinding *state = arg;
	uintptr_t ip = dmem_load(&state->unwinder->ip)(context), frame;

	/* What ends the stack on some systems. */
	if (!ip)
		return _URC_END_OF_STACK;
	if (state->first && ip != state->first)
		return _URC_NO_REASON;
	state->first = 0;
	frame = frame_of(state, context);
	if (state->ip && is_frame(state->frame, state->above, state->bounds)) {
		const uintptr_t *words = (const uintptr_t *)state->frame;

		if (words[DMEM_FRAME_RETURN] == ip && words[0] == frame)
			learn(state->ip, false);
		state->above = state->frame;
	}
	state->ip = ip;
	state->frame = frame;
	return add(state->out, ip, state->end) ? _URC_NO_REASON
					       : _URC_END_OF_STACK;
}

void dmem_native_take(struct dmem_frames *out,
		      const struct dmem_stack_bounds *bounds,
		      const struct dmem_text *end, void *const *frame)
{
	void *const *start = DMEM_FRAME_START(frame);
	struct unwinding state = {
		dmem_unwinder(), out, bounds, end, 0, 0, (uintptr_t)start - 1,
		(uintptr_t)start[DMEM_FRAME_RETURN],
	};

	if (walk(out, bounds, end, start)) {
		dmem_count(&dmem_native_walks, 1);
		return;
	}
	out->natives = 0;
	out->flags &= (uint16_t)~PROFILE_CUT_NATIVE;
	if (!state.unwinder || !dmem_linker_enter()) {
		out->flags |= PROFILE_NO_NATIVE;
		add(out, (uintptr_t)start[DMEM_FRAME_RETURN], end);
		return;
	}
	if (dmem_load(&state.unwinder->backtrace)(visit, &state) ==
		    _URC_END_OF_STACK && state.ip)
		learn(state.ip, true);
	dmem_linker_leave();
	/* It could not see as far as that. */
	if (state.first)
		add(out, (uintptr_t)start[DMEM_FRAME_RETURN], end);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Python's frames, through its public C interface (3.9 and later), of which the
 * functions are found by name when a profile is started: a process without
 * Python, or with an older one, has none.
 *
 * Functions are named with their class since 3.11.
 *
 * Frame objects come into being when they are asked for, which before 3.12 may
 * set off the collector, and that runs any code: there the collector is off
 * meanwhile, and a sample inside of a sample is not taken (sampler.h). From 3.12
 * on it runs between two instructions of Python alone. It is left as it is then:
 * without a global lock, to switch it off and on would undo what other threads
 * do to it. An exception that is under way is put aside. What is asked of code
 * objects are members that every version has had.
 */
#include "frames.h"

#include <dlfcn.h>

/* Opaque here. */
typedef struct object object;

static struct {
	int (*gil_check)(void);
	void *(*this_thread)(void);        /* PyGILState_GetThisThreadState() */
	void *(*current_thread)(void);
	object *(*thread_frame)(void *);
	object *(*frame_back)(object *);
	object *(*frame_code)(object *);
	int (*frame_line)(object *);
	object *(*get_attribute)(object *, const char *);
	const char *(*as_utf8)(object *);
	void (*release)(object *);
	void (*fetch)(object **, object **, object **);
	void (*restore)(object *, object *, object *);
	/* Of 3.10 and 3.11; without, the collector may run. */
	int (*gc_disable)(void);
	int (*gc_enable)(void);
} py;

static bool have;               /* all of the above but the last two */
static const char *function_name = "co_name";
static struct dmem_text text;

/* A function pointer out of dlsym(3); ISO C has no cast for that. */
static bool find(void *to, const char *name)
{
	void *symbol = dlsym(RTLD_DEFAULT, name);

	if (symbol)
		__builtin_memcpy(to, &symbol, sizeof(symbol));
	return symbol;
}

static bool find_all(void)
{
	return find(&py.gil_check, "PyGILState_Check") &&
	       find(&py.this_thread, "PyGILState_GetThisThreadState") &&
	       (find(&py.current_thread, "PyThreadState_GetUnchecked") ||
		find(&py.current_thread, "_PyThreadState_UncheckedGet")) &&
	       find(&py.thread_frame, "PyThreadState_GetFrame") &&
	       find(&py.frame_back, "PyFrame_GetBack") &&
	       find(&py.frame_code, "PyFrame_GetCode") &&
	       find(&py.frame_line, "PyFrame_GetLineNumber") &&
	       find(&py.get_attribute, "PyObject_GetAttrString") &&
	       find(&py.as_utf8, "PyUnicode_AsUTF8") &&
	       find(&py.release, "Py_DecRef") &&
	       find(&py.fetch, "PyErr_Fetch") &&
	       find(&py.restore, "PyErr_Restore");
}

/* Its functions are called for good: it is not to be unloaded. */
static void pin(void)
{
	Dl_info info;
	void *address;

	__builtin_memcpy(&address, &py.gil_check, sizeof(address));
	if (dladdr(address, &info) && info.dli_fname)
		(void)!dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
}

/* Py_Version, as PY_VERSION_HEX; came with 3.11. */
static void look_at_version(const unsigned long *version)
{
	/* With it came names that have the class in them. */
	if (version)
		function_name = "co_qualname";
	if ((version && *version >= 0x030c0000) ||
	    !find(&py.gc_disable, "PyGC_Disable") ||
	    !find(&py.gc_enable, "PyGC_Enable"))
		py.gc_disable = NULL;
}

void dmem_python_prepare(void)
{
	static int preparing;
	int none = 0;

	if (dmem_load_acquire(&have) ||
	    !__atomic_compare_exchange_n(&preparing, &none, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	if (find_all()) {
		look_at_version(dlsym(RTLD_DEFAULT, "Py_Version"));
		text = dmem_mappings_text((uintptr_t)py.gil_check);
		pin();
		dmem_store_release(&have, true);
	}
	dmem_store_release(&preparing, 0);
}

struct dmem_text dmem_python_text(void)
{
	return text;
}

/*
 * The state of the thread, if it holds the lock, or is attached where there is
 * none. PyGILState_Check() says yes to everybody once there was a second
 * interpreter (before 3.12): then only a thread of the first one, which is the
 * current one, is known to be right.
 */
static void *thread_state(void)
{
	void *state;

	if (!py.gil_check())
		return NULL;
	state = py.current_thread();
	return state && state == py.this_thread() ? state : NULL;
}

/* A text of a code object, which lives as long as that; "?": none. */
static const char *get_text(object *code, const char *name)
{
	object *value = py.get_attribute(code, name);
	const char *found = value ? py.as_utf8(value) : NULL;

	if (value)
		py.release(value);
	return found ? found : "?";
}

static void add(struct dmem_frames *out, object *frame)
{
	struct dmem_python_frame *to = &out->python[out->pythons++];
	object *code = py.frame_code(frame);
	int line = py.frame_line(frame);

	to->file = get_text(code, "co_filename");
	to->function = get_text(code, function_name);
	to->line = line > 0 ? (uint32_t)line : 0;
	py.release(code);
}

static void take(struct dmem_frames *out, void *state)
{
	object *frame = py.thread_frame(state);

	while (frame && out->pythons < PROFILE_PYTHON_MAX) {
		object *back;

		add(out, frame);
		back = py.frame_back(frame);
		py.release(frame);
		frame = back;
	}
	if (frame) {
		out->flags |= PROFILE_CUT_PYTHON;
		py.release(frame);
	}
}

/* Python may come later than the profile: looked for now and then. */
static bool has_come(void)
{
	static uint32_t asked;
	uint32_t n;

	if (dmem_likely(dmem_load_acquire(&have)))
		return true;
	n = dmem_fetch_add(&asked, 1);
	if (n & (n - 1))
		return false;
	dmem_python_prepare();
	return dmem_load_acquire(&have);
}

void dmem_python_take(struct dmem_frames *out)
{
	object *type, *value, *traceback;
	int collected = 0;
	void *state;

	if (!has_come())
		return;
	state = thread_state();
	if (!state)
		return;
	dmem_host_call("Python");
	if (py.gc_disable)
		collected = py.gc_disable();
	py.fetch(&type, &value, &traceback);
	take(out, state);
	/* Also drops one of ours, such as a name that is no UTF-8. */
	py.restore(type, value, traceback);
	if (collected)
		py.gc_enable();
}

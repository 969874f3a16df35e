/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The roof: wires the modules together at first use, hands fork(2) and exit(3)
 * on to them, and gives the calls that reach over several.
 */

#include <sched.h>

#include "alloc/alloc.h"
#include "arena/arena.h"
#include "cache/cache.h"
#include "control/control.h"
#include "events/events.h"
#include "guard/guard.h"
#include "handler/handler.h"
#include "hugepage/hugepage.h"
#include "linker.h"
#include "log.h"
#include "profile/profile.h"
#include "reports/reports.h"
#include "settings/settings.h"
#include "slab/slab.h"
#include "stats.h"
#include "trace/trace.h"

/* 0 before, an address that is the thread's alone while it wires, DONE. */
#define DONE UINTPTR_MAX
static uintptr_t state;

/*
 * fork(2), from the roof to the ground floor, in the order of locks.h:
 * prepare goes through the table downwards; parent and child, which undo it, go
 * upwards. The child's only thread is the one that locked, so that a module
 * whose state is as good there needs no child of its own (NULL: as parent).
 */
static const struct {
	void (*prepare)(void);
	void (*parent)(void);
	void (*child)(void);
} modules[] = {
	/* Who is in there may wait for a thread of the host, which may wait for
	 * any of the locks. */
	{ dmem_linker_fork_prepare, dmem_linker_fork_parent,
	  dmem_linker_fork_child },
	/* Last in the child: what the others count there goes, too. */
	{ NULL, NULL, dmem_stats_reset },
	/* It waits for a thread that may need any of the locks below. */
	{ dmem_control_fork_prepare, dmem_control_fork_parent,
	  dmem_control_fork_child },
	{ dmem_profile_fork_prepare, dmem_profile_fork_parent,
	  dmem_profile_fork_child },
	{ dmem_alloc_record_fork_prepare, dmem_alloc_record_fork_parent,
	  dmem_alloc_record_fork_child },
	{ dmem_trace_fork_prepare, dmem_trace_fork_parent,
	  dmem_trace_fork_child },
	{ dmem_stats_fork_prepare, dmem_stats_fork_parent, NULL },
	{ dmem_handler_fork_prepare, dmem_handler_fork_parent,
	  dmem_handler_fork_child },
	{ dmem_guard_fork_prepare, dmem_guard_fork_parent,
	  dmem_guard_fork_child },
	{ dmem_cache_fork_prepare, dmem_cache_fork_parent,
	  dmem_cache_fork_child },
	{ dmem_slab_fork_prepare, dmem_slab_fork_parent, NULL },
	{ dmem_arena_fork_prepare, dmem_arena_fork_parent,
	  dmem_arena_fork_child },
	{ dmem_guard_blocks_fork_prepare, dmem_guard_blocks_fork_parent, NULL },
	/* Leaves: taken under any of the others. */
	{ dmem_settings_fork_prepare, dmem_settings_fork_parent, NULL },
	{ dmem_log_fork_prepare, dmem_log_fork_parent, NULL },
	/* Notes who forks: under all locks, one thread at a time does. */
	{ dmem_report_fork_prepare, NULL, dmem_report_fork_child },
	/* First in the child: what the others count there must not reach the
	 * parent's control page. */
	{ NULL, NULL, dmem_control_fork_leave_page },
};

static void prepare(void)
{
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(modules); i++)
		if (modules[i].prepare)
			modules[i].prepare();
}

static void parent(void)
{
	for (size_t i = DMEM_ARRAY_SIZE(modules); i-- > 0;)
		if (modules[i].parent)
			modules[i].parent();
}

static void child(void)
{
	for (size_t i = DMEM_ARRAY_SIZE(modules); i-- > 0;)
		if (modules[i].child)
			modules[i].child();
		else
			modules[i].parent();
}

#ifdef __GLIBC__
/*
 * What pthread_atfork(3) calls. That itself is linked into each object, behind
 * all other code, where nothing else is that a small program runs: a page fault,
 * and up to 16 pages of code.
 */
int __register_atfork(void (*before)(void), void (*in_parent)(void),
		      void (*in_child)(void), void *object);
extern void *__dso_handle __attribute__((__visibility__("hidden")));
#define atfork(before, in_parent, in_child)                                  \
	__register_atfork(before, in_parent, in_child, __dso_handle)
#else
#define atfork pthread_atfork
#endif

static void wire(void)
{
	dmem_settings_init();
	/* Before any number is stored. */
	dmem_control_page_init();
	dmem_hugepage_init();
	dmem_arena_init();
	dmem_slab_init();
	dmem_cache_init();
	dmem_profile_init();
	dmem_events_init();
	dmem_guard_init();
	dmem_alloc_init();
	dmem_handler_init();
	dmem_control_init();
	/* Before any of the locks can be taken. Where it fails (no memory), a
	 * child of a threaded program must not allocate, as POSIX has it. */
	atfork(prepare, parent, child);
}

DMEM_COLD static void wire_once(void)
{
	uintptr_t none = 0, self = (uintptr_t)&errno;

	if (__atomic_compare_exchange_n(&state, &none, self, false,
					__ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
		wire();
		dmem_store_release(&state, DONE);
		/* May call a log function that allocates. */
		dmem_settings_report();
		dmem_profile_ready();
		dmem_control_ready();
		return;
	}
	/* A module that allocates while it is wired gets what works so far. */
	while (none != self && dmem_load_acquire(&state) != DONE)
		sched_yield();
}

void dmem_library_init(void)
{
	dmem_host_call("a public function");
	if (dmem_unlikely(dmem_load_acquire(&state) != DONE))
		wire_once();
}

/* Of the observer that `datamem-ctl record` preloads; NULL elsewhere. */
extern void datamem_observer_attach(
	int (*set_hook)(datamem_trace_hook hook, void *arg),
	int (*start)(void)) __attribute__((__weak__,
					   __visibility__("default")));

/* Settings of the environment are checked before the program does much. */
__attribute__((__constructor__)) static void at_load(void)
{
	/* Its first access to the library's variables is a store: one to read would
	 * be a page fault more. */
	wire_once();
	if (datamem_observer_attach)
		datamem_observer_attach(datamem_trace_set_hook,
					datamem_trace_start);
}

/* How long exit(3) waits for locks that others hold, in milliseconds. */
#define EXIT_PATIENCE 500

/*
 * Whether what is done at exit can be: the locks that it needs are free, or get
 * free. Not where exit(3) was called in a signal handler with one of them held,
 * or in a function of the host that was called with one, or beside a thread
 * that will never go on. No statistic is worth a process that does not end.
 */
static bool can_end_well(void)
{
	static bool (*const idle[])(unsigned int *patience) = {
		dmem_control_idle, dmem_cache_idle, dmem_slab_idle,
		dmem_arena_idle, dmem_guard_idle, dmem_settings_idle, dmem_log_idle,
	};
	unsigned int patience = EXIT_PATIENCE;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(idle); i++)
		if (!idle[i](&patience))
			return false;
	return true;
}

__attribute__((__destructor__)) static void at_exit(void)
{
	bool well = can_end_well();

	/* In a signal handler it may hold some that are not needed here. */
	dmem_lock_forget();
	dmem_control_at_exit(well);
	if (!well)
		return;
	/* Their findings belong in the final statistics. */
	dmem_alloc_at_exit();
	dmem_handler_at_exit();
	dmem_stats_at_exit();
}

size_t datamem_trim(size_t keep_bytes)
{
	dmem_library_init();
	return dmem_handler_trim(keep_bytes);
}

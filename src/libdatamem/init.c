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
#include "handler/debug.h"
#include "handler/handler.h"
#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "log.h"
#include "settings/settings.h"
#include "slab/slab.h"
#include "stats.h"
#include "trace/trace.h"

/* 0 before, the thread's id while it wires, DONE. */
#define DONE (-1)
static int state;

/* One order for all locks: from the roof to the ground floor. */
static void prepare(void)
{
	/* First: it waits for a thread that may need any of the others. */
	dmem_control_fork_prepare();
	dmem_trace_fork_prepare();
	dmem_handler_fork_prepare();
	dmem_debug_fork_prepare();
	dmem_cache_fork_prepare();
	dmem_slab_fork_prepare();
	dmem_arena_fork_prepare();
	/* Leaves: taken under any of the others. */
	dmem_settings_fork_prepare();
	dmem_log_fork_prepare();
}

static void parent(void)
{
	dmem_log_fork_parent();
	dmem_settings_fork_parent();
	dmem_arena_fork_parent();
	dmem_slab_fork_parent();
	dmem_cache_fork_parent();
	dmem_debug_fork_parent();
	dmem_handler_fork_parent();
	dmem_trace_fork_parent();
	dmem_control_fork_parent();
}

static void child(void)
{
	/* First: what the others count must not reach the parent's page. */
	dmem_control_fork_child();
	dmem_log_fork_child();
	dmem_settings_fork_child();
	dmem_arena_fork_child();
	dmem_slab_fork_parent();
	dmem_cache_fork_child();
	dmem_debug_fork_child();
	dmem_handler_fork_child();
	dmem_trace_fork_child();
	dmem_stats_reset();
}

static void wire(void)
{
	dmem_settings_init();
	dmem_hugepage_init();
	dmem_arena_init();
	dmem_slab_init();
	dmem_cache_init();
	dmem_alloc_init();
	dmem_handler_init();
	dmem_control_init();
	/* Before any of the locks can be taken. Where it fails (no memory), a
	 * child of a threaded program must not allocate, as POSIX has it. */
	pthread_atfork(prepare, parent, child);
}

DMEM_COLD static void wire_once(void)
{
	int none = 0, self = dmem_kernel_thread_id();

	if (__atomic_compare_exchange_n(&state, &none, self, false,
					__ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
		wire();
		dmem_store_release(&state, DONE);
		/* May call a log function that allocates. */
		dmem_settings_report();
		dmem_control_ready();
		return;
	}
	/* A module that allocates while it is wired gets what works so far. */
	while (none != self && dmem_load_acquire(&state) != DONE)
		sched_yield();
}

void dmem_library_init(void)
{
	if (dmem_unlikely(dmem_load_acquire(&state) != DONE))
		wire_once();
}

/* Settings of the environment are checked before the program does much. */
__attribute__((__constructor__)) static void at_load(void)
{
	dmem_library_init();
}

__attribute__((__destructor__)) static void at_exit(void)
{
	dmem_control_at_exit();
	/* Its findings belong in the final statistics. */
	dmem_debug_at_exit();
	dmem_stats_at_exit();
}

size_t datamem_trim(size_t keep_bytes)
{
	dmem_library_init();
	dmem_cache_trim();
	return dmem_arena_trim(keep_bytes);
}

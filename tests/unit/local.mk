# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# One program a module: check_<module>, linked to the core library, with
# -Wl,--wrap=... where it fakes the kernel. For each:
#
#check_PROGRAMS += %D%/check_log
#%C%_check_log_SOURCES = %D%/check_log.c
#%C%_check_log_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_log_LDADD = $(unit_libs)

if HAVE_CHECK

check_PROGRAMS += %D%/check_log
%C%_check_log_SOURCES = %D%/check_log.c
%C%_check_log_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_log_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_locks
%C%_check_locks_SOURCES = %D%/check_locks.c
%C%_check_locks_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_locks_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_locks

check_PROGRAMS += %D%/check_holds
%C%_check_holds_SOURCES = %D%/check_holds.c
%C%_check_holds_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_holds_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_settings
%C%_check_settings_SOURCES = %D%/check_settings.c %D%/alone.h
%C%_check_settings_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_settings_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_environment
%C%_check_environment_SOURCES = %D%/check_environment.c %D%/alone.h
%C%_check_environment_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_environment_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_stats
%C%_check_stats_SOURCES = %D%/check_stats.c %D%/no-memory.h %D%/alone.h
%C%_check_stats_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_stats_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_stats_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_trace
%C%_check_trace_SOURCES = %D%/check_trace.c %D%/accounts.h %D%/alone.h
%C%_check_trace_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_trace_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_ledger
%C%_check_ledger_SOURCES = %D%/check_ledger.c %D%/accounts.h %D%/alone.h
%C%_check_ledger_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_ledger_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_ledger_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_misuse
%C%_check_misuse_SOURCES = %D%/check_misuse.c %D%/alone.h
%C%_check_misuse_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_misuse_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_sampler
%C%_check_sampler_SOURCES = %D%/check_sampler.c %D%/alone.h
%C%_check_sampler_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_sampler_LDADD = $(unit_libs) -lm

check_PROGRAMS += %D%/check_native
%C%_check_native_SOURCES = %D%/check_native.c %D%/alone.h
%C%_check_native_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_native_CFLAGS = $(AM_CFLAGS) -fno-omit-frame-pointer \
	-fno-optimize-sibling-calls
%C%_check_native_LDADD = $(unit_libs)

threaded_tests += %D%/check_log %D%/check_settings %D%/check_stats \
	%D%/check_ledger %D%/check_trace
valgrind_tests += %D%/check_environment %D%/check_settings

check_PROGRAMS += %D%/check_registry
%C%_check_registry_SOURCES = %D%/check_registry.c %D%/no-memory.h tests/fake-handler.h
%C%_check_registry_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_registry_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_registry_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_handler
%C%_check_handler_SOURCES = %D%/check_handler.c tests/fake-handler.h
%C%_check_handler_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_handler_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_trace_begin
%C%_check_handler_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_context
%C%_check_context_SOURCES = %D%/check_context.c %D%/no-memory.h tests/fake-handler.h
%C%_check_context_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_context_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_context_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_buffer
%C%_check_buffer_SOURCES = %D%/check_buffer.c tests/fake-handler.h
%C%_check_buffer_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_debug
%C%_check_debug_SOURCES = %D%/check_debug.c %D%/debug-reports.h \
	%D%/no-memory.h
%C%_check_debug_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_debug_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_debug_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_debug_made
%C%_check_debug_made_SOURCES = %D%/check_debug_made.c %D%/debug-reports.h
%C%_check_debug_made_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_debug_made_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_ring
%C%_check_ring_SOURCES = %D%/check_ring.c
%C%_check_ring_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_ring_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_boot_ns \
	-Wl,--wrap=dmem_kernel_clock_ms
%C%_check_ring_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_ring

check_PROGRAMS += %D%/check_reports
%C%_check_reports_SOURCES = %D%/check_reports.c
%C%_check_reports_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_reports_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_reports

check_PROGRAMS += %D%/check_debug_fill
%C%_check_debug_fill_SOURCES = %D%/check_debug_fill.c %D%/debug-reports.h
%C%_check_debug_fill_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_debug_fill_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=dmem_kernel_memory_left -Wl,--wrap=dmem_kernel_advise
%C%_check_debug_fill_LDADD = $(unit_libs)

threaded_tests += %D%/check_registry %D%/check_context %D%/check_debug
valgrind_tests += %D%/check_registry %D%/check_buffer %D%/check_runs

# A program that lists $(fake_kernel_sources) and links with
# $(fake_kernel_ldflags) can make kernel calls fail: see fake-kernel.h.
fake_kernel_sources = %D%/fake-kernel.c %D%/fake-kernel.h
fake_kernel_ldflags = \
	-Wl,--wrap=mmap,--wrap=munmap,--wrap=mremap,--wrap=madvise \
	-Wl,--wrap=mprotect,--wrap=mincore,--wrap=prctl,--wrap=ioctl \
	-Wl,--wrap=getrusage,--wrap=syscall

# The same with huge pages: see fake-thp.h.
fake_thp_sources = %D%/fake-thp.c %D%/fake-thp.h %D%/alone.h \
	$(fake_kernel_sources)

check_PROGRAMS += %D%/check_kernel
%C%_check_kernel_SOURCES = %D%/check_kernel.c $(fake_kernel_sources)
%C%_check_kernel_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_kernel_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_kernel_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_memory
%C%_check_memory_SOURCES = %D%/check_memory.c $(fake_kernel_sources)
%C%_check_memory_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_memory_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_memory_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_moves
%C%_check_moves_SOURCES = %D%/check_moves.c $(fake_kernel_sources)
%C%_check_moves_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_moves_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_moves_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_numa
%C%_check_numa_SOURCES = %D%/check_numa.c $(fake_kernel_sources)
%C%_check_numa_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_numa_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_numa_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_facts
%C%_check_facts_SOURCES = %D%/check_facts.c $(fake_kernel_sources)
%C%_check_facts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_facts_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_facts_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_cgroup
%C%_check_cgroup_SOURCES = %D%/check_cgroup.c $(fake_kernel_sources)
%C%_check_cgroup_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_cgroup_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_cgroup_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_pressure
%C%_check_pressure_SOURCES = %D%/check_pressure.c $(fake_kernel_sources)
%C%_check_pressure_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_pressure_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_pressure_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_residency
%C%_check_residency_SOURCES = %D%/check_residency.c $(fake_kernel_sources)
%C%_check_residency_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_residency_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_residency_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_probe
%C%_check_probe_SOURCES = %D%/check_probe.c $(fake_thp_sources)
%C%_check_probe_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_probe_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_probe_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_reprobe
%C%_check_reprobe_SOURCES = %D%/check_reprobe.c $(fake_thp_sources)
%C%_check_reprobe_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_reprobe_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags) \
	-Wl,--wrap=dmem_kernel_clock_ms
%C%_check_reprobe_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_reprobe

check_PROGRAMS += %D%/check_hugepage
%C%_check_hugepage_SOURCES = %D%/check_hugepage.c $(fake_thp_sources)
%C%_check_hugepage_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_hugepage_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_hugepage_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_runs
%C%_check_runs_SOURCES = %D%/check_runs.c %D%/alone.h
%C%_check_runs_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_runs_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_kept
%C%_check_kept_SOURCES = %D%/check_kept.c %D%/alone.h
%C%_check_kept_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_kept_LDADD = $(unit_libs)
valgrind_tests += %D%/check_kept

check_PROGRAMS += %D%/check_slab
%C%_check_slab_SOURCES = %D%/check_slab.c
%C%_check_slab_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_slab_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_reclass
%C%_check_reclass_SOURCES = %D%/check_reclass.c
%C%_check_reclass_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_reclass_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_reclass

check_PROGRAMS += %D%/check_window
%C%_check_window_SOURCES = %D%/check_window.c
%C%_check_window_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_window_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_find_range
%C%_check_window_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_regions
%C%_check_regions_SOURCES = %D%/check_regions.c
%C%_check_regions_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_regions_LDADD = $(unit_libs) -lpthread

check_PROGRAMS += %D%/check_refusals
%C%_check_refusals_SOURCES = %D%/check_refusals.c %D%/refusals.h \
	$(fake_kernel_sources)
%C%_check_refusals_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_refusals_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_refusals_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_upkeep
%C%_check_upkeep_SOURCES = %D%/check_upkeep.c %D%/refusals.h \
	$(fake_kernel_sources)
%C%_check_upkeep_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_upkeep_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_upkeep_LDADD = $(unit_libs) -lpthread

check_PROGRAMS += %D%/check_shortage
%C%_check_shortage_SOURCES = %D%/check_shortage.c $(fake_kernel_sources)
%C%_check_shortage_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_shortage_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_shortage_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_budget
%C%_check_budget_SOURCES = %D%/check_budget.c
%C%_check_budget_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_budget_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=dmem_kernel_membarrier,--wrap=dmem_kernel_clock_ms
%C%_check_budget_LDADD = $(unit_libs)
threaded_tests += %D%/check_budget

check_PROGRAMS += %D%/check_idle
%C%_check_idle_SOURCES = %D%/check_idle.c tests/api/own-page.h \
	tests/api/own-file.h
%C%_check_idle_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src \
	-I$(top_srcdir)/src/libdatamem
%C%_check_idle_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_clock_ms \
	-Wl,--wrap=dmem_arena_when_kept -Wl,--wrap=dmem_upkeep_tick
%C%_check_idle_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_idle

check_PROGRAMS += %D%/check_start
%C%_check_start_SOURCES = %D%/check_start.c
%C%_check_start_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_start_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=uname,--wrap=sched_getaffinity \
	-Wl,--wrap=mmap,--wrap=munmap,--wrap=mprotect,--wrap=mremap \
	-Wl,--wrap=openat,--wrap=read,--wrap=close,--wrap=ftruncate \
	-Wl,--wrap=fcntl,--wrap=getrlimit,--wrap=syscall
%C%_check_start_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_cache
%C%_check_cache_SOURCES = %D%/check_cache.c
%C%_check_cache_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_cache_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_membarrier
%C%_check_cache_LDADD = $(unit_libs)
threaded_tests += %D%/check_cache

check_PROGRAMS += %D%/check_threads
%C%_check_threads_SOURCES = %D%/check_threads.c %D%/crowd.h
%C%_check_threads_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_threads_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_membarrier
%C%_check_threads_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_threads

check_PROGRAMS += %D%/check_drain
%C%_check_drain_SOURCES = %D%/check_drain.c %D%/crowd.h
%C%_check_drain_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_drain_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_membarrier \
	-Wl,--wrap=dmem_slab_pass
%C%_check_drain_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_drain

check_PROGRAMS += %D%/check_shelf
%C%_check_shelf_SOURCES = %D%/check_shelf.c
%C%_check_shelf_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_shelf_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_clock_ms \
	-Wl,--wrap=dmem_retain_bound
%C%_check_shelf_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_again
%C%_check_again_SOURCES = %D%/check_again.c
%C%_check_again_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_again_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_mutex_lock \
	-Wl,--wrap=dmem_room_for -Wl,--wrap=dmem_kernel_processors \
	-Wl,--wrap=dmem_kernel_processor -Wl,--wrap=dmem_kernel_clock_ms
%C%_check_again_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_again

check_PROGRAMS += %D%/check_sums
%C%_check_sums_SOURCES = %D%/check_sums.c
%C%_check_sums_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_sums_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_processors \
	-Wl,--wrap=dmem_kernel_processor -Wl,--wrap=dmem_kernel_clock_ms
%C%_check_sums_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_sums

check_PROGRAMS += %D%/check_between
%C%_check_between_SOURCES = %D%/check_between.c
%C%_check_between_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_between_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_clock_ms \
	-Wl,--wrap=dmem_threads_trylock
%C%_check_between_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_between

check_PROGRAMS += %D%/check_meanwhile
%C%_check_meanwhile_SOURCES = %D%/check_meanwhile.c
%C%_check_meanwhile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_meanwhile_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_clock_ms \
	-Wl,--wrap=dmem_kernel_advise -Wl,--wrap=dmem_kernel_memory_left \
	-Wl,--wrap=dmem_spans_look -Wl,--wrap=dmem_arena_open \
	-Wl,--wrap=dmem_debug_roster_lock -Wl,--wrap=dmem_control_thread_stop
%C%_check_meanwhile_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_meanwhile

check_PROGRAMS += %D%/check_cancel
%C%_check_cancel_SOURCES = %D%/check_cancel.c
%C%_check_cancel_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_cancel_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_advise
%C%_check_cancel_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_cancel

check_PROGRAMS += %D%/check_forked
%C%_check_forked_SOURCES = %D%/check_forked.c
%C%_check_forked_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_forked_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map \
	-Wl,--wrap=dmem_kernel_map_at -Wl,--wrap=dmem_kernel_unmap \
	-Wl,--wrap=dmem_kernel_move
%C%_check_forked_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_forked

check_PROGRAMS += %D%/check_stash
%C%_check_stash_SOURCES = %D%/check_stash.c
%C%_check_stash_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_stash_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_mutex_trylock \
	-Wl,--wrap=dmem_kernel_ram -Wl,--wrap=dmem_kernel_cgroup_limit \
	-Wl,--wrap=dmem_spans_take -Wl,--wrap=dmem_spans_give
%C%_check_stash_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_stash

check_PROGRAMS += %D%/check_arena
%C%_check_arena_SOURCES = %D%/check_arena.c $(fake_kernel_sources)
%C%_check_arena_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_arena_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_arena_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_dump
%C%_check_dump_SOURCES = %D%/check_dump.c $(fake_kernel_sources)
%C%_check_dump_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_dump_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_dump_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_refill
%C%_check_refill_SOURCES = %D%/check_refill.c $(fake_kernel_sources)
%C%_check_refill_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_refill_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_refill_LDADD = $(unit_libs) -lpthread

check_PROGRAMS += %D%/check_meet
%C%_check_meet_SOURCES = %D%/check_meet.c $(fake_kernel_sources)
%C%_check_meet_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_meet_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_meet_LDADD = $(unit_libs) -ldl -lpthread
threaded_tests += %D%/check_meet

check_PROGRAMS += %D%/check_twice
%C%_check_twice_SOURCES = %D%/check_twice.c
%C%_check_twice_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_twice_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_twice

check_PROGRAMS += %D%/check_told
%C%_check_told_SOURCES = %D%/check_told.c
%C%_check_told_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_told_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_arena_fit \
	-Wl,--wrap=dmem_guest_resized -Wl,--wrap=dmem_kernel_move \
	-Wl,--wrap=dmem_guest_open
%C%_check_told_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_retain
%C%_check_retain_SOURCES = %D%/check_retain.c $(fake_kernel_sources)
%C%_check_retain_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_retain_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_retain_LDADD = $(unit_libs) -lpthread

check_PROGRAMS += %D%/check_spread
%C%_check_spread_SOURCES = %D%/check_spread.c $(fake_kernel_sources)
%C%_check_spread_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_spread_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_spread_LDADD = $(unit_libs) -lpthread

check_PROGRAMS += %D%/check_away
%C%_check_away_SOURCES = %D%/check_away.c $(fake_kernel_sources)
%C%_check_away_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_away_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_away_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_away

check_PROGRAMS += %D%/check_open
%C%_check_open_SOURCES = %D%/check_open.c $(fake_kernel_sources)
%C%_check_open_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_open_LDFLAGS = $(AM_LDFLAGS) $(fake_kernel_ldflags)
%C%_check_open_LDADD = $(unit_libs) -lpthread
threaded_tests += %D%/check_open

endif

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# One program a module: check_<module>, linked to the core library, with
# -Wl,--wrap=... where it fakes the kernel. For each:
#
#check_PROGRAMS += %D%/check_log
#%C%_check_log_SOURCES = %D%/check_log.c
#%C%_check_log_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_log_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_log
%C%_check_log_SOURCES = %D%/check_log.c
%C%_check_log_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_log_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_settings
%C%_check_settings_SOURCES = %D%/check_settings.c %D%/alone.h
%C%_check_settings_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_settings_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_stats
%C%_check_stats_SOURCES = %D%/check_stats.c %D%/alone.h
%C%_check_stats_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_stats_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_stats_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_trace
%C%_check_trace_SOURCES = %D%/check_trace.c %D%/alone.h
%C%_check_trace_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_trace_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
%C%_check_trace_LDADD = $(unit_libs)

check_PROGRAMS += %D%/check_misuse
%C%_check_misuse_SOURCES = %D%/check_misuse.c %D%/alone.h
%C%_check_misuse_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_check_misuse_LDADD = $(unit_libs)

threaded_tests += %D%/check_log %D%/check_settings %D%/check_stats \
	%D%/check_trace
valgrind_tests += %D%/check_settings %D%/check_trace

#check_PROGRAMS += %D%/check_registry
#%C%_check_registry_SOURCES = %D%/check_registry.c tests/fake-handler.h
#%C%_check_registry_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_registry_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
#%C%_check_registry_LDADD = $(unit_libs)

#check_PROGRAMS += %D%/check_handler
#%C%_check_handler_SOURCES = %D%/check_handler.c tests/fake-handler.h
#%C%_check_handler_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_handler_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_trace_begin
#%C%_check_handler_LDADD = $(unit_libs)

#check_PROGRAMS += %D%/check_context
#%C%_check_context_SOURCES = %D%/check_context.c tests/fake-handler.h
#%C%_check_context_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_context_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
#%C%_check_context_LDADD = $(unit_libs)

#check_PROGRAMS += %D%/check_buffer
#%C%_check_buffer_SOURCES = %D%/check_buffer.c tests/fake-handler.h
#%C%_check_buffer_LDADD = $(unit_libs)

#check_PROGRAMS += %D%/check_debug
#%C%_check_debug_SOURCES = %D%/check_debug.c
#%C%_check_debug_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_debug_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dmem_kernel_map
#%C%_check_debug_LDADD = $(unit_libs)

#threaded_tests += %D%/check_registry %D%/check_context %D%/check_debug
#valgrind_tests += %D%/check_registry %D%/check_buffer

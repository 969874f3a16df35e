# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The public interface, against the shared library only. For each:
#
#check_PROGRAMS += %D%/check_alloc
#%C%_check_alloc_SOURCES = %D%/check_alloc.c
#%C%_check_alloc_LDADD = $(api_libs)

if HAVE_CHECK

check_PROGRAMS += %D%/check_policy
%C%_check_policy_SOURCES = %D%/check_policy.c tests/fake-handler.h
%C%_check_policy_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_policy

check_PROGRAMS += %D%/check_aligned
%C%_check_aligned_SOURCES = %D%/check_aligned.c
%C%_check_aligned_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_model
%C%_check_model_SOURCES = %D%/check_model.c
%C%_check_model_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_model

check_PROGRAMS += %D%/check_alloc
%C%_check_alloc_SOURCES = %D%/check_alloc.c
%C%_check_alloc_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_arrays
%C%_check_arrays_SOURCES = %D%/check_arrays.c
%C%_check_arrays_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_buffers
%C%_check_buffers_SOURCES = %D%/check_buffers.c tests/fake-handler.h
%C%_check_buffers_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_contexts
%C%_check_contexts_SOURCES = %D%/check_contexts.c tests/fake-handler.h
%C%_check_contexts_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_contexts

check_PROGRAMS += %D%/check_shared
%C%_check_shared_SOURCES = %D%/check_shared.c %D%/shared-blocks.h
%C%_check_shared_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_references
%C%_check_references_SOURCES = %D%/check_references.c %D%/shared-blocks.h
%C%_check_references_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_beside
%C%_check_beside_SOURCES = %D%/check_beside.c tests/fake-handler.h
%C%_check_beside_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_beside

check_PROGRAMS += %D%/check_scopes
%C%_check_scopes_SOURCES = %D%/check_scopes.c tests/fake-handler.h
%C%_check_scopes_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_scopes

check_PROGRAMS += %D%/check_guard
%C%_check_guard_SOURCES = %D%/check_guard.c %D%/guard.h
%C%_check_guard_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_guard

check_PROGRAMS += %D%/check_guard_reports
%C%_check_guard_reports_SOURCES = %D%/check_guard_reports.c %D%/guard.h
%C%_check_guard_reports_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_mistakes
%C%_check_mistakes_SOURCES = %D%/check_mistakes.c
%C%_check_mistakes_LDADD = $(api_libs) -lpthread

check_PROGRAMS += %D%/check_apart
%C%_check_apart_SOURCES = %D%/check_apart.c
%C%_check_apart_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_resident
%C%_check_resident_SOURCES = %D%/check_resident.c
%C%_check_resident_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_profile
%C%_check_profile_SOURCES = %D%/check_profile.c %D%/own-profile.h \
	%D%/own-file.h
%C%_check_profile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_profile_LDADD = $(api_libs) -lpthread -lm

check_PROGRAMS += %D%/check_profiles
%C%_check_profiles_SOURCES = %D%/check_profiles.c %D%/own-profile.h \
	%D%/own-file.h
%C%_check_profiles_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_profiles_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_profiles

check_PROGRAMS += %D%/check_events
%C%_check_events_SOURCES = %D%/check_events.c %D%/events-reader.h \
	%D%/own-page.h \
	%D%/own-file.h
%C%_check_events_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_events_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_events

check_PROGRAMS += %D%/check_linker
%C%_check_linker_SOURCES = %D%/check_linker.c %D%/own-profile.h \
	%D%/own-file.h
%C%_check_linker_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_linker_LDADD = $(api_libs) -ldl -lpthread
threaded_tests += %D%/check_linker

check_PROGRAMS += %D%/check_control
%C%_check_control_SOURCES = %D%/check_control.c %D%/own-page.h \
	%D%/own-file.h
%C%_check_control_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_control_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_control

check_PROGRAMS += %D%/check_child
%C%_check_child_SOURCES = %D%/check_child.c %D%/own-page.h \
	%D%/own-file.h
%C%_check_child_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_child_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_child

check_PROGRAMS += %D%/check_service
%C%_check_service_SOURCES = %D%/check_service.c %D%/own-page.h \
	%D%/own-file.h
%C%_check_service_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_service_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_service

check_PROGRAMS += %D%/check_hostile
%C%_check_hostile_SOURCES = %D%/check_hostile.c %D%/own-page.h \
	%D%/own-file.h
%C%_check_hostile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_check_hostile_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_hostile

check_PROGRAMS += %D%/check_limits
%C%_check_limits_SOURCES = %D%/check_limits.c
%C%_check_limits_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_ending
%C%_check_ending_SOURCES = %D%/check_ending.c
%C%_check_ending_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_ending

check_PROGRAMS += %D%/check_footprint
%C%_check_footprint_SOURCES = %D%/check_footprint.c
%C%_check_footprint_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_promote
%C%_check_promote_SOURCES = %D%/check_promote.c
%C%_check_promote_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_sandbox
%C%_check_sandbox_SOURCES = %D%/check_sandbox.c %D%/filter.h
%C%_check_sandbox_LDADD = $(api_libs) -lpthread

check_PROGRAMS += %D%/check_former
%C%_check_former_SOURCES = %D%/check_former.c
%C%_check_former_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_switch
%C%_check_switch_SOURCES = %D%/check_switch.c
%C%_check_switch_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_place
%C%_check_place_SOURCES = %D%/check_place.c
%C%_check_place_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_nodes
%C%_check_nodes_SOURCES = %D%/check_nodes.c
%C%_check_nodes_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_edges
%C%_check_edges_SOURCES = %D%/check_edges.c
%C%_check_edges_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_confined
%C%_check_confined_SOURCES = %D%/check_confined.c
%C%_check_confined_LDADD = $(api_libs)

check_PROGRAMS += %D%/check_fortify
%C%_check_fortify_SOURCES = %D%/check_fortify.c
%C%_check_fortify_LDADD = $(api_libs)

# check_model and check_alloc as on other machines.
long_tests += %D%/check-chunks.sh

# A million blocks, 4000 threads.
EXTRA_PROGRAMS += %D%/many
%C%_many_SOURCES = %D%/many.c
%C%_many_LDADD = $(api_libs) -lpthread
CLEANFILES += %D%/many$(EXEEXT)
long_tests += %D%/check-many.sh
%D%/check-many.log: %D%/many$(EXEEXT)

# Every public function, in every state: locks, errno, stack.
check_PROGRAMS += %D%/check_callbacks
%C%_check_callbacks_SOURCES = %D%/check_callbacks.c %D%/every-call.h \
	%D%/every-check.h
%C%_check_callbacks_LDADD = $(api_libs) -lpthread
threaded_tests += %D%/check_callbacks
check_PROGRAMS += %D%/check_stack
%C%_check_stack_SOURCES = %D%/check_stack.c %D%/every-call.h \
	%D%/every-check.h
%C%_check_stack_LDADD = $(api_libs) -lpthread

endif

EXTRA_DIST += %D%/check-chunks.sh %D%/check-many.sh

# Changes a setting of the whole machine for a moment.
long_tests += %D%/check-overcommit.sh
EXTRA_DIST += %D%/check-overcommit.sh
EXTRA_PROGRAMS += %D%/overcommit
%C%_overcommit_SOURCES = %D%/overcommit.c
CLEANFILES += %D%/overcommit$(EXEEXT)
%D%/check-overcommit.log: %D%/overcommit$(EXEEXT)

# All at once; `make check-long` has a minute of it.
EXTRA_PROGRAMS += %D%/soak
%C%_soak_SOURCES = %D%/soak.c %D%/soak.h
%C%_soak_LDADD = libdatamem.la -lpthread
CLEANFILES += %D%/soak$(EXEEXT)
long_tests += %D%/check-soak.sh
EXTRA_DIST += %D%/check-soak.sh
%D%/check-soak.log: %D%/soak$(EXEEXT)

# Calls that the kernel refuses, one by one; `make check-long` has it.
EXTRA_PROGRAMS += %D%/faults
%C%_faults_SOURCES = %D%/faults.c %D%/scenarios.h %D%/soak.h %D%/supervisor.h \
	%D%/filter.h
%C%_faults_LDADD = libdatamem.la -lpthread
CLEANFILES += %D%/faults$(EXEEXT)
long_tests += %D%/check-faults.sh
EXTRA_DIST += %D%/check-faults.sh
%D%/check-faults.log: %D%/faults$(EXEEXT)
#: check-faults      each system call and each malloc(3) failing in turn, by the
#:                   real kernel, then at random; limits of the process
.PHONY: check-faults
check-faults:
	$(MAKE) check TESTS=%D%/check-faults.sh

soak_tool =
if ENABLE_TOOL
soak_tool += datamem-ctl$(EXEEXT)
endif
#: soak              threads, forks, handlers, settings, shared blocks, guard,
#:                   profile, requests from outside,
#:                   all at once: SECONDS (60) of it, as SEED (1) orders it
.PHONY: soak
soak: %D%/soak$(EXEEXT) $(soak_tool)
	seconds='$(SECONDS)'; seed='$(SEED)'; tool='$(soak_tool)'; \
	TSAN_OPTIONS="detect_deadlocks=0 die_after_fork=0 $$TSAN_OPTIONS" \
	SOAK_TOOL=$${tool:+$(abs_top_builddir)/datamem-ctl} \
	  ./%D%/soak $${seconds:-60} $${seed:-1}
#: soak-valgrind     the same under valgrind
.PHONY: soak-valgrind
soak-valgrind: %D%/soak$(EXEEXT) $(soak_tool)
	seconds='$(SECONDS)'; seed='$(SEED)'; tool='$(soak_tool)'; \
	$(of_the_arena) SOAK_TOOL=$${tool:+$(abs_top_builddir)/datamem-ctl} \
	  $(LIBTOOL) --mode=execute $(VALGRIND) $(VALGRIND_FLAGS) \
	  --child-silent-after-fork=yes ./%D%/soak $${seconds:-60} $${seed:-1}

# Instructions of the fast path, with live control and without.
EXTRA_PROGRAMS += %D%/pairs
%C%_pairs_SOURCES = %D%/pairs.c
CLEANFILES += %D%/pairs$(EXEEXT)

# With debug information, whatever CFLAGS say.
EXTRA_PROGRAMS += %D%/debugged
%C%_debugged_SOURCES = %D%/debugged.c
%C%_debugged_CFLAGS = $(AM_CFLAGS) -g
CLEANFILES += %D%/debugged$(EXEEXT)
dist_check_SCRIPTS += %D%/check-instructions.sh
dist_check_SCRIPTS += %D%/check-probes.sh %D%/check-gdb.sh
%D%/check-instructions.log: %D%/pairs$(EXEEXT)
%D%/check-gdb.log: %D%/debugged$(EXEEXT)
%D%/check-probes.log: %D%/pairs$(EXEEXT)

# What sanitizers and valgrind find, built with the compilers that are here.
dist_check_SCRIPTS += %D%/check-tools.sh
EXTRA_DIST += %D%/mistakes.c %D%/hosted.c %D%/peak.c

# <datamem.hpp>, with the C++ compilers that are here.
dist_check_SCRIPTS += %D%/check-cpp.sh
EXTRA_DIST += %D%/cpp.cc

# Mistakes that the compiler finds.
dist_check_SCRIPTS += %D%/check-analyzer.sh
EXTRA_DIST += %D%/analyzed.c

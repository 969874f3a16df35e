# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Fuzz targets, one a parser, requests, and the allocator itself, for libFuzzer
# (`make fuzz`) and AFL++ (`make fuzz-afl`), each in a build of its own, with
# clang. What `make check` builds does not know them.

fuzz_programs = \
	%D%/fuzz_allocator \
	%D%/fuzz_definition \
	%D%/fuzz_release \
	%D%/fuzz_request \
	%D%/fuzz_system
if ENABLE_TOOL
fuzz_programs += %D%/fuzz_page
fuzz_programs += %D%/fuzz_stats
endif
if ENABLE_MEASURE
fuzz_programs += %D%/fuzz_events
fuzz_programs += %D%/fuzz_profile
fuzz_programs += %D%/fuzz_recording
endif
EXTRA_PROGRAMS += $(fuzz_programs)

fuzz_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
%C%_fuzz_allocator_SOURCES = %D%/fuzz_allocator.c %D%/model.h
%C%_fuzz_allocator_CPPFLAGS = $(fuzz_cppflags)
%C%_fuzz_allocator_LDADD = libdatamem-core.la
%C%_fuzz_allocator_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_definition_SOURCES = %D%/fuzz_definition.c
%C%_fuzz_definition_CPPFLAGS = $(fuzz_cppflags)
%C%_fuzz_definition_LDADD = libdatamem-core.la
%C%_fuzz_definition_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_release_SOURCES = %D%/fuzz_release.c
%C%_fuzz_release_CPPFLAGS = $(fuzz_cppflags)
%C%_fuzz_release_LDADD = libdatamem-core.la
%C%_fuzz_release_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_request_SOURCES = %D%/fuzz_request.c
%C%_fuzz_request_CPPFLAGS = $(fuzz_cppflags)
%C%_fuzz_request_LDADD = libdatamem-core.la
%C%_fuzz_request_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_system_SOURCES = %D%/fuzz_system.c
%C%_fuzz_system_CPPFLAGS = $(fuzz_cppflags)
%C%_fuzz_system_LDADD = libdatamem-core.la
%C%_fuzz_system_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_page_SOURCES = %D%/fuzz_page.c
%C%_fuzz_page_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/datamem-ctl
%C%_fuzz_page_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_page_LDADD = libdatamem-tool.la $(SMARTCOLS_LIBS)
%C%_fuzz_stats_SOURCES = %D%/fuzz_stats.c
%C%_fuzz_stats_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/datamem-ctl
%C%_fuzz_stats_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_stats_LDADD = libdatamem-tool.la $(SMARTCOLS_LIBS)
%C%_fuzz_profile_SOURCES = %D%/fuzz_profile.c $(profile_sampled_sources) \
	$(profile_formats_sources)
%C%_fuzz_profile_CPPFLAGS = $(profile_cppflags)
%C%_fuzz_profile_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_profile_LDADD = $(profile_libs)
%C%_fuzz_events_SOURCES = %D%/fuzz_events.c $(record_events_sources) \
	src/datamem-measure/replay/block-names.c \
	src/datamem-measure/replay/reader.c \
	src/datamem-measure/replay/recording.c
%C%_fuzz_events_CPPFLAGS = $(measure_cppflags) $(ZLIB_CFLAGS)
%C%_fuzz_events_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
%C%_fuzz_events_LDADD = libdatamem-tool.la libdatamem.la $(SMARTCOLS_LIBS) \
	$(ZLIB_LIBS)
%C%_fuzz_recording_SOURCES = \
	%D%/fuzz_recording.c \
	src/datamem-measure/replay/block-names.c \
	src/datamem-measure/replay/reader.c \
	src/datamem-measure/replay/recording.c
%C%_fuzz_recording_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/datamem-measure
%C%_fuzz_recording_LDADD = $(ZLIB_LIBS)
%C%_fuzz_recording_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

#: fuzz              the parsers and the allocator, SECONDS (30) each, and the
#:                   tool on pages that change, as long; needs clang
FUZZ_SECONDS = 30
fuzz_sanitizers = address,undefined,fuzzer-no-link
fuzz_tool =
if ENABLE_TOOL
if HAVE_BATS
fuzz_tool += run-fuzz-tool
endif
endif
.PHONY: fuzz run-fuzz
fuzz:
	$(MKDIR_P) fuzz-build
	cd fuzz-build && { test -f config.status || \
	  $(abs_top_srcdir)/configure --quiet --disable-shared \
	    --enable-sanitizers=$(fuzz_sanitizers) CC=clang CXX=clang++; }
	seconds='$(SECONDS)'; $(MAKE) -C fuzz-build run-fuzz $(fuzz_tool) \
	  FUZZ_SECONDS=$${seconds:-$(FUZZ_SECONDS)}

# Found inputs stay in fuzz-build/, beside the corpus of each target.
run-fuzz: $(fuzz_programs)
	for program in $(fuzz_programs); do \
	  corpus=$${program##*/}.corpus; \
	  $(MKDIR_P) $$corpus && \
	  cp $(top_srcdir)/%D%/seeds/$${program##*_}* $$corpus && ./$$program -max_total_time=$(FUZZ_SECONDS) \
	    -print_final_stats=1 -verbosity=0 $$corpus || exit 1; \
	done

#: fuzz-afl          the same targets by AFL++, SECONDS (30) each; needs afl++
.PHONY: fuzz-afl run-fuzz-afl
fuzz-afl:
	$(MKDIR_P) fuzz-afl-build
	cd fuzz-afl-build && { test -f config.status || \
	  $(abs_top_srcdir)/configure --quiet --disable-shared \
	    --enable-sanitizers=address,undefined CC=afl-clang-fast \
	    CXX=afl-clang-fast++; }
	seconds='$(SECONDS)'; $(MAKE) -C fuzz-afl-build run-fuzz-afl \
	  FUZZ_SECONDS=$${seconds:-$(FUZZ_SECONDS)}

# Found inputs stay in fuzz-afl-build/TARGET.afl, where the next run goes on.
run-fuzz-afl: $(fuzz_programs)
	AFL_NO_UI=1; AFL_NO_AFFINITY=1; AFL_SKIP_CPUFREQ=1; AFL_AUTORESUME=1; \
	AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1; AFL_HANG_TMOUT=10000; \
	export AFL_NO_UI AFL_NO_AFFINITY AFL_SKIP_CPUFREQ AFL_AUTORESUME \
	  AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES AFL_HANG_TMOUT; \
	for program in $(fuzz_programs); do \
	  name=$${program##*/}; \
	  $(MKDIR_P) $$name.in && \
	  cp $(top_srcdir)/%D%/seeds/$${name##*_}* $$name.in && \
	  afl-fuzz -V $(FUZZ_SECONDS) -t 5000 -i $$name.in -o $$name.afl \
	    ./$$program >$$name.said 2>&1 || { tail -n 20 $$name.said; exit 1; }; \
	  echo "$$name: $$(sed -n 's/^execs_done *: //p' \
	    $$name.afl/default/fuzzer_stats) inputs"; \
	  ! ls $$name.afl/default/crashes/id* $$name.afl/default/hangs/id* \
	    2>/dev/null || exit 1; \
	done

.PHONY: run-fuzz-tool
run-fuzz-tool: datamem-ctl$(EXEEXT) tests/ctl/liar$(EXEEXT)
	top_builddir=. HOSTILE_SECONDS=$$(($(FUZZ_SECONDS) / 8 + 1)) \
	  $(BATS) --tap $(top_srcdir)/tests/ctl/hostile.bats

EXTRA_DIST += \
	%D%/seeds/allocator-aligned \
	%D%/seeds/allocator-array \
	%D%/seeds/allocator-buffer \
	%D%/seeds/allocator-family \
	%D%/seeds/allocator-handler \
	%D%/seeds/allocator-lazy \
	%D%/seeds/allocator-mixed \
	%D%/seeds/allocator-raw \
	%D%/seeds/allocator-settings \
	%D%/seeds/allocator-zeroed \
	%D%/seeds/definition-size \
	%D%/seeds/events-small \
	%D%/seeds/page-small \
	%D%/seeds/profile-small \
	%D%/seeds/release-vendor \
	%D%/seeds/request-kinds \
	%D%/seeds/request-observed \
	%D%/seeds/request-set \
	%D%/seeds/stats-lines \
	%D%/seeds/system-cgroup1 \
	%D%/seeds/system-cgroup2 \
	%D%/seeds/system-limit-zero \
	%D%/seeds/system-thp \
	%D%/seeds/recording-each-event \
	%D%/seeds/recording-gzip

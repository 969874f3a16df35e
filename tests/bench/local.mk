# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Benchmarks, for `make bench` only: those of datamem-ctl, and the
# recordings.

#: bench             every benchmark and the recordings, on libdatamem, the
#:                   C library and what is installed of PEERS; some minutes.
#:                   BENCHFLAGS=--quick is shorter. Results: bench-results/
PEERS = libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4
BENCHFLAGS =
.PHONY: bench clean-bench
if ENABLE_MEASURE
bench: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
	@PEERS='$(PEERS)' $(SHELL) $(top_srcdir)/%D%/run.sh \
	  ./datamem-ctl$(EXEEXT) $(top_srcdir)/tests/data bench-results \
	  $(BENCHFLAGS)
endif

#: bench-scale       how costs grow with threads, and what stays resident: groups
#:                   scale and memory; SCALE_FLAGS (-R 3)
SCALE_FLAGS = -R 3
.PHONY: bench-scale
if ENABLE_MEASURE
bench-scale: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
	./datamem-ctl$(EXEEXT) bench $(SCALE_FLAGS) 'scale-*' 'memory-*'
endif

#: bench-table       the rows of "Scale" in doc/measurements.md, beside PEERS, and
#:                   what starting a process costs; TABLE_FLAGS (-R 3)
TABLE_FLAGS = -R 3
EXTRA_PROGRAMS += %D%/start
%C%_start_SOURCES = %D%/start.c
CLEANFILES += %D%/start$(EXEEXT)
.PHONY: bench-table
if ENABLE_MEASURE
bench-table: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS) %D%/start$(EXEEXT)
	@PEERS='$(PEERS)' $(SHELL) $(top_srcdir)/%D%/table.sh \
	  ./datamem-ctl$(EXEEXT) %D%/start$(EXEEXT) \
	  '$(abs_top_builddir)/.libs/libdatamem.so' $(TABLE_FLAGS)
endif

#: bench-live        a program that is watched 100 times a second beside one that
#:                   is not; LIVE_PAIRS (40) of LIVE_SECONDS (0.3) each
LIVE_PAIRS = 40
LIVE_SECONDS = 0.3
EXTRA_PROGRAMS += %D%/live-target
%C%_live_target_SOURCES = %D%/live-target.c
CLEANFILES += %D%/live-target$(EXEEXT)
.PHONY: bench-live
if ENABLE_TOOL
bench-live: datamem-ctl$(EXEEXT) %D%/live-target$(EXEEXT)
	@TOP_SRCDIR='$(abs_top_srcdir)' PYTHON='$(PYTHON)' \
	LIBRARY='$(abs_top_builddir)/.libs/libdatamem.so' \
	  $(SHELL) $(top_srcdir)/%D%/live.sh ./datamem-ctl$(EXEEXT) \
	  %D%/live-target$(EXEEXT) bench-results $(LIVE_PAIRS) $(LIVE_SECONDS)
endif

clean-local: clean-bench
clean-bench:
	rm -rf bench-results

EXTRA_DIST += %D%/run.sh %D%/table.sh %D%/live.sh %D%/live-target.py %D%/results/small.svg %D%/results/large.svg \
  %D%/results/numpy.svg

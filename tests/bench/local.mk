# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Benchmarks, for `make bench` only: those of datamem-ctl, and the recorded
# traces.

#: bench             every benchmark and the recorded traces, on libdatamem, the
#:                   C library and what is installed of PEERS; some minutes.
#:                   BENCHFLAGS=--quick is shorter. Results: bench-results/
PEERS = libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4
BENCHFLAGS =
.PHONY: bench clean-bench
if ENABLE_TOOL
bench: datamem-ctl$(EXEEXT)
	@PEERS='$(PEERS)' $(SHELL) $(top_srcdir)/%D%/run.sh \
	  ./datamem-ctl$(EXEEXT) $(top_srcdir)/tests/data bench-results \
	  $(BENCHFLAGS)
endif

clean-local: clean-bench
clean-bench:
	rm -rf bench-results

EXTRA_DIST += %D%/run.sh %D%/results/small.svg %D%/results/large.svg \
  %D%/results/numpy.svg

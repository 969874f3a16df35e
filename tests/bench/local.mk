# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Benchmarks, built and run by `make bench` only. Each is a program that
# measures what it compares in one run and prints a table.

bench_programs =

EXTRA_PROGRAMS += $(bench_programs)

#: bench             each benchmark; then the recorded traces on libdatamem, the
#:                   C library and what is installed of PEERS
PEERS = libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4
.PHONY: bench bench-programs bench-traces
bench: bench-programs bench-traces
bench-programs: $(bench_programs)
	@for program in $(bench_programs); do ./$$program || exit 1; done
if ENABLE_TOOL
bench-traces: datamem-ctl$(EXEEXT) | bench-programs
	@with=; for peer in $(PEERS); do \
	  file=$$(PATH=$$PATH:/sbin ldconfig -p | \
	    $(AWK) -v peer=$$peer '$$1 == peer { print $$NF; exit }'); \
	  test -z "$$file" || with="$$with --with=$$file"; \
	done; \
	./datamem-ctl$(EXEEXT) replay $$with \
	  $(top_srcdir)/tests/data/nbody.dmt.gz \
	  $(top_srcdir)/tests/data/image.dmt.gz \
	  $(top_srcdir)/tests/data/temporaries.dmt.gz \
	  $(top_srcdir)/tests/data/growth.dmt.gz
endif

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Whole programs, for `make bench-programs` only.

#: bench-programs    peak resident memory of whole programs, as they are and on the
#:                   library: NumPy jobs, and by a shim of malloc(3) Octave, R,
#:                   OpenCV; what is missing is skipped. PROGRAMS_FLAGS (-R 1)
PROGRAMS_FLAGS = -R 1
EXTRA_LTLIBRARIES += %D%/shim.la
%C%_shim_la_SOURCES = %D%/shim.c
# The path makes libtool build a shared object; it is never installed.
%C%_shim_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)
%C%_shim_la_LIBADD = libdatamem.la
CLEANFILES += %D%/shim.la
.PHONY: bench-programs
bench-programs: libdatamem.la %D%/shim.la
	PYTHONPATH='$(abs_top_srcdir)/src/python' PYTHONDONTWRITEBYTECODE=1 \
	DATAMEM_LIBRARY='$(abs_top_builddir)/.libs/libdatamem.so' \
	SHIM='$(abs_top_builddir)/%D%/.libs/shim.so' \
	  '$(PYTHON)' $(top_srcdir)/%D%/measure.py $(PROGRAMS_FLAGS)

#: bench-advise      what advise predicts of whole programs, and what is measured;
#:                   skips what is missing. ADVISE_FLAGS (-R 3)
ADVISE_FLAGS = -R 3
.PHONY: bench-advise
bench-advise: all %D%/shim.la
	PYTHONPATH='$(abs_top_srcdir)/src/python'"$${PYTHONPATH:+:$$PYTHONPATH}" \
	PYTHONDONTWRITEBYTECODE=1 \
	DATAMEM_LIBRARY='$(abs_top_builddir)/.libs/libdatamem.so' \
	SHIM='$(abs_top_builddir)/%D%/.libs/shim.so' \
	CTL='$(abs_top_builddir)/datamem-ctl' \
	  '$(PYTHON)' $(top_srcdir)/%D%/predict.py $(ADVISE_FLAGS)

EXTRA_DIST += %D%/measure.py %D%/jobs.py %D%/registry.py %D%/jobs_numeric.py \
  %D%/jobs_data.py %D%/matrices.m %D%/tables.R %D%/vision.py %D%/recorded.py %D%/predict.py

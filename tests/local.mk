# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# How tests are built and run. Every test speaks TAP and is run by automake's
# driver, alone or beside others, from the build directory.
#
# Programs: tests/unit (linked to the core, fake kernel), tests/api and
# tests/misuse (linked to the shared library only). Scripts: .sh, run by the
# shell, and .bats.

TEST_EXTENSIONS = .sh .bats
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
SH_LOG_DRIVER = $(tap_driver)
SH_LOG_COMPILER = $(SHELL)
BATS_LOG_DRIVER = $(tap_driver)
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --tap

# Settings of the caller's environment must not reach the tests. Check's limit
# of 4 seconds a case is for fast, idle machines, and those of the cases are for
# their short form. ThreadSanitizer's search for deadlocks gives up at 64 locks
# held at once, and a fork holds more.
AM_TESTS_ENVIRONMENT = \
	unset $$(env | $(SED) -n 's/^\(DATAMEM_[A-Z_]*\)=.*/\1/p') \
	      NUMPY_MADVISE_HUGEPAGE; \
	LC_ALL=C; export LC_ALL; \
	: "$${CK_DEFAULT_TIMEOUT=120}"; export CK_DEFAULT_TIMEOUT; \
	: "$${CK_TIMEOUT_MULTIPLIER=$(if $(TEST_LONG),6,1)}"; \
	export CK_TIMEOUT_MULTIPLIER; \
	: "$${TSAN_OPTIONS=detect_deadlocks=0 die_after_fork=0}"; export TSAN_OPTIONS; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	CC='$(CC)'; export CC; \
	CXX='$(CXX)'; export CXX; \
	NM='$(NM)'; export NM; \
	TEST_LONG='$(TEST_LONG)'; export TEST_LONG; \
	PYTHON='$(PYTHON)'; export PYTHON;

# What a test program links to.
unit_libs = libdatamem-core.la $(CHECK_LIBS)
api_libs = libdatamem.la $(CHECK_LIBS)
# The tests make mistakes that gcc would find.
AM_CPPFLAGS = $(product_cppflags) -I$(top_srcdir)/tests $(CHECK_CFLAGS) \
	-DDATAMEM_NO_FREED_BY

# Subsets: with several threads (make check-threads), a few short ones (make
# check-valgrind), inside NumPy (make check-numpy). The long ones are not in
# TESTS and run by `make check-long` only, which also sets TEST_LONG=1 for tests
# that can do more.
threaded_tests =
valgrind_tests =
numpy_tests =
long_tests =

style_tests = \
	build-aux/check-docs.sh \
	build-aux/check-header.sh \
	build-aux/check-layers.sh \
	build-aux/check-man.sh \
	build-aux/check-statistics.sh \
	build-aux/check-style.sh \
	build-aux/check-symbols.sh \
	build-aux/check-versions.sh
dist_check_SCRIPTS += $(style_tests)
EXTRA_DIST += %D%/api/installed.sh %D%/api/installed.c

# What is distributed depends on no condition; what needs Check is in one.
EXTRA_DIST += %D%/harness.h %D%/huge-pool.h %D%/library.h %D%/must.h %D%/processor.h \
	%D%/roots.sh
include tests/unit/local.mk
include tests/api/local.mk
include tests/misuse/local.mk
include tests/ctl/local.mk
include tests/numpy/local.mk
include tests/bench/local.mk
include tests/programs/local.mk
include tests/fuzz/local.mk
include tests/models/local.mk
include tests/worlds/local.mk

TESTS += $(check_PROGRAMS) $(dist_check_SCRIPTS)

EXTRA_DIST += \
	%D%/data/README.md \
	%D%/data/growth.dmt.gz \
	%D%/data/image.dmt.gz \
	%D%/data/nbody.dmt.gz \
	%D%/data/temporaries.dmt.gz

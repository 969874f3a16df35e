# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tests in other worlds: other levels of the compiler, another malloc(3)
# below, other processors, kernels, page sizes. Packages come from Debian.

EXTRA_DIST += \
	%D%/check-foreign.sh \
	%D%/check-guests.sh \
	%D%/check-preloaded.sh \
	%D%/check-suites.sh \
	%D%/worlds.sh

# Without those that take more than some seconds.
slow_tests = \
	tests/api/check_model \
	tests/unit/check_holds tests/unit/check_refusals \
	tests/unit/check_upkeep
quick_tests = $(filter-out $(slow_tests),$(check_PROGRAMS))
unit_tests = $(filter tests/unit/%,$(quick_tests))
api_tests = $(filter tests/api/%,$(quick_tests))

#: check-quick       the programs of tests/unit and tests/api but the slow ones
.PHONY: check-quick check-preloaded check-foreign check-guests check-suites
check-quick:
	$(MAKE) check TESTS='$(unit_tests) $(api_tests)'

#: check-preloaded   tests/api with each malloc(3) of PRELOADED, for example
#:                   libjemalloc.so.2
check-preloaded:
	PRELOADED='$(PRELOADED)' WORLD_TESTS='$(api_tests)' \
	$(MAKE) check TESTS=%D%/check-preloaded.sh

# What is tested is built elsewhere.
nothing_here = check_PROGRAMS= check_LTLIBRARIES=

# qemu-user faults no pages in ahead of time (check_place), sets no limits of the
# address space, so that memory runs out (check_limits), no filters of its
# program's calls (check_sandbox), and takes memory of the program's control group
# (check_confined). tests/unit see that it does not move pages, either.
foreign_tests = \
	$(filter-out %/check_place %/check_limits %/check_sandbox \
	  %/check_confined,$(api_tests)) \
	tests/api/soak

#: check-foreign     tests/api and 10 s of soak built for FOREIGN="arm64 ppc64el",
#:                   run by qemu-user; downloads 80 MB
check-foreign:
	FOREIGN='$(FOREIGN)' WORLDS='$(WORLDS)' \
	WORLD_TESTS='$(or $(WORLD_TESTS),$(foreign_tests))' \
	$(MAKE) check-TESTS $(nothing_here) TESTS=%D%/check-foreign.sh

# Where pages, control groups and nodes matter.
page_tests = \
	$(addprefix tests/unit/check_,arena hugepage kept memory moves \
	  native numa probe refill regions residency retain runs shelf slab \
	  window) \
	$(addprefix tests/api/check_,alloc child confined control edges ending events \
	  footprint guard guard_reports limits place profile promote resident \
	  service shared)
node_tests = \
	tests/api/check_nodes tests/api/check_place tests/unit/check_numa

#: check-guests      some of them in machines of qemu-system, GUESTS="arm64-16k
#:                   ppc64el amd64 amd64-numa": pages of 16 and 64 KiB, an older
#:                   kernel, cgroup version 2, two memory nodes; downloads 200 MB
check-guests:
	GUESTS='$(GUESTS)' WORLDS='$(WORLDS)' PAGE_TESTS='$(page_tests)' \
	NODE_TESTS='$(node_tests)' WORLD_TESTS='$(WORLD_TESTS)' \
	$(MAKE) check-TESTS $(nothing_here) TESTS=%D%/check-guests.sh

#: check-suites      the same built and run with C library, gcc and clang of SUITES
#:                   (sid) of Debian; as root; downloads 500 MB
check-suites:
	SUITES='$(SUITES)' COMPILERS='$(COMPILERS)' WORLDS='$(WORLDS)' \
	WORLD_TESTS='$(or $(WORLD_TESTS),$(unit_tests) $(api_tests))' \
	$(MAKE) check-TESTS $(nothing_here) TESTS=%D%/check-suites.sh

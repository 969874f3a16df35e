# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Small complete programs. `make check` compiles and runs them; they are
# installed as documents, and the manual pages show them.

example_sources = \
	%D%/accounts.c \
	%D%/aligned.c \
	%D%/buffer.c \
	%D%/choose.c \
	%D%/context.c \
	%D%/control.c \
	%D%/current.c \
	%D%/dims.c \
	%D%/first.c \
	%D%/growth.c \
	%D%/handler.c \
	%D%/inplace.c \
	%D%/raw.c \
	%D%/receipt.c \
	%D%/settings.c \
	%D%/stats.c \
	%D%/version.c \
	%D%/within.c \
	%D%/vector.cc \
	%D%/owner.cc \
	%D%/numpy-before-after.py

exampledir = $(docdir)/examples
dist_example_DATA = $(example_sources)
examplecmakedir = $(exampledir)/cmake
dist_examplecmake_DATA = %D%/cmake/CMakeLists.txt
examplemesondir = $(exampledir)/meson
dist_examplemeson_DATA = %D%/meson/meson.build

# Not in check_PROGRAMS, which are tests by themselves; the script is the test.
example_programs = \
	%D%/accounts \
	%D%/aligned \
	%D%/buffer \
	%D%/choose \
	%D%/context \
	%D%/control \
	%D%/current \
	%D%/dims \
	%D%/first \
	%D%/growth \
	%D%/handler \
	%D%/inplace \
	%D%/raw \
	%D%/receipt \
	%D%/settings \
	%D%/stats \
	%D%/version \
	%D%/within
EXTRA_PROGRAMS += $(example_programs)
%C%_context_LDADD = libdatamem.la -lpthread

dist_check_SCRIPTS += %D%/check-examples.sh
%D%/check-examples.log: $(example_programs)

clean-local: clean-examples
.PHONY: clean-examples
clean-examples:
	$(LIBTOOL) $(AM_LIBTOOLFLAGS) --mode=clean rm -f $(example_programs)
	-test ! -d %D%/.libs || rmdir %D%/.libs

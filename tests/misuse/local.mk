# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# One small program a mistake, and what must come of it.

# Not in check_PROGRAMS, which are tests by themselves: each dies of its mistake,
# and the script says whether in the right way.
misuse_programs = \
	%D%/double_free \
	%D%/double_free_large \
	%D%/double_release \
	%D%/foreign_free \
	%D%/foreign_realloc \
	%D%/handler_mixup \
	%D%/interior_free \
	%D%/interior_free_large \
	%D%/large_hint \
	%D%/overrun \
	%D%/overrun_leak \
	%D%/overrun_resize \
	%D%/raw_mixup \
	%D%/realloc_after_free \
	%D%/small_hint \
	%D%/stale_after_realloc \
	%D%/underrun \
	%D%/vanished_handler \
	%D%/write_after_free \
	%D%/write_after_release
EXTRA_PROGRAMS += $(misuse_programs)

dist_check_SCRIPTS += %D%/check-misuse.sh
EXTRA_DIST += %D%/misuse.h %D%/outcomes
%D%/check-misuse.log: $(misuse_programs)

mostlyclean-local:
	$(LIBTOOL) $(AM_LIBTOOLFLAGS) --mode=clean rm -f $(misuse_programs)
	-test ! -d %D%/.libs || rmdir %D%/.libs

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# One program a module: check_<module>, linked to the core library, with
# -Wl,--wrap=... where it fakes the kernel. For each:
#
#check_PROGRAMS += %D%/check_log
#%C%_check_log_SOURCES = %D%/check_log.c
#%C%_check_log_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/libdatamem
#%C%_check_log_LDADD = $(unit_libs)

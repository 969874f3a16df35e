# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool: golden output on recorded machines, and what it does to programs.
#
# sysroots/NAME holds the files of /proc and /sys that matter of a machine;
# golden/ what the tool prints for it (UPDATE_GOLDEN=1 writes it anew).

ctl_tests =
ctl_tests += %D%/usage.bats
ctl_tests += %D%/output.bats
ctl_tests += %D%/probe.bats
ctl_tests += %D%/doctor.bats
ctl_tests += %D%/settings.bats
ctl_tests += %D%/run.bats
ctl_tests += %D%/measure.bats
measure_tests = %D%/replay.bats %D%/record.bats %D%/advise.bats \
	%D%/bench.bats
measure_tests += %D%/record-pid.bats
measure_tests += %D%/profile.bats %D%/profile-numpy.bats
ctl_tests += %D%/drift.bats
ctl_tests += %D%/live.bats
ctl_tests += %D%/statistics.bats
ctl_tests += %D%/top.bats
ctl_tests += %D%/choose.bats
ctl_tests += %D%/all.bats
ctl_tests += %D%/numpy.bats
ctl_tests += %D%/pressure.bats
ctl_tests += %D%/rights.bats
ctl_tests += %D%/hostile.bats

EXTRA_PROGRAMS += %D%/array-user
%C%_array_user_SOURCES = %D%/array-user.c
%C%_array_user_LDADD = libdatamem.la
CLEANFILES += %D%/array-user$(EXEEXT)

EXTRA_PROGRAMS += %D%/record-user
%C%_record_user_SOURCES = %D%/record-user.c tests/must.h
%C%_record_user_LDADD = -ldl -lpthread
CLEANFILES += %D%/record-user$(EXEEXT)

EXTRA_PROGRAMS += %D%/record-target
%C%_record_target_SOURCES = %D%/record-target.c tests/must.h
%C%_record_target_LDADD = libdatamem.la -lpthread
CLEANFILES += %D%/record-target$(EXEEXT)

EXTRA_PROGRAMS += %D%/live-user
%C%_live_user_SOURCES = %D%/live-user.c tests/must.h
%C%_live_user_LDADD = libdatamem.la
# No script of libtool's around it: set-user-ID programs ignore LD_LIBRARY_PATH.
%C%_live_user_LDFLAGS = $(AM_LDFLAGS) -no-install
CLEANFILES += %D%/live-user$(EXEEXT)

EXTRA_PROGRAMS += %D%/copies
%C%_copies_SOURCES = %D%/copies.c
%C%_copies_LDADD = -ldl
CLEANFILES += %D%/copies$(EXEEXT)

EXTRA_PROGRAMS += %D%/liar
%C%_liar_SOURCES = %D%/liar.c tests/must.h
%C%_liar_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_liar_LDADD = -lpthread
CLEANFILES += %D%/liar$(EXEEXT)

EXTRA_PROGRAMS += %D%/profile-maker
%C%_profile_maker_SOURCES = %D%/profile-maker.c tests/must.h
%C%_profile_maker_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_profile_maker_CFLAGS = $(AM_CFLAGS) -g
%C%_profile_maker_LDADD =
CLEANFILES += %D%/profile-maker$(EXEEXT)

if ENABLE_TOOL
if HAVE_BATS
TESTS += $(ctl_tests)
if ENABLE_MEASURE
TESTS += $(measure_tests)
endif
%D%/usage.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
%D%/output.log: datamem-ctl$(EXEEXT)
%D%/probe.log: datamem-ctl$(EXEEXT)
%D%/doctor.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/settings.log: datamem-ctl$(EXEEXT)
%D%/run.log: datamem-ctl$(EXEEXT) %D%/array-user$(EXEEXT)
%D%/drift.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
%D%/live.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT) %D%/copies$(EXEEXT)
%D%/statistics.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/top.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/choose.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/all.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/numpy.log: datamem-ctl$(EXEEXT)
%D%/pressure.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/hostile.log: datamem-ctl$(EXEEXT) %D%/liar$(EXEEXT)
%D%/rights.log: datamem-ctl$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/measure.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
%D%/replay.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
%D%/record.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS) \
	$(measureexec_LTLIBRARIES) %D%/record-user$(EXEEXT) \
	%D%/array-user$(EXEEXT)
%D%/record-pid.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS) \
	%D%/record-target$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/advise.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS) \
	$(measureexec_LTLIBRARIES) %D%/record-user$(EXEEXT) \
	%D%/array-user$(EXEEXT)
%D%/bench.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
%D%/profile.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS) \
	%D%/profile-maker$(EXEEXT) %D%/live-user$(EXEEXT)
%D%/profile-numpy.log: datamem-ctl$(EXEEXT) $(measureexec_PROGRAMS)
endif
endif

EXTRA_DIST += $(ctl_tests) $(measure_tests) %D%/common.bash %D%/live.bash %D%/golden %D%/sysroots
EXTRA_DIST += %D%/profile.proto %D%/flame-script.js %D%/five-sites.py

# Who a process is.
if ENABLE_TOOL
if HAVE_CHECK
check_PROGRAMS += %D%/check_describe
%C%_check_describe_SOURCES = %D%/check_describe.c
%C%_check_describe_LDADD = libdatamem-tool.la libdatamem.la $(CHECK_LIBS)
endif
endif

# Numbers of a page that changes while it is read.
if ENABLE_TOOL
if HAVE_CHECK
check_PROGRAMS += %D%/check_page
%C%_check_page_SOURCES = %D%/check_page.c
%C%_check_page_CPPFLAGS = $(AM_CPPFLAGS) $(tool_cppflags)
%C%_check_page_LDADD = libdatamem-tool.la libdatamem.la $(CHECK_LIBS)
endif
endif

# The arithmetic of advise.
if ENABLE_MEASURE
if HAVE_CHECK
check_PROGRAMS += %D%/check_advise
%C%_check_advise_SOURCES = %D%/check_advise.c
%C%_check_advise_SOURCES += src/datamem-measure/advise/model.c
%C%_check_advise_LDADD = $(CHECK_LIBS)
endif
endif

# What is recorded of events.
if ENABLE_MEASURE
if HAVE_CHECK
check_PROGRAMS += %D%/check_events
%C%_check_events_SOURCES = %D%/check_events.c $(record_events_sources)
%C%_check_events_CPPFLAGS = $(AM_CPPFLAGS) $(measure_cppflags)
%C%_check_events_LDADD = libdatamem-tool.la libdatamem.la $(CHECK_LIBS)
endif
endif

# The reader of recordings; needs zlib.
if ENABLE_MEASURE
if HAVE_CHECK
check_PROGRAMS += %D%/check_recording
%C%_check_recording_SOURCES = %D%/check_recording.c
%C%_check_recording_SOURCES += src/datamem-measure/replay/reader.c
%C%_check_recording_SOURCES += src/datamem-measure/replay/recording.c
%C%_check_recording_SOURCES += src/datamem-measure/replay/block-names.c
%C%_check_recording_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
%C%_check_recording_LDADD = $(CHECK_LIBS) $(ZLIB_LIBS)
endif
endif

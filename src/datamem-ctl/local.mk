# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool. Uses <datamem.h>, live-page.h and statistics.h, nothing else of the
# library.
# libdatamem-tool.la is what it shares with the programs of src/datamem-measure;
# src/datamem-ctl/layers has the order.

tool_cppflags = $(product_cppflags) -I$(top_srcdir)/src/datamem-ctl \
	$(SMARTCOLS_CFLAGS)

if ENABLE_TOOL
bin_PROGRAMS += datamem-ctl
noinst_LTLIBRARIES += libdatamem-tool.la
endif

# what all programs share

libdatamem_tool_la_CPPFLAGS = $(tool_cppflags)
libdatamem_tool_la_SOURCES =
libdatamem_tool_la_SOURCES += %D%/tool.c %D%/tool.h
libdatamem_tool_la_SOURCES += %D%/options.c %D%/options.h
libdatamem_tool_la_SOURCES += %D%/output/output.c %D%/output/output.h
libdatamem_tool_la_SOURCES += %D%/output/render.c %D%/output/render.h
libdatamem_tool_la_SOURCES += %D%/output/print.c
libdatamem_tool_la_SOURCES += %D%/output/draw.c
libdatamem_tool_la_SOURCES += %D%/output/screen.c %D%/output/screen.h
libdatamem_tool_la_SOURCES += %D%/process/process.h
libdatamem_tool_la_SOURCES += %D%/process/files.c %D%/process/files.h
libdatamem_tool_la_SOURCES += %D%/process/statistics.c %D%/process/statistics.h
libdatamem_tool_la_SOURCES += %D%/process/sealed.c %D%/process/sealed.h
libdatamem_tool_la_SOURCES += %D%/process/page.c %D%/process/page.h
libdatamem_tool_la_SOURCES += %D%/process/describe.c %D%/process/describe.h
libdatamem_tool_la_SOURCES += %D%/process/inspect.c %D%/process/inspect.h
libdatamem_tool_la_SOURCES += %D%/process/targets.c %D%/process/targets.h
libdatamem_tool_la_SOURCES += %D%/process/request.c %D%/process/request.h
libdatamem_tool_la_SOURCES += %D%/process/history.c %D%/process/history.h
libdatamem_tool_la_SOURCES += %D%/process/summary.c %D%/process/summary.h
libdatamem_tool_la_SOURCES += %D%/process/alert.c %D%/process/alert.h
libdatamem_tool_la_SOURCES += %D%/process/ask.c %D%/process/ask.h
libdatamem_tool_la_SOURCES += %D%/process/registered.c
libdatamem_tool_la_SOURCES += %D%/process/beat.c %D%/process/beat.h
libdatamem_tool_la_SOURCES += %D%/run/run.h
libdatamem_tool_la_SOURCES += %D%/run/environment.c %D%/run/environment.h
libdatamem_tool_la_SOURCES += %D%/run/exit-stats.c %D%/run/exit-stats.h
libdatamem_tool_la_SOURCES += %D%/run/launch.c %D%/run/launch.h

# the commands

measureexecdir = $(libexecdir)/datamem
datamem_ctl_CPPFLAGS = $(tool_cppflags) \
	-DCTL_BINDIR='"$(bindir)"' -DCTL_PROGRAMS='"$(measureexecdir)"'
datamem_ctl_LDADD = libdatamem-tool.la libdatamem.la $(SMARTCOLS_LIBS)
datamem_ctl_SOURCES =
datamem_ctl_SOURCES += %D%/main.c %D%/cmd.h %D%/commands.h
datamem_ctl_SOURCES += %D%/locate.c %D%/locate.h
datamem_ctl_SOURCES += %D%/cmd-info.c
datamem_ctl_SOURCES += %D%/cmd-probe.c
datamem_ctl_SOURCES += %D%/probe/probe.h %D%/probe/facts.c %D%/probe/verdict.c
datamem_ctl_SOURCES += %D%/probe/recorded.c
datamem_ctl_SOURCES += %D%/cmd-doctor.c
datamem_ctl_SOURCES += %D%/doctor/doctor.h %D%/doctor/checks.h
datamem_ctl_SOURCES += %D%/doctor/table.h %D%/doctor/table.c
datamem_ctl_SOURCES += %D%/doctor/patient.c %D%/doctor/huge.c
datamem_ctl_SOURCES += %D%/doctor/glibc.c %D%/doctor/memory.c
datamem_ctl_SOURCES += %D%/doctor/cgroup.c %D%/doctor/library.c
datamem_ctl_SOURCES += %D%/cmd-handlers.c
datamem_ctl_SOURCES += %D%/cmd-settings.c
datamem_ctl_SOURCES += %D%/cmd-run.c
datamem_ctl_SOURCES += %D%/cmd-list.c
datamem_ctl_SOURCES += %D%/cmd-stat.c
datamem_ctl_SOURCES += %D%/cmd-top.c
datamem_ctl_SOURCES += %D%/top/top.h %D%/top/look.c %D%/top/show.c
datamem_ctl_SOURCES += %D%/top/describe.c %D%/top/keys.c
datamem_ctl_SOURCES += %D%/top/lines.c
datamem_ctl_SOURCES += %D%/cmd-get.c
datamem_ctl_SOURCES += %D%/cmd-set.c
datamem_ctl_SOURCES += %D%/cmd-trim.c
datamem_ctl_SOURCES += %D%/cmd-export.c
datamem_ctl_SOURCES += %D%/cmd-measure.c

completions = %D%/datamem-ctl.bash
completions += %D%/completion/datamem-ctl.fish %D%/completion/_datamem-ctl
EXTRA_DIST += $(completions) %D%/completion/generate.bash
if ENABLE_TOOL
if ENABLE_BASH_COMPLETION
bashcompletion_DATA = %D%/datamem-ctl.bash
endif
if ENABLE_FISH_COMPLETION
fishcompletion_DATA = %D%/completion/datamem-ctl.fish
endif
if ENABLE_ZSH_COMPLETION
zshcompletion_DATA = %D%/completion/_datamem-ctl
endif
endif
EXTRA_DIST += %D%/layers

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool. Uses <datamem.h> and live-page.h, nothing else of the library.

if ENABLE_TOOL
bin_PROGRAMS += datamem-ctl
endif

datamem_ctl_CPPFLAGS = $(product_cppflags) $(SMARTCOLS_CFLAGS) $(ZLIB_CFLAGS)
datamem_ctl_LDADD = libdatamem.la $(SMARTCOLS_LIBS) $(ZLIB_LIBS) -lm
datamem_ctl_SOURCES =

datamem_ctl_SOURCES += %D%/main.c %D%/cmd.h %D%/commands.h
datamem_ctl_SOURCES += %D%/output.c %D%/output.h
datamem_ctl_SOURCES += %D%/options.c %D%/options.h
datamem_ctl_SOURCES += %D%/render.c %D%/render.h
datamem_ctl_SOURCES += %D%/cmd-info.c
datamem_ctl_SOURCES += %D%/cmd-probe.c
datamem_ctl_SOURCES += %D%/cmd-handlers.c
datamem_ctl_SOURCES += %D%/cmd-settings.c

# run
datamem_ctl_SOURCES += %D%/cmd-run.c
datamem_ctl_SOURCES += %D%/environment.c %D%/environment.h
datamem_ctl_SOURCES += %D%/exit-stats.c %D%/exit-stats.h
datamem_ctl_SOURCES += %D%/launch.c %D%/launch.h

# running processes
datamem_ctl_SOURCES += %D%/page.c %D%/page.h
datamem_ctl_SOURCES += %D%/process.c %D%/process.h
datamem_ctl_SOURCES += %D%/targets.c
datamem_ctl_SOURCES += %D%/request.c %D%/request.h
datamem_ctl_SOURCES += %D%/processes.c %D%/processes.h
datamem_ctl_SOURCES += %D%/ask.c %D%/ask.h
datamem_ctl_SOURCES += %D%/cmd-list.c
datamem_ctl_SOURCES += %D%/cmd-stat.c
datamem_ctl_SOURCES += %D%/cmd-top.c
datamem_ctl_SOURCES += %D%/beat.c %D%/beat.h
datamem_ctl_SOURCES += %D%/screen.c %D%/screen.h
datamem_ctl_SOURCES += %D%/cmd-get.c
datamem_ctl_SOURCES += %D%/cmd-set.c
datamem_ctl_SOURCES += %D%/cmd-trim.c
datamem_ctl_SOURCES += %D%/cmd-export.c

# replay
datamem_ctl_SOURCES += %D%/cmd-replay.c
datamem_ctl_SOURCES += %D%/replay-report.c %D%/replay-report.h
datamem_ctl_SOURCES += %D%/replay-run.c %D%/replay-run.h
datamem_ctl_SOURCES += %D%/replay-steps.c %D%/replay-steps.h
datamem_ctl_SOURCES += %D%/replay-verify.c %D%/replay-verify.h
datamem_ctl_SOURCES += %D%/trace-file.c %D%/trace-file.h
datamem_ctl_SOURCES += %D%/block-names.c %D%/block-names.h
datamem_ctl_SOURCES += %D%/allocator.c %D%/allocator.h
datamem_ctl_SOURCES += %D%/measure.c %D%/measure.h

# bench; allocators and measuring are those of replay
datamem_ctl_SOURCES += %D%/cmd-bench.c %D%/bench.h
datamem_ctl_SOURCES += %D%/bench-rows.c
datamem_ctl_SOURCES += %D%/bench-small.c
datamem_ctl_SOURCES += %D%/bench-large.c
datamem_ctl_SOURCES += %D%/bench-run.c
datamem_ctl_SOURCES += %D%/bench-report.c %D%/bench-report.h
datamem_ctl_SOURCES += %D%/bench-plot.c

if ENABLE_TOOL
if ENABLE_BASH_COMPLETION
dist_bashcompletion_DATA = %D%/datamem-ctl.bash
else
EXTRA_DIST += %D%/datamem-ctl.bash
endif
else
EXTRA_DIST += %D%/datamem-ctl.bash
endif

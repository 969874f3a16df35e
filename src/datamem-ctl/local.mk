# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool. Uses <datamem.h> and live-page.h, nothing else of the library.

if ENABLE_TOOL
bin_PROGRAMS += datamem-ctl
endif

datamem_ctl_CPPFLAGS = $(product_cppflags) -I$(top_srcdir)/src/datamem-ctl \
	-I$(top_srcdir)/src/datamem-measure $(SMARTCOLS_CFLAGS) $(ZLIB_CFLAGS)
datamem_ctl_LDADD = libdatamem.la $(SMARTCOLS_LIBS) $(ZLIB_LIBS) -lm
datamem_ctl_SOURCES =

datamem_ctl_SOURCES += %D%/main.c %D%/cmd.h %D%/commands.h
datamem_ctl_SOURCES += %D%/output/output.c %D%/output/output.h
datamem_ctl_SOURCES += %D%/options.c %D%/options.h
datamem_ctl_SOURCES += %D%/output/render.c %D%/output/render.h
datamem_ctl_SOURCES += %D%/cmd-info.c
datamem_ctl_SOURCES += %D%/cmd-probe.c
datamem_ctl_SOURCES += %D%/cmd-handlers.c
datamem_ctl_SOURCES += %D%/cmd-settings.c

# run
datamem_ctl_SOURCES += %D%/cmd-run.c
datamem_ctl_SOURCES += %D%/run/environment.c %D%/run/environment.h
datamem_ctl_SOURCES += %D%/run/exit-stats.c %D%/run/exit-stats.h
datamem_ctl_SOURCES += %D%/run/launch.c %D%/run/launch.h

# running processes
datamem_ctl_SOURCES += %D%/process/page.c %D%/process/page.h
datamem_ctl_SOURCES += %D%/process/process.c %D%/process/process.h
datamem_ctl_SOURCES += %D%/process/targets.c
datamem_ctl_SOURCES += %D%/process/request.c %D%/process/request.h
datamem_ctl_SOURCES += %D%/process/summary.c %D%/process/summary.h
datamem_ctl_SOURCES += %D%/process/ask.c %D%/process/ask.h
datamem_ctl_SOURCES += %D%/cmd-list.c
datamem_ctl_SOURCES += %D%/cmd-stat.c
datamem_ctl_SOURCES += %D%/cmd-top.c
datamem_ctl_SOURCES += %D%/process/beat.c %D%/process/beat.h
datamem_ctl_SOURCES += %D%/output/screen.c %D%/output/screen.h
datamem_ctl_SOURCES += %D%/cmd-get.c
datamem_ctl_SOURCES += %D%/cmd-set.c
datamem_ctl_SOURCES += %D%/cmd-trim.c
datamem_ctl_SOURCES += %D%/cmd-export.c

# replay
datamem_ctl_SOURCES += src/datamem-measure/replay.c
datamem_ctl_SOURCES += src/datamem-measure/replay/report.c src/datamem-measure/replay/report.h
datamem_ctl_SOURCES += src/datamem-measure/replay/run.c src/datamem-measure/replay/run.h
datamem_ctl_SOURCES += src/datamem-measure/replay/steps.c src/datamem-measure/replay/steps.h
datamem_ctl_SOURCES += src/datamem-measure/replay/verify.c src/datamem-measure/replay/verify.h
datamem_ctl_SOURCES += src/datamem-measure/replay/trace-file.c src/datamem-measure/replay/trace-file.h
datamem_ctl_SOURCES += src/datamem-measure/replay/block-names.c src/datamem-measure/replay/block-names.h
datamem_ctl_SOURCES += src/datamem-measure/measure/allocator.c src/datamem-measure/measure/allocator.h
datamem_ctl_SOURCES += src/datamem-measure/measure/measure.c src/datamem-measure/measure/measure.h

# bench; allocators and measuring are those of replay
datamem_ctl_SOURCES += src/datamem-measure/bench.c src/datamem-measure/bench/bench.h
datamem_ctl_SOURCES += src/datamem-measure/bench/rows.c
datamem_ctl_SOURCES += src/datamem-measure/bench/small.c
datamem_ctl_SOURCES += src/datamem-measure/bench/large.c
datamem_ctl_SOURCES += src/datamem-measure/bench/run.c
datamem_ctl_SOURCES += src/datamem-measure/bench/report.c src/datamem-measure/bench/report.h
datamem_ctl_SOURCES += src/datamem-measure/bench/plot.c

EXTRA_DIST += %D%/datamem-ctl.bash
if ENABLE_TOOL
if ENABLE_BASH_COMPLETION
bashcompletion_DATA = %D%/datamem-ctl.bash
endif
endif

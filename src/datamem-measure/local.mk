# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The programs that `datamem-ctl` runs for bench, replay, record and advise,
# below
# libexec/datamem. Heavy dependencies stay with them.

if ENABLE_MEASURE
measureexec_PROGRAMS += datamem-bench datamem-replay datamem-record \
	datamem-advise
endif

measure_cppflags = $(tool_cppflags) -I$(top_srcdir)/src/datamem-measure
measure_ldadd = libdatamem-tool.la libdatamem.la $(SMARTCOLS_LIBS)

# measuring: both

measure_sources =
measure_sources += %D%/measure/measure.c %D%/measure/measure.h
measure_sources += %D%/measure/huge.c
measure_sources += %D%/measure/allocator.c %D%/measure/allocator.h
measure_sources += %D%/measure/comparison.c %D%/measure/comparison.h

# bench

datamem_bench_CPPFLAGS = $(measure_cppflags)
datamem_bench_LDADD = $(measure_ldadd) -lm -lpthread
datamem_bench_SOURCES = $(measure_sources)
datamem_bench_SOURCES += %D%/bench.c
datamem_bench_SOURCES += %D%/bench/bench.h %D%/bench/kernels.h
datamem_bench_SOURCES += %D%/bench/rows.c
datamem_bench_SOURCES += %D%/bench/small.c
datamem_bench_SOURCES += %D%/bench/large.c
datamem_bench_SOURCES += %D%/bench/scale.c
datamem_bench_SOURCES += %D%/bench/walk.c
datamem_bench_SOURCES += %D%/bench/host.c
datamem_bench_SOURCES += %D%/bench/memory.c
datamem_bench_SOURCES += %D%/bench/run.c
datamem_bench_SOURCES += %D%/bench/report.c %D%/bench/report.h
datamem_bench_SOURCES += %D%/bench/plot.c

# replaying: replay and advise

replay_sources =
replay_sources += %D%/replay/replay.h
replay_sources += %D%/replay/job.c %D%/replay/job.h
replay_sources += %D%/replay/block-names.c %D%/replay/block-names.h
replay_sources += %D%/replay/report.c %D%/replay/report.h
replay_sources += %D%/replay/run.c %D%/replay/run.h
replay_sources += %D%/replay/steps.c %D%/replay/steps.h
replay_sources += %D%/replay/reader.c %D%/replay/reader.h
replay_sources += %D%/replay/recording.c %D%/replay/recording.h
replay_sources += %D%/replay/verify.c %D%/replay/verify.h

# replay

datamem_replay_CPPFLAGS = $(measure_cppflags) $(ZLIB_CFLAGS)
datamem_replay_LDADD = $(measure_ldadd) $(ZLIB_LIBS) -lpthread
datamem_replay_SOURCES = $(measure_sources)
datamem_replay_SOURCES += $(replay_sources)
datamem_replay_SOURCES += %D%/replay.c

# recording: record and advise

record_sources =
record_sources += %D%/record/record.h
record_sources += %D%/record/program.c %D%/record/program.h
record_sources += %D%/record/observe.c %D%/record/observe.h
record_sources += %D%/record/output.c %D%/record/output.h
record_sources += %D%/record/attach.h

# What is read, which the fuzzer links, too.

record_events_sources =
record_events_sources += src/events-page.h
record_events_sources += %D%/record/ring.c %D%/record/ring.h
record_events_sources += %D%/record/addresses.c %D%/record/addresses.h
record_events_sources += %D%/record/follow.c %D%/record/follow.h

# record

datamem_record_CPPFLAGS = $(measure_cppflags) $(ZLIB_CFLAGS)
datamem_record_LDADD = $(measure_ldadd) $(ZLIB_LIBS)
datamem_record_SOURCES = $(record_sources) $(record_events_sources)
datamem_record_SOURCES += %D%/record/attach.c
datamem_record_SOURCES += %D%/record/find.c %D%/record/find.h
datamem_record_SOURCES += %D%/record.c

# advise

datamem_advise_CPPFLAGS = $(measure_cppflags) $(ZLIB_CFLAGS)
datamem_advise_LDADD = $(measure_ldadd) $(ZLIB_LIBS) -lpthread
datamem_advise_SOURCES = $(measure_sources) $(replay_sources)
datamem_advise_SOURCES += $(record_sources)
datamem_advise_SOURCES += %D%/advise.c
datamem_advise_SOURCES += %D%/advise/advise.h
datamem_advise_SOURCES += %D%/advise/model.c %D%/advise/model.h
datamem_advise_SOURCES += %D%/advise/variants.c %D%/advise/variants.h
datamem_advise_SOURCES += %D%/advise/report.c %D%/advise/report.h

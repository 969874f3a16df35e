# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The program that `datamem-ctl profile` runs, below libexec/datamem. Needs zlib;
# with elfutils it knows the names of native code.

if ENABLE_MEASURE
measureexec_PROGRAMS += datamem-profile
endif

profile_cppflags = $(tool_cppflags) -I$(top_srcdir)/src/datamem-profile \
	$(ZLIB_CFLAGS) $(LIBDW_CFLAGS)
profile_libs = libdatamem-tool.la libdatamem.la $(SMARTCOLS_LIBS) \
	$(ZLIB_LIBS) $(LIBDW_LIBS) -lm -ldl

# What is read, which the fuzzer links, too.

profile_sampled_sources =
profile_sampled_sources += %D%/sampled/sampled.h
profile_sampled_sources += %D%/sampled/read.c
profile_sampled_sources += %D%/sampled/part.c %D%/sampled/part.h
profile_sampled_sources += %D%/sampled/rows.c
profile_sampled_sources += %D%/sampled/texts.c

profile_formats_sources =
profile_formats_sources += %D%/formats/formats.h
profile_formats_sources += %D%/formats/stack.c %D%/formats/stack.h
profile_formats_sources += %D%/formats/table.c
profile_formats_sources += %D%/formats/protobuf.c %D%/formats/protobuf.h
profile_formats_sources += %D%/formats/pprof.c
profile_formats_sources += %D%/formats/collapsed.c
profile_formats_sources += %D%/formats/heap.c
profile_formats_sources += %D%/formats/flame.c %D%/formats/flame-page.h

datamem_profile_CPPFLAGS = $(profile_cppflags)
datamem_profile_LDADD = $(profile_libs)
datamem_profile_SOURCES = %D%/profile.c
datamem_profile_SOURCES += %D%/arguments.c %D%/arguments.h
datamem_profile_SOURCES += $(profile_sampled_sources)
datamem_profile_SOURCES += %D%/sampled/open.c
datamem_profile_SOURCES += %D%/sampled/chosen.c
datamem_profile_SOURCES += %D%/sampled/residency.c
datamem_profile_SOURCES += %D%/symbols/symbols.c %D%/symbols/symbols.h
datamem_profile_SOURCES += %D%/symbols/object.c %D%/symbols/object.h
datamem_profile_SOURCES += %D%/symbols/libdw.c %D%/symbols/libdw.h
datamem_profile_SOURCES += %D%/symbols/demangle.c %D%/symbols/demangle.h
datamem_profile_SOURCES += $(profile_formats_sources)

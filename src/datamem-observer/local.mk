# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The observer that `datamem-ctl record` preloads into a program. It depends on
# the C library alone, and is built without sanitizers: the program has none.

if ENABLE_OBSERVER
measureexec_LTLIBRARIES += datamem-observer.la
endif

datamem_observer_la_CPPFLAGS = -D_GNU_SOURCE
datamem_observer_la_CFLAGS = -std=gnu11 -fvisibility=hidden -fno-builtin \
	$(WARN_CFLAGS)
datamem_observer_la_LDFLAGS = -module -avoid-version -shared \
	-Wl,--no-undefined -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete
datamem_observer_la_LIBADD = -ldl
datamem_observer_la_SOURCES =
datamem_observer_la_SOURCES += %D%/observer.c %D%/observer.h
datamem_observer_la_SOURCES += %D%/base.h
datamem_observer_la_SOURCES += %D%/attach.c %D%/attach.h
datamem_observer_la_SOURCES += %D%/clock.c %D%/clock.h
datamem_observer_la_SOURCES += %D%/family.c %D%/family.h
datamem_observer_la_SOURCES += %D%/spool.c %D%/spool.h
datamem_observer_la_SOURCES += %D%/table.c %D%/table.h

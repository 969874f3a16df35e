# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The library. libdatamem-core.la holds every source once: unit tests link it;
# libdatamem.la, with the version map, is what is installed.

noinst_LTLIBRARIES += libdatamem-core.la
libdatamem_core_la_CPPFLAGS = $(product_cppflags)
libdatamem_core_la_LIBADD = -lpthread
libdatamem_core_la_SOURCES =

# The sources from the ground floor up; src/libdatamem/layers has the order.

libdatamem_core_la_SOURCES += %D%/base.c
libdatamem_core_la_SOURCES += %D%/base.h

# what the kernel did

libdatamem_core_la_SOURCES += %D%/kernel/kernel.h

libdatamem_core_la_SOURCES += %D%/kernel/missing.h
libdatamem_core_la_SOURCES += %D%/kernel/memory.c
libdatamem_core_la_SOURCES += %D%/kernel/files.h
libdatamem_core_la_SOURCES += %D%/kernel/files.c
libdatamem_core_la_SOURCES += %D%/kernel/numa.c
libdatamem_core_la_SOURCES += %D%/kernel/facts.c
libdatamem_core_la_SOURCES += %D%/kernel/cgroup.c
libdatamem_core_la_SOURCES += %D%/kernel/features.c
libdatamem_core_la_SOURCES += %D%/kernel/pages.c
libdatamem_core_la_SOURCES += %D%/kernel/shared.c %D%/kernel/shared.h
libdatamem_core_la_SOURCES += %D%/kernel/pressure.c

# used from all floors above

libdatamem_core_la_SOURCES += %D%/live.c %D%/live.h src/live-page.h

libdatamem_core_la_SOURCES += %D%/log.c
libdatamem_core_la_SOURCES += %D%/log.h

libdatamem_core_la_SOURCES += %D%/settings.c
libdatamem_core_la_SOURCES += %D%/definition.c %D%/definition.h
libdatamem_core_la_SOURCES += %D%/environment.c %D%/environment.h
libdatamem_core_la_SOURCES += %D%/settings.h

libdatamem_core_la_SOURCES += %D%/stats.c
libdatamem_core_la_SOURCES += %D%/stats.h

libdatamem_core_la_SOURCES += %D%/misuse.c
libdatamem_core_la_SOURCES += %D%/misuse.h

libdatamem_core_la_SOURCES += %D%/trace.c
libdatamem_core_la_SOURCES += %D%/ledger.c %D%/ledger.h
libdatamem_core_la_SOURCES += %D%/domain.c %D%/domain.h
libdatamem_core_la_SOURCES += %D%/shard.c %D%/shard.h
libdatamem_core_la_SOURCES += %D%/trace.h

# probe, advice, receipts

libdatamem_core_la_SOURCES += %D%/probe.h
libdatamem_core_la_SOURCES += %D%/probe.c
libdatamem_core_la_SOURCES += %D%/hugepage.c
libdatamem_core_la_SOURCES += %D%/hugepage.h

# the library's own mappings

libdatamem_core_la_SOURCES += %D%/limit.c %D%/limit.h
libdatamem_core_la_SOURCES += %D%/arena/arena.h %D%/arena/state.h
libdatamem_core_la_SOURCES += %D%/arena/window.c %D%/arena/window.h
libdatamem_core_la_SOURCES += %D%/arena/runs.c %D%/arena/runs.h
libdatamem_core_la_SOURCES += %D%/arena/arena.c
libdatamem_core_la_SOURCES += %D%/arena/place.c %D%/arena/place.h
libdatamem_core_la_SOURCES += %D%/arena/take.c
libdatamem_core_la_SOURCES += %D%/arena/shelf.c %D%/arena/shelf.h
libdatamem_core_la_SOURCES += %D%/arena/resize.c
libdatamem_core_la_SOURCES += %D%/arena/segment.c %D%/arena/segment.h
libdatamem_core_la_SOURCES += %D%/arena/kept.c %D%/arena/kept.h
libdatamem_core_la_SOURCES += %D%/arena/retain.c
libdatamem_core_la_SOURCES += %D%/arena/outside.c
libdatamem_core_la_SOURCES += %D%/arena/lifecycle.c
libdatamem_core_la_SOURCES += %D%/arena/pages.c %D%/arena/pages.h
libdatamem_core_la_SOURCES += %D%/arena/slab.c %D%/arena/slab.h

# per-thread caches

libdatamem_core_la_SOURCES += %D%/cache.c %D%/cache.h
libdatamem_core_la_SOURCES += %D%/cache-threads.c %D%/cache-threads.h

# the default allocator and the raw functions

libdatamem_core_la_SOURCES += %D%/default.c %D%/default.h
libdatamem_core_la_SOURCES += %D%/alloc.c %D%/alloc.h
libdatamem_core_la_SOURCES += %D%/raw.c
libdatamem_core_la_SOURCES += %D%/receipt.c

# handlers, contexts, buffers

libdatamem_core_la_SOURCES += %D%/pool.c %D%/pool.h
libdatamem_core_la_SOURCES += %D%/roster.c %D%/roster.h
libdatamem_core_la_SOURCES += %D%/debug.c %D%/debug.h
libdatamem_core_la_SOURCES += %D%/aligned.c %D%/aligned.h
libdatamem_core_la_SOURCES += %D%/registry.c %D%/registry.h
libdatamem_core_la_SOURCES += %D%/context.c %D%/context.h
libdatamem_core_la_SOURCES += %D%/handler.c %D%/handler.h
libdatamem_core_la_SOURCES += %D%/buffer.c

# live control

libdatamem_core_la_SOURCES += %D%/control.c %D%/control.h
libdatamem_core_la_SOURCES += %D%/control-page.c
libdatamem_core_la_SOURCES += %D%/control-requests.c
libdatamem_core_la_SOURCES += %D%/control-thread.c

# the roof: knows all

libdatamem_core_la_SOURCES += %D%/version.c

libdatamem_core_la_SOURCES += %D%/init.c

lib_LTLIBRARIES += libdatamem.la
libdatamem_la_SOURCES =
libdatamem_la_LIBADD = libdatamem-core.la
libdatamem_la_LDFLAGS = $(AM_LDFLAGS) \
	-no-undefined \
	-version-info $(LIBDATAMEM_CURRENT):$(LIBDATAMEM_REVISION):$(LIBDATAMEM_AGE) \
	-Wl,--version-script=$(top_srcdir)/%D%/libdatamem.map \
	-Wl,--no-undefined-version \
	-Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete
EXTRA_libdatamem_la_DEPENDENCIES = %D%/libdatamem.map
EXTRA_DIST += %D%/libdatamem.map %D%/layers

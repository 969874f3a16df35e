# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The library. libdatamem-core.la holds every source once: unit tests link it;
# libdatamem.la, with the version map, is what is installed.

noinst_LTLIBRARIES += libdatamem-core.la
libdatamem_core_la_CPPFLAGS = $(product_cppflags) -I$(top_srcdir)/src/libdatamem
libdatamem_core_la_CFLAGS = $(AM_CFLAGS) $(FRAME_CFLAGS)
libdatamem_core_la_LIBADD = -lpthread
libdatamem_core_la_SOURCES =

# The sources from the ground floor up; src/libdatamem/layers has the order.

libdatamem_core_la_SOURCES += %D%/base.c
libdatamem_core_la_SOURCES += %D%/base.h
libdatamem_core_la_SOURCES += %D%/locks.c %D%/locks.h

libdatamem_core_la_SOURCES += %D%/probes.c %D%/probes.h
libdatamem_core_la_SOURCES += %D%/linker.c %D%/linker.h
libdatamem_core_la_SOURCES += %D%/unwinder.c %D%/unwinder.h

# what the kernel did

libdatamem_core_la_SOURCES += %D%/kernel/kernel.h

libdatamem_core_la_SOURCES += %D%/kernel/missing.h
libdatamem_core_la_SOURCES += %D%/kernel/memory.c
libdatamem_core_la_SOURCES += %D%/kernel/names.c
libdatamem_core_la_SOURCES += %D%/kernel/threads.c
libdatamem_core_la_SOURCES += %D%/kernel/files.h
libdatamem_core_la_SOURCES += %D%/kernel/files.c
libdatamem_core_la_SOURCES += %D%/kernel/self.c
libdatamem_core_la_SOURCES += %D%/kernel/numa.c
libdatamem_core_la_SOURCES += %D%/kernel/facts.c
libdatamem_core_la_SOURCES += %D%/kernel/cgroup.c
libdatamem_core_la_SOURCES += %D%/kernel/groups.c
libdatamem_core_la_SOURCES += %D%/kernel/features.c
libdatamem_core_la_SOURCES += %D%/kernel/residency.c
libdatamem_core_la_SOURCES += %D%/kernel/shared.c %D%/kernel/shared.h
libdatamem_core_la_SOURCES += %D%/kernel/pressure.c
libdatamem_core_la_SOURCES += %D%/kernel/processors.c

# used from all floors above

libdatamem_core_la_SOURCES += %D%/live.c %D%/live.h src/live-page.h src/profile-page.h src/statistics.h

libdatamem_core_la_SOURCES += %D%/log.c
libdatamem_core_la_SOURCES += %D%/log.h

libdatamem_core_la_SOURCES += %D%/settings/settings.c
libdatamem_core_la_SOURCES += %D%/settings/definition.c %D%/settings/definition.h
libdatamem_core_la_SOURCES += %D%/settings/environment.c %D%/settings/environment.h
libdatamem_core_la_SOURCES += %D%/settings/settings.h

libdatamem_core_la_SOURCES += %D%/stats.c
libdatamem_core_la_SOURCES += %D%/stats.h

libdatamem_core_la_SOURCES += %D%/misuse.c
libdatamem_core_la_SOURCES += %D%/misuse.h

libdatamem_core_la_SOURCES += %D%/trace/trace.c
libdatamem_core_la_SOURCES += %D%/trace/ledger.c %D%/trace/ledger.h
libdatamem_core_la_SOURCES += %D%/trace/domain.c %D%/trace/domain.h
libdatamem_core_la_SOURCES += %D%/trace/shard.c %D%/trace/shard.h

# the sampled profile

libdatamem_core_la_SOURCES += %D%/profile/profile.c %D%/profile/profile.h
libdatamem_core_la_SOURCES += %D%/profile/switch.c %D%/profile/switch.h
libdatamem_core_la_SOURCES += %D%/profile/sampler.c %D%/profile/sampler.h
libdatamem_core_la_SOURCES += %D%/profile/weight.c %D%/profile/weight.h
libdatamem_core_la_SOURCES += %D%/profile/frames.c %D%/profile/frames.h
libdatamem_core_la_SOURCES += %D%/profile/native.c %D%/profile/python.c
libdatamem_core_la_SOURCES += %D%/profile/mappings.c %D%/profile/mappings.h
libdatamem_core_la_SOURCES += %D%/profile/tables.c %D%/profile/tables.h
libdatamem_core_la_SOURCES += %D%/profile/stacks.c %D%/profile/stacks.h
libdatamem_core_la_SOURCES += %D%/profile/samples.c %D%/profile/samples.h
libdatamem_core_la_SOURCES += %D%/profile/write.c %D%/profile/write.h
libdatamem_core_la_SOURCES += %D%/trace/trace.h

# events for another process

libdatamem_core_la_SOURCES += src/events-page.h
libdatamem_core_la_SOURCES += %D%/events/events.c %D%/events/events.h
libdatamem_core_la_SOURCES += %D%/events/ring.c %D%/events/ring.h

# tools that watch the process

libdatamem_core_la_SOURCES += %D%/guest/guest.c %D%/guest/guest.h
libdatamem_core_la_SOURCES += %D%/guest/sanitizer.c %D%/guest/sanitizer.h
libdatamem_core_la_SOURCES += %D%/guest/valgrind.c %D%/guest/valgrind.h

# probe, advice, receipts

libdatamem_core_la_SOURCES += %D%/hugepage/probe.h
libdatamem_core_la_SOURCES += %D%/hugepage/probe.c
libdatamem_core_la_SOURCES += %D%/hugepage/hugepage.c
libdatamem_core_la_SOURCES += %D%/hugepage/hugepage.h

# the library's own mappings

libdatamem_core_la_SOURCES += %D%/limit.c %D%/limit.h
libdatamem_core_la_SOURCES += %D%/arena/arena.h %D%/arena/state.h
libdatamem_core_la_SOURCES += %D%/arena/window.c %D%/arena/window.h
libdatamem_core_la_SOURCES += %D%/arena/regions.c
libdatamem_core_la_SOURCES += %D%/arena/heads.c %D%/arena/heads.h
libdatamem_core_la_SOURCES += %D%/arena/trees.c %D%/arena/trees.h
libdatamem_core_la_SOURCES += %D%/arena/runs.c %D%/arena/runs.h
libdatamem_core_la_SOURCES += %D%/arena/arena.c
libdatamem_core_la_SOURCES += %D%/arena/place.c %D%/arena/place.h
libdatamem_core_la_SOURCES += %D%/arena/chunks.c
libdatamem_core_la_SOURCES += %D%/arena/take.c
libdatamem_core_la_SOURCES += %D%/arena/turn.c
libdatamem_core_la_SOURCES += %D%/arena/quiet.c %D%/arena/quiet.h
libdatamem_core_la_SOURCES += %D%/arena/retire.c
libdatamem_core_la_SOURCES += %D%/arena/zero.c %D%/arena/zero.h
libdatamem_core_la_SOURCES += %D%/arena/room.c %D%/arena/room.h
libdatamem_core_la_SOURCES += %D%/arena/shelf.c %D%/arena/shelf.h
libdatamem_core_la_SOURCES += %D%/arena/again.c %D%/arena/shelves.h
libdatamem_core_la_SOURCES += %D%/arena/move.c %D%/arena/move.h
libdatamem_core_la_SOURCES += %D%/arena/resize.c
libdatamem_core_la_SOURCES += %D%/arena/segment.c %D%/arena/segment.h
libdatamem_core_la_SOURCES += %D%/arena/kept.c %D%/arena/kept.h
libdatamem_core_la_SOURCES += %D%/arena/dump.c %D%/arena/dump.h
libdatamem_core_la_SOURCES += %D%/arena/open.c %D%/arena/open.h
libdatamem_core_la_SOURCES += %D%/arena/cap.c %D%/arena/cap.h
libdatamem_core_la_SOURCES += %D%/arena/retain.c
libdatamem_core_la_SOURCES += %D%/arena/search.c %D%/arena/search.h
libdatamem_core_la_SOURCES += %D%/arena/makeup.c
libdatamem_core_la_SOURCES += %D%/arena/refill.c %D%/arena/refill.h
libdatamem_core_la_SOURCES += %D%/arena/outside.c
libdatamem_core_la_SOURCES += %D%/arena/live.c
libdatamem_core_la_SOURCES += %D%/arena/numbers.c
libdatamem_core_la_SOURCES += %D%/arena/away.c
libdatamem_core_la_SOURCES += %D%/arena/lifecycle.c

# small blocks

libdatamem_core_la_SOURCES += %D%/slab/classes.c %D%/slab/classes.h
libdatamem_core_la_SOURCES += %D%/slab/list.h
libdatamem_core_la_SOURCES += %D%/slab/notes.c %D%/slab/notes.h
libdatamem_core_la_SOURCES += %D%/slab/numbers.c
libdatamem_core_la_SOURCES += %D%/slab/spans.c %D%/slab/spans.h
libdatamem_core_la_SOURCES += %D%/slab/rows.c %D%/slab/rows.h
libdatamem_core_la_SOURCES += %D%/slab/stash.c %D%/slab/stash.h
libdatamem_core_la_SOURCES += %D%/slab/bits.h %D%/slab/central.h
libdatamem_core_la_SOURCES += %D%/slab/pages.c %D%/slab/pages.h
libdatamem_core_la_SOURCES += %D%/slab/open.c %D%/slab/open.h
libdatamem_core_la_SOURCES += %D%/slab/live.c
libdatamem_core_la_SOURCES += %D%/slab/slab.c %D%/slab/slab.h
libdatamem_core_la_SOURCES += %D%/slab/take.c
libdatamem_core_la_SOURCES += %D%/slab/lifecycle.c

# per-thread caches

libdatamem_core_la_SOURCES += %D%/cache/cache.c %D%/cache/cache.h
libdatamem_core_la_SOURCES += %D%/cache/threads.c %D%/cache/threads.h
libdatamem_core_la_SOURCES += %D%/cache/groups.c %D%/cache/groups.h
libdatamem_core_la_SOURCES += %D%/cache/roster.c %D%/cache/roster.h
libdatamem_core_la_SOURCES += %D%/cache/counts.c %D%/cache/counts.h
libdatamem_core_la_SOURCES += %D%/cache/budget.c %D%/cache/budget.h
libdatamem_core_la_SOURCES += %D%/cache/idle.c %D%/cache/idle.h
libdatamem_core_la_SOURCES += %D%/cache/watch.c
libdatamem_core_la_SOURCES += %D%/cache/drain.c %D%/cache/drain.h
libdatamem_core_la_SOURCES += %D%/cache/meter.c %D%/cache/meter.h
libdatamem_core_la_SOURCES += %D%/cache/gone.c %D%/cache/gone.h

# guard sampling

libdatamem_core_la_SOURCES += %D%/reports/reports.c %D%/reports/reports.h
libdatamem_core_la_SOURCES += %D%/reports/stack.c
libdatamem_core_la_SOURCES += %D%/guard/guard.c %D%/guard/guard.h
libdatamem_core_la_SOURCES += %D%/guard/blocks.c %D%/guard/blocks.h
libdatamem_core_la_SOURCES += %D%/guard/trap.c %D%/guard/trap.h
libdatamem_core_la_SOURCES += %D%/guard/report.c %D%/guard/report.h

# the default allocator and the raw functions

libdatamem_core_la_SOURCES += %D%/alloc/find.c %D%/alloc/find.h
libdatamem_core_la_SOURCES += %D%/alloc/hosted.c %D%/alloc/hosted.h
libdatamem_core_la_SOURCES += %D%/alloc/watched.c %D%/alloc/watched.h
libdatamem_core_la_SOURCES += %D%/alloc/route.c %D%/alloc/route.h
libdatamem_core_la_SOURCES += %D%/alloc/remake.c
libdatamem_core_la_SOURCES += %D%/alloc/wire.c %D%/alloc/request.h
libdatamem_core_la_SOURCES += %D%/alloc/recording.c
libdatamem_core_la_SOURCES += %D%/alloc/slow-resize.c
libdatamem_core_la_SOURCES += %D%/alloc/slow.c %D%/alloc/slow.h %D%/alloc/fast.h
libdatamem_core_la_SOURCES += %D%/alloc/alloc.c %D%/alloc/alloc.h
libdatamem_core_la_SOURCES += %D%/alloc/tables.c
libdatamem_core_la_SOURCES += %D%/alloc/dims.c
libdatamem_core_la_SOURCES += %D%/alloc/raw.c
libdatamem_core_la_SOURCES += %D%/alloc/receipt.c

# handlers, contexts, buffers

libdatamem_core_la_SOURCES += %D%/records.c %D%/records.h
libdatamem_core_la_SOURCES += %D%/handler/debug-roster.c %D%/handler/debug-roster.h
libdatamem_core_la_SOURCES += %D%/handler/debug-finding.c %D%/handler/debug-finding.h
libdatamem_core_la_SOURCES += %D%/handler/debug-fill.c %D%/handler/debug-fill.h
libdatamem_core_la_SOURCES += %D%/handler/debug.c %D%/handler/debug.h
libdatamem_core_la_SOURCES += %D%/handler/aligned.c %D%/handler/aligned.h
libdatamem_core_la_SOURCES += %D%/handler/builtins.c %D%/handler/builtins.h
libdatamem_core_la_SOURCES += %D%/handler/scope.c %D%/handler/scope.h
libdatamem_core_la_SOURCES += %D%/handler/shared.c %D%/handler/shared.h
libdatamem_core_la_SOURCES += %D%/handler/shared-table.c %D%/handler/shared-table.h
libdatamem_core_la_SOURCES += %D%/handler/registry.c %D%/handler/registry.h
libdatamem_core_la_SOURCES += %D%/handler/registry-notes.c
libdatamem_core_la_SOURCES += %D%/handler/context.c %D%/handler/context.h
libdatamem_core_la_SOURCES += %D%/handler/handler.c %D%/handler/handler.h
libdatamem_core_la_SOURCES += %D%/handler/buffer.c

# live control

libdatamem_core_la_SOURCES += %D%/control/control.c %D%/control/control.h
libdatamem_core_la_SOURCES += %D%/control/page.c
libdatamem_core_la_SOURCES += %D%/control/requests.c
libdatamem_core_la_SOURCES += %D%/control/thread.c
libdatamem_core_la_SOURCES += %D%/control/upkeep.c %D%/control/upkeep.h

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
	-Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete \
	-Wl,--sort-section=name -Wl,-Bsymbolic-functions
EXTRA_libdatamem_la_DEPENDENCIES = %D%/libdatamem.map
EXTRA_DIST += %D%/README.md %D%/libdatamem.map %D%/layers

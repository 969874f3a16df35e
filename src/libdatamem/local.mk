# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The library. libdatamem-core.la holds every source once: unit tests link it;
# libdatamem.la, with the version map, is what is installed.

noinst_LTLIBRARIES += libdatamem-core.la
libdatamem_core_la_CPPFLAGS = $(product_cppflags) -I$(top_srcdir)/src/libdatamem
libdatamem_core_la_CFLAGS = $(AM_CFLAGS) $(FRAME_CFLAGS)
libdatamem_core_la_LIBADD = -lpthread
libdatamem_core_la_SOURCES =

# The sources from the ground floor up; src/libdatamem/layers has the order. They
# are linked in this order, but those of which a small program runs nothing come
# last: what is run lies together, and the rest is not mapped by the kernel.
rare_sources =

libdatamem_core_la_SOURCES += %D%/base.c
libdatamem_core_la_SOURCES += %D%/base.h
libdatamem_core_la_SOURCES += %D%/locks.c %D%/locks.h

libdatamem_core_la_SOURCES += %D%/probes.c %D%/probes.h
libdatamem_core_la_SOURCES += %D%/linker.c %D%/linker.h
rare_sources += %D%/unwinder.c %D%/unwinder.h

# what the kernel did

libdatamem_core_la_SOURCES += %D%/kernel/kernel.h

libdatamem_core_la_SOURCES += %D%/kernel/missing.h
libdatamem_core_la_SOURCES += %D%/kernel/memory.c
libdatamem_core_la_SOURCES += %D%/kernel/names.c
libdatamem_core_la_SOURCES += %D%/kernel/threads.c
libdatamem_core_la_SOURCES += %D%/kernel/files.h
libdatamem_core_la_SOURCES += %D%/kernel/files.c
rare_sources += %D%/kernel/self.c
rare_sources += %D%/kernel/numa.c
libdatamem_core_la_SOURCES += %D%/kernel/facts.c
rare_sources += %D%/kernel/cgroup.c
rare_sources += %D%/kernel/groups.c
rare_sources += %D%/kernel/features.c
rare_sources += %D%/kernel/residency.c
libdatamem_core_la_SOURCES += %D%/kernel/shared.c %D%/kernel/shared.h
rare_sources += %D%/kernel/apart.c
rare_sources += %D%/kernel/pressure.c
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
rare_sources += %D%/trace/ledger.c %D%/trace/ledger.h
rare_sources += %D%/trace/domain.c %D%/trace/domain.h
rare_sources += %D%/trace/shard.c %D%/trace/shard.h

# the sampled profile

rare_sources += %D%/profile/profile.c %D%/profile/profile.h
libdatamem_core_la_SOURCES += %D%/profile/switch.c %D%/profile/switch.h
libdatamem_core_la_SOURCES += %D%/profile/sampler.c %D%/profile/sampler.h
rare_sources += %D%/profile/weight.c %D%/profile/weight.h
rare_sources += %D%/profile/frames.c %D%/profile/frames.h
rare_sources += %D%/profile/native.c %D%/profile/python.c
rare_sources += %D%/profile/mappings.c %D%/profile/mappings.h
rare_sources += %D%/profile/tables.c %D%/profile/tables.h
rare_sources += %D%/profile/stacks.c %D%/profile/stacks.h
rare_sources += %D%/profile/samples.c %D%/profile/samples.h
rare_sources += %D%/profile/write.c %D%/profile/write.h
libdatamem_core_la_SOURCES += %D%/trace/trace.h

# events for another process

libdatamem_core_la_SOURCES += src/events-page.h
rare_sources += %D%/events/events.c %D%/events/events.h
rare_sources += %D%/events/ring.c %D%/events/ring.h

# tools that watch the process

libdatamem_core_la_SOURCES += %D%/guest/guest.c %D%/guest/guest.h
rare_sources += %D%/guest/sanitizer.c %D%/guest/sanitizer.h
rare_sources += %D%/guest/valgrind.c %D%/guest/valgrind.h

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
rare_sources += %D%/arena/zero.c %D%/arena/zero.h
libdatamem_core_la_SOURCES += %D%/arena/room.c %D%/arena/room.h
libdatamem_core_la_SOURCES += %D%/arena/shelf.c %D%/arena/shelf.h
rare_sources += %D%/arena/again.c %D%/arena/shelves.h
rare_sources += %D%/arena/move.c %D%/arena/move.h
rare_sources += %D%/arena/resize.c
rare_sources += %D%/arena/segment.c %D%/arena/segment.h
libdatamem_core_la_SOURCES += %D%/arena/kept.c %D%/arena/kept.h
libdatamem_core_la_SOURCES += %D%/arena/dump.c %D%/arena/dump.h
rare_sources += %D%/arena/open.c %D%/arena/open.h
libdatamem_core_la_SOURCES += %D%/arena/cap.c %D%/arena/cap.h
libdatamem_core_la_SOURCES += %D%/arena/retain.c
rare_sources += %D%/arena/search.c %D%/arena/search.h
rare_sources += %D%/arena/makeup.c
rare_sources += %D%/arena/refill.c %D%/arena/refill.h
rare_sources += %D%/arena/outside.c
libdatamem_core_la_SOURCES += %D%/arena/live.c
libdatamem_core_la_SOURCES += %D%/arena/numbers.c
rare_sources += %D%/arena/away.c
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
rare_sources += %D%/slab/open.c %D%/slab/open.h
rare_sources += %D%/slab/live.c
libdatamem_core_la_SOURCES += %D%/slab/slab.c %D%/slab/slab.h
libdatamem_core_la_SOURCES += %D%/slab/take.c
rare_sources += %D%/slab/lifecycle.c

# per-thread caches

libdatamem_core_la_SOURCES += %D%/cache/cache.c %D%/cache/cache.h
libdatamem_core_la_SOURCES += %D%/cache/threads.c %D%/cache/threads.h
libdatamem_core_la_SOURCES += %D%/cache/groups.c %D%/cache/groups.h
libdatamem_core_la_SOURCES += %D%/cache/roster.c %D%/cache/roster.h
libdatamem_core_la_SOURCES += %D%/cache/counts.c %D%/cache/counts.h
libdatamem_core_la_SOURCES += %D%/cache/budget.c %D%/cache/budget.h
rare_sources += %D%/cache/idle.c %D%/cache/idle.h
rare_sources += %D%/cache/watch.c
rare_sources += %D%/cache/drain.c %D%/cache/drain.h
rare_sources += %D%/cache/meter.c %D%/cache/meter.h
libdatamem_core_la_SOURCES += %D%/cache/gone.c %D%/cache/gone.h

# guard sampling

rare_sources += %D%/reports/reports.c %D%/reports/reports.h
rare_sources += %D%/reports/stack.c
rare_sources += %D%/guard/guard.c %D%/guard/guard.h
rare_sources += %D%/guard/blocks.c %D%/guard/blocks.h
rare_sources += %D%/guard/trap.c %D%/guard/trap.h
rare_sources += %D%/guard/report.c %D%/guard/report.h

# the default allocator and the raw functions

rare_sources += %D%/alloc/find.c %D%/alloc/find.h
rare_sources += %D%/alloc/hosted.c %D%/alloc/hosted.h
rare_sources += %D%/alloc/watched.c %D%/alloc/watched.h
libdatamem_core_la_SOURCES += %D%/alloc/route.c %D%/alloc/route.h
libdatamem_core_la_SOURCES += %D%/alloc/remake.c
libdatamem_core_la_SOURCES += %D%/alloc/wire.c %D%/alloc/request.h
rare_sources += %D%/alloc/recording.c
rare_sources += %D%/alloc/slow-resize.c
libdatamem_core_la_SOURCES += %D%/alloc/slow.c %D%/alloc/slow.h %D%/alloc/fast.h
libdatamem_core_la_SOURCES += %D%/alloc/alloc.c %D%/alloc/alloc.h
rare_sources += %D%/alloc/tables.c
libdatamem_core_la_SOURCES += %D%/alloc/dims.c
rare_sources += %D%/alloc/raw.c
rare_sources += %D%/alloc/receipt.c

# handlers, contexts, buffers

libdatamem_core_la_SOURCES += %D%/records.c %D%/records.h
rare_sources += %D%/handler/debug-roster.c %D%/handler/debug-roster.h
rare_sources += %D%/handler/debug-finding.c %D%/handler/debug-finding.h
rare_sources += %D%/handler/debug-fill.c %D%/handler/debug-fill.h
rare_sources += %D%/handler/debug.c %D%/handler/debug.h
libdatamem_core_la_SOURCES += %D%/handler/aligned.c %D%/handler/aligned.h
libdatamem_core_la_SOURCES += %D%/handler/builtins.c %D%/handler/builtins.h
rare_sources += %D%/handler/scope.c %D%/handler/scope.h
rare_sources += %D%/handler/shared.c %D%/handler/shared.h
rare_sources += %D%/handler/shared-table.c %D%/handler/shared-table.h
libdatamem_core_la_SOURCES += %D%/handler/registry.c %D%/handler/registry.h
libdatamem_core_la_SOURCES += %D%/handler/registry-notes.c
libdatamem_core_la_SOURCES += %D%/handler/context.c %D%/handler/context.h
libdatamem_core_la_SOURCES += %D%/handler/handler.c %D%/handler/handler.h
rare_sources += %D%/handler/buffer.c

# live control

libdatamem_core_la_SOURCES += %D%/control/control.c %D%/control/control.h
libdatamem_core_la_SOURCES += %D%/control/page.c
rare_sources += %D%/control/requests.c
libdatamem_core_la_SOURCES += %D%/control/thread.c
libdatamem_core_la_SOURCES += %D%/control/upkeep.c %D%/control/upkeep.h

# the roof: knows all

libdatamem_core_la_SOURCES += %D%/version.c

libdatamem_core_la_SOURCES += %D%/init.c

libdatamem_core_la_SOURCES += $(rare_sources)

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

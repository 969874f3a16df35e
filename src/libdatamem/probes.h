/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of probes (USDT): places that bpftrace, perf and others can
 * attach to in a running process. Each is a no-op behind a test of its
 * semaphore, which is 0 while nobody listens; arguments are not computed then.
 * Without sys/sdt.h at configure time nothing is left of them.
 *
 * PROBE(PROVIDER, name, (arguments), help)
 *
 * PROVIDER  DATAMEM, or SAMPLES: OpenTelemetry's name for allocators, which is
 *           provisional: only here
 * help      a sentence for the manual; a test compares it, and the library's
 *           notes
 */
#ifndef DMEM_PROBES_H
#define DMEM_PROBES_H

#include "base.h"

#define DMEM_PROVIDER_DATAMEM datamem
#define DMEM_PROVIDER_SAMPLES otel_memory

#define DMEM_PROBES(PROBE)                                                   \
PROBE(SAMPLES, alloc, (ptr, size, weighted_bytes),                           \
	"A block was made that the profile samples; it stands for so many bytes.") \
PROBE(SAMPLES, free, (ptr),                                                  \
	"A sampled block was freed, or is resized: then alloc may follow.")  \
PROBE(DATAMEM, map, (addr, bytes),                                           \
	"Memory for blocks was mapped.")                                     \
PROBE(DATAMEM, purge, (addr, bytes),                                         \
	"Pages were given back to the kernel.")                              \
PROBE(DATAMEM, move, (from, to, bytes),                                      \
	"The pages of a block moved, so that it could grow.")                \
PROBE(DATAMEM, copy, (from, to, bytes),                                      \
	"A block was copied for a resize.")                                  \
PROBE(DATAMEM, trim, (keep, bytes),                                          \
	"A trim gave so many bytes back, down to keep.")                     \
PROBE(DATAMEM, limit, (bytes, limit),                                        \
	"limit.max refused a request.")                                      \
PROBE(DATAMEM, pressure, (bytes),                                            \
	"Memory is short; so many bytes were given back for it.")            \
PROBE(DATAMEM, refill, (size, blocks),                                       \
	"A thread's cache of this size was empty, and got so many blocks.")

#ifdef HAVE_PROBES

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#define DMEM_SEMAPHORE_OF(provider, name) provider##_##name##_semaphore
#define DMEM_SEMAPHORE(provider, name) DMEM_SEMAPHORE_OF(provider, name)

#define DMEM_PROBE(provider, name, arguments, help)                          \
	extern unsigned short DMEM_SEMAPHORE(DMEM_PROVIDER_##provider, name) \
		__attribute__((__visibility__("hidden")));
DMEM_PROBES(DMEM_PROBE)
#undef DMEM_PROBE

/* Whether anybody listens: the kernel, or a debugger, writes it. */
#define dmem_probed(provider, name)                                          \
	dmem_unlikely(dmem_load(&DMEM_SEMAPHORE(DMEM_PROVIDER_##provider,    \
						name)))
#define dmem_probe1(provider, name, a)                                       \
	do {                                                                 \
		if (dmem_probed(provider, name))                             \
			STAP_PROBE1(DMEM_PROVIDER_##provider, name, a);      \
	} while (0)
#define dmem_probe2(provider, name, a, b)                                    \
	do {                                                                 \
		if (dmem_probed(provider, name))                             \
			STAP_PROBE2(DMEM_PROVIDER_##provider, name, a, b);   \
	} while (0)
#define dmem_probe3(provider, name, a, b, c)                                 \
	do {                                                                 \
		if (dmem_probed(provider, name))                             \
			STAP_PROBE3(DMEM_PROVIDER_##provider, name, a, b, c); \
	} while (0)

#else

#define dmem_probe1(provider, name, a) ((void)(a))
#define dmem_probe2(provider, name, a, b) ((void)(a), (void)(b))
#define dmem_probe3(provider, name, a, b, c) ((void)(a), (void)(b), (void)(c))

#endif /* HAVE_PROBES */

#endif /* DMEM_PROBES_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The semaphores of the probes, where tools look for them. */
#include "probes.h"

#ifdef HAVE_PROBES
#define DMEM_PROBE(provider, name, arguments, help)                          \
	unsigned short DMEM_SEMAPHORE(DMEM_PROVIDER_##provider, name)        \
		__attribute__((__section__(".probes"), __used__));
DMEM_PROBES(DMEM_PROBE)
#undef DMEM_PROBE
#endif

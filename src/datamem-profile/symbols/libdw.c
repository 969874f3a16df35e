/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds libdw and its functions. */
#include "tool.h"

#ifdef DATAMEM_LOADS_LIBDW

#include "libdw.h"

#include <dlfcn.h>

struct libdw libdw;

/* False: an older one, without one of them. */
static bool find_all(void *library)
{
#define LIBDW_FIND(name) \
	if (!(libdw.name = (__typeof__(libdw.name))dlsym(library, #name))) \
		return false;
	LIBDW_FUNCTIONS(LIBDW_FIND)
#undef LIBDW_FIND
	return true;
}

bool libdw_is_here(void)
{
	static bool sought, found;
	void *library;

	if (sought)
		return found;
	sought = true;
	library = dlopen("libdw.so.1", RTLD_LAZY | RTLD_LOCAL);
	found = library && find_all(library);
	return found;
}

#endif

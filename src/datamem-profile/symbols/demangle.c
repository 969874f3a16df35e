/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Names of C++ functions, by the C++ library, which is there wherever a program
 * needs it: this one does not.
 */
#include "tool.h"
#include "demangle.h"

#include <dlfcn.h>

/* Names of templates grow fast; nobody reads longer ones. */
#define SYMBOL_MOST 8192

typedef char *(*demangler)(const char *symbol, char *out, size_t *size,
			   int *status);

static demangler find_demangler(void)
{
	static demangler found;
	static bool sought;
	void *library;

	if (sought)
		return found;
	sought = true;
	library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
	if (library)
		found = (demangler)dlsym(library, "__cxa_demangle");
	return found;
}

char *demangle(const char *symbol)
{
	char *name = NULL;
	int status = 0;

	if (strncmp(symbol, "_Z", 2) == 0 && strlen(symbol) < SYMBOL_MOST &&
	    find_demangler())
		name = find_demangler()(symbol, NULL, NULL, &status);
	return name ? name : ctl_strdup(symbol);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Count the array data of a part of a program, and report each change. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

static void report(void *arg, int event, unsigned int domain,
		   const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	static const char *const names[] = { "?", "alloc", "resize", "free" };

	(void)old_ptr;
	(void)new_ptr;
	if (domain == DATAMEM_TRACE_DOMAIN && event > 0 && event < 4)
		fprintf(arg, "%s %zu\n", names[event], nbytes);
}

int main(void)
{
	struct datamem_trace_totals totals;
	void *a, *b, *larger;

	if (datamem_trace_start() != 0 ||
	    datamem_trace_set_hook(report, stdout) != 0)
		return EXIT_FAILURE;

	a = datamem_alloc(1000);
	b = datamem_alloc_zeroed(100, 80);
	larger = datamem_realloc(a, 5000);
	if (larger)
		a = larger;
	datamem_free(b, 8000);

	datamem_trace_set_hook(NULL, NULL);
	if (datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
				     sizeof(totals)) == 0)
		printf("%zu block of %zu bytes, at most %zu bytes\n",
		       totals.blocks, totals.bytes, totals.peak_bytes);
	datamem_free(a, 5000);
	datamem_trace_stop();
	return EXIT_SUCCESS;
}

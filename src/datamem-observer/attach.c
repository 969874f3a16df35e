/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of libdatamem, by the hook of its accounts. */
#include "observer.h"

#include "attach.h"

/* As datamem_trace_hook; called without a lock of the library. */
static void hook(void *arg __attribute__((__unused__)), int event,
		 unsigned int domain __attribute__((__unused__)),
		 const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	struct observer_block block;

	switch (event) {
	case 1:
		if (nbytes >= observer_min)
			observer_made('a', new_ptr, nbytes, OBSERVER_DATAMEM);
		break;
	case 2:
		/* old_ptr may be another block's by now, of another thread. */
		if (observer_take(old_ptr, OBSERVER_DATAMEM, &block))
			observer_resized(new_ptr, nbytes, OBSERVER_DATAMEM,
					 &block);
		else if (nbytes >= observer_min)
			observer_made('a', new_ptr, nbytes, OBSERVER_DATAMEM);
		break;
	default:
		/* The size of a block that the accounts do not know is 0. */
		if (!nbytes || nbytes >= observer_min)
			observer_freed(old_ptr, OBSERVER_DATAMEM);
		break;
	}
}

OBSERVER_API void datamem_observer_attach(
	int (*set_hook)(datamem_observer_hook hook, void *arg),
	int (*start)(void))
{
	static const char line[] = "# libdatamem: accounts\n";

	observer_begin();
	if (observer_note(line, sizeof(line) - 1) && set_hook(hook, NULL) == 0)
		start();
}

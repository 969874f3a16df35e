/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Result structs that grow between releases; locks at exit. */
#include "base.h"

#include <string.h>
#include <time.h>

bool dmem_lock_idle(pthread_mutex_t *lock, unsigned int *patience)
{
	static const struct timespec pause = { 0, 1000000 };

	for (;;) {
		if (!pthread_mutex_trylock(lock)) {
			pthread_mutex_unlock(lock);
			return true;
		}
		if (!*patience)
			return false;
		--*patience;
		nanosleep(&pause, NULL);
	}
}

void dmem_struct_copy(void *out, size_t out_size, const void *in,
		      size_t in_size)
{
	size_t nbytes = DMEM_MIN(out_size, in_size);

	memcpy(out, in, nbytes);
	memset((char *)out + nbytes, 0, out_size - nbytes);
}

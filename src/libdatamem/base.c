/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Result structs that grow between releases; locks at exit. */
#include "base.h"

#include <string.h>
#include <time.h>

bool dmem_lock_within(pthread_mutex_t *lock, unsigned int *patience)
{
	static const struct timespec pause = { 0, 1000000 };

	while (pthread_mutex_trylock(lock)) {
		if (!*patience)
			return false;
		--*patience;
		nanosleep(&pause, NULL);
	}
	return true;
}

bool dmem_lock_idle(pthread_mutex_t *lock, unsigned int *patience)
{
	if (!dmem_lock_within(lock, patience))
		return false;
	pthread_mutex_unlock(lock);
	return true;
}

void dmem_struct_copy(void *out, size_t out_size, const void *in,
		      size_t in_size)
{
	size_t nbytes = DMEM_MIN(out_size, in_size);

	memcpy(out, in, nbytes);
	memset((char *)out + nbytes, 0, out_size - nbytes);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Result structs that grow between releases. */
#include "base.h"

#include <string.h>

void dmem_struct_copy(void *out, size_t out_size, const void *in,
		      size_t in_size)
{
	size_t nbytes = DMEM_MIN(out_size, in_size);

	memcpy(out, in, nbytes);
	memset((char *)out + nbytes, 0, out_size - nbytes);
	dmem_written(out, out_size);
}

__attribute__((__weak__)) void __msan_unpoison(const volatile void *addr,
					       size_t size);

void dmem_written(const void *out, size_t nbytes)
{
	if (__msan_unpoison)
		__msan_unpoison(out, nbytes);
}

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
}

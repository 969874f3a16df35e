/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which release this is and how it was built. */
#include "base.h"

unsigned int datamem_version_number(void)
{
	return DATAMEM_VERSION_NUMBER;
}

const char *datamem_version_string(void)
{
	return DATAMEM_VERSION_STRING;
}

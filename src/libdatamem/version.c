/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which release this is, and what configure found when it was built. */
#include "base.h"

#include "guest/guest.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

unsigned int datamem_version_number(void)
{
	return DATAMEM_VERSION_NUMBER;
}

const char *datamem_version_string(void)
{
	return DATAMEM_VERSION_STRING;
}

int datamem_build_info_get(struct datamem_build_info *out, size_t out_size)
{
	struct datamem_build_info info = {
		.version = DATAMEM_VERSION_STRING,
		.compiler = COMPILER,
		.features = DATAMEM_FEATURES,
		.kernel_headers = DATAMEM_KERNEL_HEADERS,
		.kernel_build = DATAMEM_KERNEL_BUILD,
		.hugepage = DATAMEM_ENABLE_HUGEPAGE,
		.page_size = DATAMEM_BUILD_PAGE_SIZE,
	};

	if (!out || out_size == 0)
		return -EINVAL;
	dmem_library_init();
	info.tool = dmem_guest_name() ? dmem_guest_name() : "";
	info.blocks = dmem_guest_hosted() ? "malloc" : "arena";
	dmem_struct_copy(out, out_size, &info, sizeof(info));
	return 0;
}

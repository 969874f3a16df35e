/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The built-in handlers. */

#include "builtins.h"

#include "alloc/alloc.h"
#include "debug.h"
#include "shared.h"

/* NumPy's PyDataMem_Handler, version 1: one pointer serves both. */
#if defined(__LP64__)
#define OFFSET_IS(member, offset)                                            \
	_Static_assert(offsetof(struct datamem_handler, member) == (offset), \
		       "layout differs from NumPy's")
OFFSET_IS(name, 0);
OFFSET_IS(version, 127);
OFFSET_IS(allocator.ctx, 128);
OFFSET_IS(allocator.malloc, 136);
OFFSET_IS(allocator.calloc, 144);
OFFSET_IS(allocator.realloc, 152);
OFFSET_IS(allocator.free, 160);
_Static_assert(sizeof(struct datamem_handler) == 168,
	       "size differs from NumPy's");
#endif
_Static_assert(sizeof(((struct datamem_handler *)0)->name) ==
	       DATAMEM_HANDLER_NAME_MAX + 1, "name and its limit differ");

struct datamem_handler dmem_builtins[DMEM_BUILTINS] = {
	[DMEM_BUILTIN_DEFAULT] = { .name = "default_allocator" },
	[DMEM_BUILTIN_DATAMEM] = { .name = "datamem" },
	[DMEM_BUILTIN_SYSTEM] = { .name = "system" },
	[DMEM_BUILTIN_DEBUG] = { .name = "debug" },
	[DMEM_BUILTIN_SHARED] = { .name = "shared" },
};

/* Fixed by init. */
static const struct datamem_handler *family;

void dmem_builtins_init(void)
{
	static const struct datamem_allocator *const tables[DMEM_BUILTINS] = {
		[DMEM_BUILTIN_DEFAULT] = &dmem_alloc_default,
		[DMEM_BUILTIN_DATAMEM] = &dmem_alloc_apart,
		[DMEM_BUILTIN_SYSTEM] = &dmem_alloc_system,
		[DMEM_BUILTIN_DEBUG] = &dmem_debug,
		[DMEM_BUILTIN_SHARED] = &dmem_shared_blocks,
	};

	for (size_t i = 0; i < DMEM_BUILTINS; i++) {
		dmem_builtins[i].version = DATAMEM_HANDLER_VERSION;
		dmem_builtins[i].allocator = *tables[i];
	}
}

static const struct dmem_alloc_family system_family = {
	"system", &dmem_alloc_system, dmem_alloc_system_usable, dmem_alloc_system_fit,
};
static const struct dmem_alloc_family debug_family = {
	"debug", &dmem_debug, dmem_debug_usable_size, dmem_debug_fit,
};

/* The untracked table: alloc.c tracks the family's blocks itself. */
void dmem_builtins_fix_family(const struct datamem_handler *process_wide)
{
	family = process_wide;
	if (family == &dmem_builtins[DMEM_BUILTIN_SYSTEM])
		dmem_alloc_set_family(&system_family);
	else if (family == &dmem_builtins[DMEM_BUILTIN_DEBUG])
		dmem_alloc_set_family(&debug_family);
	else
		family = dmem_builtins_default();
}

bool dmem_builtins_align(const struct datamem_handler *handler, size_t align)
{
	/* Of less than 16 bytes jemalloc's malloc(3) and others align to 8. */
	if (handler == &dmem_builtins[DMEM_BUILTIN_SYSTEM])
		return align <= 8;
	if (align <= 1 || (align <= 16 && dmem_builtins_have(handler)))
		return true;
	return handler == &dmem_builtins[DMEM_BUILTIN_DEFAULT] ||
	       handler == &dmem_builtins[DMEM_BUILTIN_DATAMEM] ||
	       dmem_aligned_is(handler);
}

void *dmem_builtins_make(const struct datamem_handler *handler, size_t nbytes,
			 size_t align)
{
	if (align <= 16 || align <= dmem_aligned_of(handler))
		return datamem_handler_alloc(handler, nbytes);
	if (handler == &dmem_builtins[DMEM_BUILTIN_DEFAULT])
		return dmem_alloc_default_aligned(nbytes, align);
	return dmem_alloc_with(nbytes, align, 0);
}

const struct datamem_handler *dmem_builtins_family(void)
{
	return family;
}

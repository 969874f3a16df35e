/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What sanitizers offer, in GCC and LLVM. Their runtime is in the program or
 * before us in the order of libraries, so its functions are there when the
 * library is loaded, or are never.
 */
#include "sanitizer.h"

#include <stdlib.h>

#define WEAK __attribute__((__weak__))

/* One for each; all but LeakSanitizer's also search leaks or are for others. */
WEAK void __asan_init(void);
WEAK void __hwasan_init(void);
WEAK void __msan_init(void);
WEAK void __tsan_init(void);
WEAK void __lsan_init(void);

/* Of all. */
WEAK int __sanitizer_get_ownership(const volatile void *ptr);
WEAK void __sanitizer_print_stack_trace(void);
WEAK int __sanitizer_install_malloc_and_free_hooks(
	void (*made)(const volatile void *ptr, size_t nbytes),
	void (*gone)(const volatile void *ptr));

WEAK void __asan_report_error(void *pc, void *bp, void *sp, void *addr,
			      int is_write, size_t access_size);
WEAK void __asan_poison_memory_region(const volatile void *addr, size_t size);
WEAK void __asan_unpoison_memory_region(const volatile void *addr,
					size_t size);
WEAK void __msan_poison(const volatile void *addr, size_t size);
WEAK void __msan_unpoison(const volatile void *addr, size_t size);
WEAK void __msan_check_mem_is_initialized(const volatile void *addr,
					  size_t size);

DMEM_START const char *dmem_sanitizer_find(void)
{
	if (__asan_init)
		return "AddressSanitizer";
	if (__hwasan_init)
		return "HWAddressSanitizer";
	if (__msan_init)
		return "MemorySanitizer";
	if (__tsan_init)
		return "ThreadSanitizer";
	return __lsan_init ? "LeakSanitizer" : NULL;
}

bool dmem_sanitizer_is_of_threads(void)
{
	return __tsan_init;
}

static void (*on_free)(const void *ptr);

static void made(const volatile void *ptr DMEM_UNUSED,
		 size_t nbytes DMEM_UNUSED)
{
}

static void gone(const volatile void *ptr)
{
	on_free((const void *)(uintptr_t)ptr);
}

void dmem_sanitizer_on_free(void (*fn)(const void *ptr))
{
	on_free = fn;
	if (__sanitizer_install_malloc_and_free_hooks)
		__sanitizer_install_malloc_and_free_hooks(made, gone);
}

bool dmem_sanitizer_alive(const void *ptr)
{
	return !__sanitizer_get_ownership || __sanitizer_get_ownership(ptr);
}

/*
 * AddressSanitizer reports an access to the address, says which block it is
 * and who made and freed that. MemorySanitizer has no report of its own for
 * this: it gets a byte that is uninitialised. The others show the stack.
 */
DMEM_FRAMED void dmem_sanitizer_complain(const void *ptr)
{
	char byte = 0;

	if (__asan_report_error) {
		__asan_report_error(__builtin_return_address(0),
				    __builtin_frame_address(0), &byte,
				    (void *)(uintptr_t)ptr, 0, 1);
		return;
	}
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	if (__msan_poison && __msan_check_mem_is_initialized) {
		__msan_poison(&byte, 1);
		__msan_check_mem_is_initialized(&byte, 1);
	}
}

/* AddressSanitizer alone looks before it frees. */
DMEM_FRAMED void dmem_sanitizer_complain_dead(void *ptr)
{
	if (__asan_init)
		free(ptr);
	else
		dmem_sanitizer_complain(ptr);
}

void dmem_sanitizer_forbid(const void *ptr, size_t nbytes)
{
	if (__asan_poison_memory_region)
		__asan_poison_memory_region(ptr, nbytes);
	if (__msan_poison)
		__msan_poison(ptr, nbytes);
}

void dmem_sanitizer_permit(const void *ptr, size_t nbytes, bool defined)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(ptr, nbytes);
	if (defined && __msan_unpoison)
		__msan_unpoison(ptr, nbytes);
	if (!defined && __msan_poison)
		__msan_poison(ptr, nbytes);
}

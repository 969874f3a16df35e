/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Requests from outside: the input is one after the other, as a process writes
 * them into the slot of the control page. Each is answered, and the library
 * works afterwards, within the limits that were set.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "kernel/kernel.h"
#include "live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void use(void)
{
	static const size_t sizes[] = { 1, 800, 100000, 3000000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *ptr = datamem_alloc_zeroed(sizes[i], 1);

		/* As limit.max has it. */
		require(ptr || errno == ENOMEM);
		if (!ptr)
			continue;
		require(!ptr[0] && !ptr[sizes[i] - 1]);
		ptr[0] = ptr[sizes[i] - 1] = 1;
		datamem_free(ptr, sizes[i]);
	}
}

/* Of the settings, those that would have the fuzzer itself end or wait. */
static bool is_harmless(const struct live_request *request)
{
	static const char *const never[] = { "place.hugetlb", "stats.exit" };

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (!strncmp(request->name, never[i], sizeof(request->name)))
			return false;
	return true;
}

static void ask(const struct live_request *request)
{
	struct live_request *slot = &dmem_live->request;
	uint32_t serial = slot->serial + 1;

	memcpy(slot, request, sizeof(*slot));
	slot->serial = serial;
	__atomic_store_n(&slot->state, LIVE_PENDING, __ATOMIC_RELEASE);
	require(datamem_control_poll() >= 0);
	require(__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) ==
		LIVE_ANSWERED);
	require(slot->answer_serial == serial && slot->status <= 0);
	require(memchr(slot->text, '\0', sizeof(slot->text)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	struct live_request request;

	/* This program answers; no thread does. */
	if (!started) {
		require(!datamem_setting_set("control", "page"));
		datamem_control_start();
		started = true;
	}
	/* Kind, length of the name, of the value; then the two. */
	while (size >= 4) {
		size_t name = data[1], value = data[2], all;

		memset(&request, 0, sizeof(request));
		request.kind = data[0] % 8;
		request.argument = data[3];
		data += 4;
		size -= 4;
		name = name < size ? name : size;
		name = name < sizeof(request.name) ? name : sizeof(request.name);
		memcpy(request.name, data, name);
		all = size - name;
		value = value < all ? value : all;
		value = value < sizeof(request.value) ? value :
							sizeof(request.value);
		memcpy(request.value, data + name, value);
		data += name + value;
		size -= name + value;
		if (!is_harmless(&request))
			continue;
		ask(&request);
		use();
	}
	return 0;
}

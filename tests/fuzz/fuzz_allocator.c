/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The allocator, driven by bytes as operations, against a model that knows each
 * block, its bytes, its handler and what the accounts must say.
 */
#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* Sizes beyond reach are refused, as by other C libraries. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static const struct datamem_handler *some_handler(void)
{
	static const char *const names[] = {
		"default_allocator", "datamem", "system", "debug",
		"datamem_aligned_128", "datamem_aligned_65536",
		"datamem_lazy_64", "datamem_aligned_8",
	};

	return datamem_handler_find(names[byte() % 8]);
}

static size_t some_alignment(void)
{
	return (size_t)1 << byte() % 22;
}

static void make_array(struct slot *slot, size_t nelem, size_t elsize)
{
	size_t nbytes = SIZE_MAX;

	if (nelem <= LARGEST) {
		elsize = nelem * elsize > LARGEST ? 1 : elsize;
		nbytes = nelem * elsize;
	} else {
		elsize += 4;
	}
	made(slot, FAMILY, datamem_alloc_array(nelem, elsize), nbytes, 1);
}

static void make_family(struct slot *slot, unsigned int how)
{
	size_t nbytes = some_size(), align;

	switch (how) {
	case 0:
		made(slot, FAMILY, datamem_alloc(nbytes), nbytes, 1);
		break;
	case 1:
		made(slot, FAMILY, datamem_alloc_zeroed(nbytes, 1), nbytes, 1);
		break;
	case 2:
		made(slot, FAMILY, datamem_alloc_lazy(1, nbytes), nbytes, 1);
		break;
	case 3:
		align = some_alignment();
		made(slot, FAMILY, datamem_alloc_aligned(nbytes, align),
		     nbytes, align);
		break;
	default:
		make_array(slot, nbytes, byte());
		break;
	}
	if (slot->kind && (how == 1 || how == 2))
		look_zero(slot, 0);
}

static void make_handler(struct slot *slot)
{
	size_t nbytes = some_size();
	bool zeroed = byte() & 1;
	void *ptr;

	slot->handler = some_handler();
	errno = ERRNO;
	ptr = zeroed ? datamem_handler_alloc_zeroed(slot->handler, 1, nbytes)
		     : datamem_handler_alloc(slot->handler, nbytes);
	made(slot, HANDLER, ptr, nbytes, 16);
	if (slot->kind && zeroed)
		look_zero(slot, 0);
}

static void buffer_made(struct slot *slot, int ret, size_t align)
{
	errno = ret ? -ret : ERRNO;
	made(slot, BUFFER, ret ? NULL : slot->buffer.data,
	     ret ? 0 : slot->buffer.nbytes, align ? align : 1);
	if (!ret)
		track(slot, held(slot) + (slot->buffer.reserved[1] ?
					  slot->buffer.reserved[1] - 1 : 0));
}

static void make_buffer(struct slot *slot)
{
	const struct datamem_handler *handler = some_handler();
	size_t nbytes = some_size(), align = byte() & 1 ? some_alignment() : 0;

	buffer_made(slot, datamem_buffer_init_with(&slot->buffer, handler,
						   nbytes, align), align);
}

static void make(struct slot *slot)
{
	unsigned int how = byte() % 10;
	size_t nbytes;

	errno = ERRNO;
	if (how < 5) {
		make_family(slot, how);
	} else if (how == 5) {
		nbytes = byte();
		made(slot, DIMS, datamem_dims_alloc(nbytes),
		     nbytes * sizeof(intptr_t), 16);
		slot->tracked = false;
	} else if (how == 6) {
		nbytes = some_size();
		made(slot, RAW, datamem_raw_new(nbytes), nbytes, 16);
	} else if (how == 7) {
		make_buffer(slot);
	} else {
		make_handler(slot);
	}
	if (slot->kind)
		fill(slot);
}

/* A block was resized, or was not: then all is as it was. */
static void resized(struct slot *slot, void *ptr, size_t nbytes)
{
	size_t had = slot->nbytes;

	if (!came(ptr)) {
		/* A shrink never fails. */
		require(nbytes > had || slot->kind == RAW ||
			slot->kind == HANDLER);
		look(slot, had, had);
		return;
	}
	require(nbytes <= PTRDIFF_MAX);
	slot->ptr = ptr;
	slot->nbytes = nbytes;
	require(is_aligned(slot));
	apart(slot);
	look(slot, nbytes < had ? nbytes : had, had);
	track(slot, held(slot));
	fill(slot);
}

static void resize_buffer(struct slot *slot, size_t nbytes)
{
	size_t had = slot->nbytes;
	bool zeroed = byte() & 1;
	int ret = zeroed ? datamem_buffer_resize_zeroed(&slot->buffer, nbytes)
			 : datamem_buffer_resize(&slot->buffer, nbytes);

	require(!ret || ret == -ENOMEM);
	require(slot->buffer.nbytes == (ret ? had : nbytes));
	if (!ret && zeroed && nbytes > had) {
		slot->ptr = slot->buffer.data;
		slot->nbytes = nbytes;
		look(slot, had, had);
		look_zero(slot, had);
		slot->nbytes = had;
	}
	errno = ret ? -ret : ERRNO;
	resized(slot, ret ? NULL : slot->buffer.data, nbytes);
	if (!ret && slot->buffer.reserved[1])
		slot->tracked_bytes += slot->buffer.reserved[1] - 1;
}

static void try_resize(struct slot *slot, size_t nbytes)
{
	int ret = datamem_try_resize(slot->ptr, nbytes);

	require(errno == ERRNO);
	require(!ret || ret == -ENOSPC || ret == -ENOMEM);
	errno = ret ? ENOMEM : ERRNO;
	resized(slot, ret ? NULL : slot->ptr, nbytes);
}

static void resize(struct slot *slot)
{
	size_t nbytes = some_size();

	errno = ERRNO;
	switch (slot->kind) {
	case FAMILY:
		if (byte() & 1)
			try_resize(slot, nbytes);
		else
			resized(slot, datamem_realloc(slot->ptr, nbytes),
				nbytes);
		break;
	case RAW:
		resized(slot, datamem_raw_renew(slot->ptr, nbytes), nbytes);
		break;
	case HANDLER:
		resized(slot, datamem_handler_realloc(slot->handler, slot->ptr,
						      nbytes), nbytes);
		break;
	case BUFFER:
		resize_buffer(slot, nbytes);
		break;
	default:
		break;
	}
}

static void release(struct slot *slot)
{
	size_t hint = byte() & 1 ? slot->nbytes : 0;

	look(slot, slot->nbytes, slot->nbytes);
	errno = ERRNO;
	switch (slot->kind) {
	case FAMILY:
		datamem_free(slot->ptr, hint);
		break;
	case DIMS:
		datamem_dims_free(slot->ptr, hint / sizeof(intptr_t));
		break;
	case RAW:
		datamem_raw_free(slot->ptr);
		break;
	case HANDLER:
		datamem_handler_free(slot->handler, slot->ptr, hint);
		break;
	case BUFFER:
		datamem_buffer_release(&slot->buffer);
		require(!slot->buffer.data);
		break;
	case NONE:
		break;
	}
	require(errno == ERRNO);
	slot->kind = NONE;
}

static void change_setting(void)
{
	static const char *const changes[][2] = {
		{ "retain.max", "0" }, { "retain.max", "auto" },
		{ "retain.max", "4M" }, { "cache.enabled", "off" },
		{ "cache.enabled", "on" }, { "cache.max", "64K" },
		{ "cache.max", "8M" }, { "cache.depth", "1" },
		{ "cache.depth", "128" }, { "zero.policy", "eager" },
		{ "zero.policy", "lazy" }, { "zero.policy", "auto" },
		{ "limit.max", "16M" }, { "limit.max", "0" },
		{ "hugepage", "off" }, { "hugepage", "auto" },
		{ "place.prefault", "on" }, { "place.prefault", "off" },
		{ "debug", "warn" }, { "debug", "none" },
		{ "handler", "system" }, { "handler", "default_allocator" },
	};
	size_t n = byte() % (sizeof(changes) / sizeof(*changes));

	require(!datamem_setting_set(changes[n][0], changes[n][1]));
}

static void check_accounts(void)
{
	struct datamem_trace_totals totals;
	size_t blocks = 0, bytes = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i].kind == NONE || !slots[i].tracked)
			continue;
		blocks++;
		bytes += slots[i].tracked_bytes;
	}
	require(!datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
					  sizeof(totals)));
	require(totals.blocks == blocks && totals.bytes == bytes);
}

static void switch_accounts(void)
{
	if (accounts)
		datamem_trace_stop();
	else
		require(!datamem_trace_start());
	accounts = !accounts;
	for (size_t i = 0; i < SLOTS; i++)
		slots[i].tracked = false;
}

static void look_at(const struct slot *slot)
{
	struct datamem_hugepage_receipt receipt;

	look(slot, slot->nbytes, slot->nbytes);
	if (slot->kind != FAMILY)
		return;
	require(datamem_usable_size(slot->ptr) >= held(slot));
	require(!datamem_hugepage_receipt_get(slot->ptr, 0, &receipt,
					      sizeof(receipt)));
	require(receipt.eligible <= receipt.asked);
}

static void operate(void)
{
	unsigned int op = byte();
	struct slot *slot = &slots[byte() % SLOTS];

	switch (op % 16) {
	case 0:
		change_setting();
		break;
	case 1:
		datamem_trim(some_size());
		break;
	case 2:
		switch_accounts();
		break;
	case 3:
		check_accounts();
		break;
	case 4:
		if (slot->kind)
			look_at(slot);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		if (slot->kind)
			release(slot);
		break;
	default:
		if (slot->kind)
			resize(slot);
		else
			make(slot);
		break;
	}
}

static void quiet(void *arg, const char *message)
{
	(void)arg;
	(void)message;
	/* The program makes no mistake, and the library reports none. */
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const settings[][2] = {
		{ "retain.max", "auto" }, { "cache.enabled", "on" },
		{ "cache.max", "8M" }, { "cache.depth", "128" },
		{ "zero.policy", "auto" }, { "limit.max", "0" },
		{ "hugepage", "auto" }, { "place.prefault", "off" },
		{ "debug", "none" }, { "handler", "default_allocator" },
	};
	static struct datamem_stats stats;

	datamem_log_set(quiet, NULL);
	input = data;
	input_end = data + size;
	while (input < input_end)
		operate();
	check_accounts();
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].kind)
			release(&slots[i]);
	check_accounts();
	if (accounts)
		switch_accounts();
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		require(!datamem_setting_set(settings[i][0], settings[i][1]));
	datamem_trim(0);
	require(!datamem_stats_get(&stats, sizeof(stats)));
	require(!stats.live_bytes && !stats.live_blocks);
	require(!stats.foreign_pointers && !stats.double_frees);
	require(!stats.large_hints && !stats.overruns);
	require(!stats.uses_after_free && !stats.leaked_blocks);
	return 0;
}

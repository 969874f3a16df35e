/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks that other processes map. */
#include "shared.h"

#include <string.h>

#include "alloc/alloc.h"
#include "kernel/kernel.h"
#include "limit.h"
#include "trace/trace.h"
#include "shared-table.h"

#define SHARED_MIN DMEM_MIB

/* Of a reference as 1.0 has it: of less nothing can be received. */
#define REFERENCE_MIN                                                        \
	(offsetof(struct datamem_shared_ref, offset) + sizeof(uint64_t))

static struct {
	size_t nbytes, blocks, mapped;
	uint64_t allocs, frees;
} own;                                   /* atomic */

size_t dmem_shared_counted(const void *ptr)
{
	size_t nbytes;

	return dmem_shared_table_size(ptr, &nbytes) ? nbytes :
						      dmem_alloc_counted(ptr);
}

/* A record with its file; NULL: there can be none. A child that is forked before
 * the block is entered keeps what there is of it, a descriptor and mappings. */
static struct dmem_shared_block *create(size_t nbytes)
{
	size_t page = dmem_kernel_page_size();
	struct dmem_shared_block *shared;

	if (nbytes > DMEM_SIZE_MAX - 2 * page || !dmem_shared_table_reserve())
		return NULL;
	shared = dmem_shared_table_new();
	if (!shared)
		goto give_back;
	shared->nbytes = nbytes;
	shared->room = DMEM_ROUND_UP(nbytes, page);
	if (dmem_kernel_shared_make("datamem-shared", shared->room + page,
				    &shared->file))
		goto drop;
	if (!dmem_shared_table_map(shared, true)) {
		shared->tail->magic = DMEM_SHARED_MAGIC;
		return shared;
	}
	dmem_kernel_shared_close(&shared->file);
drop:
	dmem_shared_table_drop(shared);
give_back:
	dmem_shared_table_release();
	return NULL;
}

static void *make(size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	struct dmem_shared_block *shared = NULL;

	dmem_shared_sweep();
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL))
		return NULL;
	if (dmem_limit_charge(nbytes, 1)) {
		shared = create(nbytes);
		if (!shared)
			dmem_limit_release(nbytes);
	}
	if (!shared) {
		dmem_trace_cancel(&ticket);
		return NULL;
	}
	dmem_shared_table_enter(shared);
	dmem_limit_served();
	dmem_fetch_add(&own.nbytes, nbytes);
	dmem_fetch_add(&own.mapped, shared->room);
	dmem_fetch_add(&own.blocks, 1);
	dmem_fetch_add(&own.allocs, 1);
	dmem_trace_commit(&ticket, shared->start, nbytes);
	return shared->start;
}

static void *shared_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	void *ptr = nbytes >= SHARED_MIN ? make(nbytes) : NULL;

	return ptr ? ptr : dmem_alloc_apart.malloc(NULL, nbytes);
}

static void *shared_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	size_t nbytes;
	void *ptr = NULL;

	/* A fresh file is zero. */
	if (dmem_mul(nelem, elsize, &nbytes) && nbytes >= SHARED_MIN)
		ptr = make(nbytes);
	return ptr ? ptr : dmem_alloc_apart.calloc(NULL, nelem, elsize);
}

static void shared_free(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	struct dmem_shared_block *shared;

	shared = ptr ? dmem_shared_table_leave(ptr) : NULL;
	if (!shared) {
		dmem_alloc_apart.free(NULL, ptr, nbytes);
		return;
	}
	if (!shared->received) {
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
		dmem_limit_release(shared->nbytes);
		dmem_fetch_sub(&own.nbytes, shared->nbytes);
		dmem_fetch_sub(&own.mapped, shared->room);
		dmem_fetch_sub(&own.blocks, 1);
		dmem_fetch_add(&own.frees, 1);
	}
	dmem_shared_table_end(shared);
	dmem_shared_sweep();
}

/* A file is sealed, and others may have it: it stays as it is. NULL: the block
 * is to grow. */
static void *shrink(void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	size_t less;

	if (!dmem_shared_table_shrink(ptr, nbytes, &less))
		return NULL;
	if (less) {
		dmem_limit_release(less);
		dmem_fetch_sub(&own.nbytes, less);
		if (!dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr))
			dmem_trace_commit(&ticket, ptr, nbytes);
	}
	return ptr;
}

static void *shared_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	int saved = errno;
	size_t before;
	bool is_file;
	void *fresh;

	if (!ptr)
		return shared_malloc(NULL, nbytes);
	is_file = dmem_shared_table_size(ptr, &before);
	if (!is_file) {
		before = dmem_alloc_counted(ptr);
		if (nbytes < SHARED_MIN || !before)
			return dmem_alloc_apart.realloc(NULL, ptr, nbytes);
	}
	/* A fresh one, as long as there is room for both: a shrink never fails. */
	fresh = shared_malloc(NULL, nbytes);
	if (!fresh) {
		fresh = is_file ? shrink(ptr, nbytes) :
				  dmem_alloc_apart.realloc(NULL, ptr, nbytes);
		if (fresh)
			errno = saved;
		return fresh;
	}
	memcpy(fresh, ptr, DMEM_MIN(before, nbytes));
	shared_free(NULL, ptr, 0);
	return fresh;
}

const struct datamem_allocator dmem_shared_blocks = {
	NULL, shared_malloc, shared_calloc, shared_realloc, shared_free,
};

int datamem_shared_send(const void *ptr, struct datamem_shared_ref *out,
			size_t out_size)
{
	struct datamem_shared_ref ref = { 0 };
	int err;

	if (!ptr || !out || out_size < REFERENCE_MIN)
		return -EINVAL;
	dmem_library_init();
	err = dmem_shared_table_send(ptr, &ref);
	if (!err)
		dmem_struct_copy(out, out_size, &ref, sizeof(ref));
	return err;
}

/* Open and map what a reference is to. */
static int fetch(struct dmem_shared_block *shared,
		 const struct datamem_shared_ref *ref, bool writable)
{
	size_t page = dmem_kernel_page_size();
	int err;

	shared->file.device = (dev_t)ref->device;
	shared->file.inode = (ino_t)ref->inode;
	shared->nbytes = shared->room = (size_t)ref->nbytes;
	shared->received = true;
	err = dmem_kernel_shared_open(ref->pid, ref->fd, shared->room + page,
				      &shared->file);
	if (err)
		return err;
	err = dmem_shared_table_map(shared, writable);
	if (!err && shared->tail->magic != DMEM_SHARED_MAGIC) {
		dmem_kernel_unmap(shared->start, shared->room);
		dmem_kernel_unmap(shared->tail, page);
		err = -ESRCH;
	}
	if (err)
		dmem_kernel_shared_close(&shared->file);
	return err;
}

struct request {
	struct dmem_shared_block *shared;
	const struct datamem_shared_ref *ref;
	bool writable;
	int err;
};

static void fetch_apart(void *arg)
{
	struct request *request = arg;

	request->err = fetch(request->shared, request->ref, request->writable);
}

/* A mapping needs no descriptor, and a process that has none left can have it
 * made by another one. */
static int fetch_anyhow(struct dmem_shared_block *shared,
			const struct datamem_shared_ref *ref, bool writable)
{
	struct request request = { shared, ref, writable, -EMFILE };
	int err = fetch(shared, ref, writable);

	if (err != -EMFILE || dmem_kernel_run_apart(fetch_apart, &request))
		return err;
	shared->file.fd = -1;
	return request.err;
}

static int attach(const struct datamem_shared_ref *ref, size_t ref_size,
		  bool writable, void **out, struct dmem_shared_block **entered)
{
	struct dmem_shared_block *shared;
	int err;

	if (!ref || !out || ref_size < REFERENCE_MIN ||
	    ref->nbytes > DMEM_SIZE_MAX / 2 || !ref->nbytes ||
	    ref->offset >= ref->nbytes ||
	    !DMEM_IS_ALIGNED((size_t)ref->nbytes, dmem_kernel_page_size()))
		return -EINVAL;
	dmem_library_init();
	dmem_shared_sweep();
	shared = dmem_shared_table_new();
	if (!shared)
		return -ENOMEM;
	err = fetch_anyhow(shared, ref, writable);
	if (err) {
		dmem_shared_table_drop(shared);
		return err;
	}
	if (!dmem_shared_table_enter(shared))
		err = -ESRCH;
	/* Without one it can be used, but not sent on. */
	if (shared->file.fd >= 0 && !dmem_shared_table_reserve())
		dmem_kernel_shared_close(&shared->file);
	if (err) {
		shared_free(NULL, shared->start, 0);
		return err;
	}
	*entered = shared;
	*out = shared->start + ref->offset;
	return 0;
}

int datamem_shared_attach(const struct datamem_shared_ref *ref, size_t ref_size,
			  bool writable, void **out)
{
	struct dmem_shared_block *shared;

	return attach(ref, ref_size, writable, out, &shared);
}

/* One that is received twice uses up no more than there are: else its sender
 * would wait for others for ever. */
static void use_up(struct dmem_shared_tail *tail)
{
	uint32_t n = dmem_load(&tail->pending);

	while (n && !__atomic_compare_exchange_n(&tail->pending, &n, n - 1,
						 true, __ATOMIC_SEQ_CST,
						 __ATOMIC_RELAXED))
		;
}

int datamem_shared_receive(const struct datamem_shared_ref *ref,
			   size_t ref_size, bool writable, void **out)
{
	struct dmem_shared_block *shared;
	int err = attach(ref, ref_size, writable, out, &shared);

	if (!err)
		use_up(shared->tail);
	return err;
}

size_t datamem_shared_pending(void)
{
	dmem_shared_sweep();
	return dmem_shared_table_pending();
}

void dmem_shared_collect(struct datamem_stats *stats)
{
	stats->live_bytes += dmem_load(&own.nbytes);
	stats->live_blocks += dmem_load(&own.blocks);
	stats->mapped_bytes += dmem_load(&own.mapped);
	stats->held_bytes += dmem_load(&own.mapped);
	stats->allocs += dmem_load(&own.allocs);
	stats->frees += dmem_load(&own.frees);
	stats->meta_bytes += dmem_shared_table_meta_bytes();
}

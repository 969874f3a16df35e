/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Shared blocks of this process, and those kept for references. */
#include "shared-table.h"

#include <unistd.h>

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "records.h"
#include "shared.h"

/* Of the descriptors that the process may have. */
#define SHARE_OF_DESCRIPTORS 4

#define BUCKETS 256

static struct dmem_lock lock = DMEM_LOCK_INIT(SHARED);
static struct dmem_records records =
	DMEM_RECORDS_INIT(struct dmem_shared_block, SHARED_RECORDS);
static struct dmem_shared_block *buckets[BUCKETS] DMEM_TABLE;  /* lock */
/* Freed, with references on their way; lock, and read without only for NULL. */
static struct dmem_shared_block *kept;
static size_t descriptors;  /* atomic */

static struct dmem_shared_block **bucket_of(const void *start)
{
	return &buckets[dmem_hash((uintptr_t)start) >> 56];
}

struct dmem_shared_block *dmem_shared_table_new(void)
{
	return dmem_records_get(&records);
}

void dmem_shared_table_drop(struct dmem_shared_block *shared)
{
	dmem_records_put(&records, shared);
}

size_t dmem_shared_table_meta_bytes(void)
{
	return dmem_load(&records.mapped);
}

bool dmem_shared_table_reserve(void)
{
	size_t most = dmem_kernel_descriptors() / SHARE_OF_DESCRIPTORS;

	if (dmem_fetch_add(&descriptors, 1) < most)
		return true;
	dmem_fetch_sub(&descriptors, 1);
	return false;
}

void dmem_shared_table_release(void)
{
	dmem_fetch_sub(&descriptors, 1);
}

static void close_file(struct dmem_shared_block *shared)
{
	if (shared->file.fd < 0)
		return;
	dmem_kernel_shared_close(&shared->file);
	dmem_shared_table_release();
}

static void unmap_tail(struct dmem_shared_block *shared)
{
	dmem_kernel_unmap(shared->tail, dmem_kernel_page_size());
}

static uint32_t pending_of(const struct dmem_shared_block *shared)
{
	return __atomic_load_n(&shared->tail->pending, __ATOMIC_ACQUIRE);
}

/* With the lock held: the record of a block; NULL: none begins there. */
static struct dmem_shared_block *find(const void *start)
{
	struct dmem_shared_block *shared = *bucket_of(start);

	while (shared && shared->start != start)
		shared = shared->next;
	return shared;
}

static bool may_begin(const void *ptr)
{
	return DMEM_IS_ALIGNED((uintptr_t)ptr, dmem_kernel_page_size());
}

bool dmem_shared_table_size(const void *ptr, size_t *nbytes)
{
	struct dmem_shared_block *shared;

	if (!may_begin(ptr))
		return false;
	dmem_lock(&lock);
	shared = find(ptr);
	if (shared)
		*nbytes = shared->nbytes;
	dmem_unlock(&lock);
	return shared;
}

bool dmem_shared_table_shrink(const void *start, size_t nbytes, size_t *less)
{
	struct dmem_shared_block *shared;
	bool smaller;

	dmem_lock(&lock);
	shared = find(start);
	smaller = shared && nbytes <= shared->nbytes;
	if (smaller) {
		*less = shared->received ? 0 : shared->nbytes - nbytes;
		shared->nbytes = nbytes;
	}
	dmem_unlock(&lock);
	return smaller;
}

bool dmem_shared_table_enter(struct dmem_shared_block *shared)
{
	struct dmem_shared_block **bucket = bucket_of(shared->start);
	uint32_t before;

	dmem_lock(&lock);
	before = __atomic_fetch_add(&shared->tail->mapped, 1,
				    __ATOMIC_SEQ_CST);
	shared->next = *bucket;
	*bucket = shared;
	dmem_unlock(&lock);
	return !(before & DMEM_SHARED_GONE);
}

struct dmem_shared_block *dmem_shared_table_leave(const void *start)
{
	struct dmem_shared_block **link = bucket_of(start), *shared;

	if (!may_begin(start))
		return NULL;
	dmem_lock(&lock);
	while (*link && (*link)->start != start)
		link = &(*link)->next;
	shared = *link;
	if (shared)
		*link = shared->next;
	dmem_unlock(&lock);
	return shared;
}

int dmem_shared_table_map(struct dmem_shared_block *shared, bool writable)
{
	size_t page = dmem_kernel_page_size();
	void *data, *tail;
	int err;

	err = dmem_kernel_shared_map_part(&shared->file, 0, shared->room,
					  writable, &data);
	if (err)
		return err;
	err = dmem_kernel_shared_map_part(&shared->file, shared->room, page,
					  true, &tail);
	if (err) {
		dmem_kernel_unmap(data, shared->room);
		return err;
	}
	shared->start = data;
	shared->tail = tail;
	/* Not dmem_hugepage_advise(), which may write to what it is given. */
	if (!shared->received && shared->room >= DMEM_ALIGN_MAX &&
	    datamem_hugepage_advice() && !dmem_hugepage_little())
		dmem_kernel_advise(data, shared->room, DMEM_ADVICE_HUGEPAGE);
	return 0;
}

void dmem_shared_table_end(struct dmem_shared_block *shared)
{
	uint32_t none = 0;
	bool last;

	dmem_kernel_unmap(shared->start, shared->room);
	last = __atomic_sub_fetch(&shared->tail->mapped, 1,
				  __ATOMIC_SEQ_CST) == 0;
	if (pending_of(shared) && shared->sent) {
		dmem_lock(&lock);
		shared->next = kept;
		dmem_store(&kept, shared);
		dmem_unlock(&lock);
		return;
	}
	/* Unless somebody attaches it in this moment. */
	if (last && !pending_of(shared) && shared->file.fd >= 0 &&
	    __atomic_compare_exchange_n(&shared->tail->mapped, &none,
					DMEM_SHARED_GONE, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		dmem_kernel_shared_punch(&shared->file, shared->room);
	unmap_tail(shared);
	close_file(shared);
	dmem_records_put(&records, shared);
}

void dmem_shared_sweep(void)
{
	struct dmem_shared_block **link = &kept, *shared, *done = NULL;

	if (!dmem_load(&kept))
		return;
	dmem_lock(&lock);
	while ((shared = *link)) {
		if (pending_of(shared)) {
			link = &shared->next;
			continue;
		}
		dmem_store(link, shared->next);
		shared->next = done;
		done = shared;
	}
	dmem_unlock(&lock);
	while ((shared = done)) {
		done = shared->next;
		unmap_tail(shared);
		close_file(shared);
		dmem_records_put(&records, shared);
	}
}

/* With the lock held: the block that an address is in. */
static struct dmem_shared_block *holder(const void *ptr)
{
	struct dmem_shared_block *shared;
	const char *at = ptr;

	for (size_t i = 0; i < BUCKETS; i++)
		for (shared = buckets[i]; shared; shared = shared->next)
			if (at >= shared->start &&
			    at < shared->start + shared->room)
				return shared;
	return NULL;
}

int dmem_shared_table_send(const void *ptr, struct datamem_shared_ref *ref)
{
	struct dmem_shared_block *shared;
	int err = 0;

	dmem_lock(&lock);
	shared = holder(ptr);
	if (!shared) {
		err = -ENOENT;
	} else if (shared->file.fd < 0 ||
		   !dmem_kernel_shared_is_open(&shared->file)) {
		err = -ENOTSUP;
	} else {
		__atomic_fetch_add(&shared->tail->pending, 1,
				   __ATOMIC_SEQ_CST);
		shared->sent = true;
		ref->pid = getpid();
		ref->fd = shared->file.fd;
		ref->device = shared->file.device;
		ref->inode = shared->file.inode;
		ref->offset = (uint64_t)((const char *)ptr - shared->start);
		ref->nbytes = shared->room;
	}
	dmem_unlock(&lock);
	return err;
}

size_t dmem_shared_table_pending(void)
{
	struct dmem_shared_block *shared;
	size_t count = 0;

	dmem_lock(&lock);
	for (shared = kept; shared; shared = shared->next)
		count += pending_of(shared);
	for (size_t i = 0; i < BUCKETS; i++)
		for (shared = buckets[i]; shared; shared = shared->next)
			count += shared->sent ? pending_of(shared) : 0;
	dmem_unlock(&lock);
	return count;
}

/*
 * A child has all blocks, too. It is counted before it is there: were it counted
 * by itself, what the parent frees meanwhile could be punched out under it. A
 * fork that fails, or a child that is killed, leaves a count too many.
 */
void dmem_shared_fork_prepare(void)
{
	struct dmem_shared_block *shared;

	dmem_lock(&lock);
	dmem_lock(&records.lock);
	for (size_t i = 0; i < BUCKETS; i++)
		for (shared = buckets[i]; shared; shared = shared->next)
			__atomic_fetch_add(&shared->tail->mapped, 1,
					   __ATOMIC_SEQ_CST);
}

void dmem_shared_fork_parent(void)
{
	dmem_unlock(&records.lock);
	dmem_unlock(&lock);
}

/* What is kept for references is the parent's business. */
void dmem_shared_fork_child(void)
{
	struct dmem_shared_block *shared, *next;

	for (shared = kept; shared; shared = next) {
		next = shared->next;
		unmap_tail(shared);
		close_file(shared);
	}
	kept = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (shared = buckets[i]; shared; shared = shared->next)
			shared->sent = false;
	dmem_shared_fork_parent();
}

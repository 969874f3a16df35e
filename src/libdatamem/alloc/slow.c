/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slow path: which table a block belongs to, and its account. */

#include "slow.h"

#include <string.h>

#include "cache/cache.h"
#include "guest/guest.h"
#include "live.h"
#include "settings/settings.h"
#include "stats.h"
#include "trace/trace.h"
#include "alloc.h"
#include "find.h"
#include "hosted.h"
#include "route.h"

/* What stands behind the family when it is not the default. */
static const struct dmem_alloc_family *family;

static const struct datamem_allocator *family_table(void)
{
	const struct dmem_alloc_family *other = dmem_load_acquire(&family);

	return other ? other->table : NULL;
}

void dmem_alloc_set_family(const struct dmem_alloc_family *other)
{
	dmem_store_release(&family, other);
	if (!other)
		return;
	dmem_cache_shut(DMEM_SHUT_FAMILY, true);
	dmem_slab_settle();
}

static void toggled(bool on)
{
	dmem_cache_shut(DMEM_SHUT_TRACE, on);
}

static void debug_changed(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_DEBUG,
			dmem_setting_value(id) != DMEM_DEBUG_NONE);
	dmem_slab_settle();
}

/* Said by the user, the default allocator is the arena, whoever watches. */
static bool arena_is_wanted(void)
{
	char name[DMEM_SETTING_TEXT_MAX];

	dmem_setting_string(DMEM_SETTING_HANDLER, name, sizeof(name));
	return dmem_setting_origin(DMEM_SETTING_HANDLER) !=
		       DATAMEM_ORIGIN_BUILTIN &&
	       !strcmp(name, "default_allocator");
}

/* Off the fast path, where blocks are not the arena's, or all are told of. */
static void meet_guest(void)
{
	dmem_guest_init(arena_is_wanted());
	if (dmem_guest_hosted())
		dmem_hosted_init();
	if (dmem_guest_ways & (DMEM_GUEST_HOSTED | DMEM_GUEST_COUNTED))
		dmem_cache_shut(DMEM_SHUT_GUEST, true);
}

void dmem_alloc_init(void)
{
	meet_guest();
	dmem_trace_watch(toggled, dmem_slab_settle);
	dmem_setting_watch(DMEM_SETTING_DEBUG, debug_changed);
	debug_changed(DMEM_SETTING_DEBUG);
}

void dmem_alloc_at_exit(void)
{
	dmem_hosted_at_exit();
}

/* A request as it comes in; product checked. */
struct request {
	size_t nbytes;
	size_t align;
	unsigned int kind;  /* enum dmem_kind */
	enum dmem_door door;
};

/* The size of a block in the accounts. */
static size_t asked(const struct request *request)
{
	bool more = request->door == DMEM_DOOR_HANDLER_APART;

	return more && request->nbytes > 1 ? request->nbytes - 1
					   : request->nbytes;
}

static void *make(const struct datamem_allocator *table,
		  const struct request *request)
{
	if (!table)
		return dmem_route_make(request->nbytes, request->align,
				       request->kind);
	if (request->kind & DMEM_KIND_ZERO)
		return table->calloc(table->ctx, request->nbytes, 1);
	return table->malloc(table->ctx, request->nbytes);
}

static DMEM_NOINLINE void *make_tracked(const struct datamem_allocator *table,
					const struct request *request)
{
	struct dmem_trace_ticket ticket;
	void *ptr;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL)) {
		dmem_stats_count(DMEM_COUNT_FAILED);
		errno = ENOMEM;
		return NULL;
	}
	ptr = make(table, request);
	if (ptr)
		dmem_trace_commit(&ticket, ptr, asked(request));
	else
		dmem_trace_cancel(&ticket);
	return ptr;
}

/* With no lock held. */
static void attend(void)
{
	if (dmem_unlikely(dmem_live_pending()))
		dmem_live_attend();
}

/* The kind of block that a door asks for. */
static unsigned int kind_of(enum dmem_door door)
{
	return door == DMEM_DOOR_HANDLER_APART ? DMEM_KIND_APART : 0;
}

DMEM_INLINE void *slow_make(size_t nbytes, size_t align, unsigned int kind,
			    enum dmem_door door)
{
	struct request request = { nbytes ? nbytes : 1, align,
				   kind | kind_of(door), door };
	const struct datamem_allocator *table;
	void *ptr;

	dmem_library_init();
	table = door == DMEM_DOOR_CALLS && !align ? family_table() : NULL;
	if (table && nbytes > DMEM_SIZE_MAX)
		table = NULL; /* fails, and counts */
	ptr = dmem_trace_on() ? make_tracked(table, &request)
			      : make(table, &request);
	attend();
	return ptr;
}

/* The same, where tools look at the stack. */
static DMEM_FRAMED void *make_framed(size_t nbytes, size_t align,
				     unsigned int kind, enum dmem_door door)
{
	return slow_make(nbytes, align, kind, door);
}

void *dmem_slow_make(size_t nbytes, size_t align, unsigned int kind,
		     enum dmem_door door)
{
	if (dmem_guest_hosted())
		return make_framed(nbytes, align, kind, door);
	return slow_make(nbytes, align, kind, door);
}

/* The owner of a pointer; looked up once a call. */
struct found {
	const struct datamem_allocator *table;  /* NULL: the default's */
	const struct dmem_block *block;         /* the default's; NULL: none */
	struct dmem_block room;
};

/*
 * Aligned blocks of the family are always the default's, which keeps
 * alignments; it knows which ones are.
 */
static void find(enum dmem_door door, const void *ptr, struct found *out)
{
	const struct datamem_allocator *table = family_table();

	out->table = NULL;
	out->block = dmem_find_start(ptr, &out->room) ? &out->room : NULL;
	if (door == DMEM_DOOR_CALLS && table &&
	    !(out->block && out->block->align))
		out->table = table;
}

static DMEM_FRAMED void slow_free(void *ptr, size_t hint, enum dmem_door door)
{
	struct found found;

	if (!ptr)
		return;
	dmem_library_init();
	found.table = NULL;
	found.block = NULL;
	/* The default finds by itself what it is to free. */
	if (dmem_trace_on() ||
	    (door == DMEM_DOOR_CALLS && dmem_load_acquire(&family)))
		find(door, ptr, &found);
	/* Blocks only: another address may be in the accounts through
	 * datamem_trace_track(). */
	if (dmem_trace_on() && (found.table || found.block))
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
	if (found.table)
		found.table->free(found.table->ctx, ptr, hint);
	else
		dmem_route_unmake(ptr, hint);
	attend();
}

/* The fast path knows the window alone: into bins go blocks of other regions
 * from here. */
void dmem_slow_free(void *ptr, size_t hint, enum dmem_door door)
{
	size_t offset = SIZE_MAX;

	if (dmem_unlikely(dmem_window_offset(ptr) >= dmem_window.size))
		offset = dmem_regions_find(ptr);
	if (offset == SIZE_MAX ||
	    !dmem_cache_push_class(ptr, hint,
			dmem_load(&dmem_window.classes[offset >>
						       DMEM_SPAN_SHIFT])))
		slow_free(ptr, hint, door);
}

static void *remake(const struct found *found, void *ptr,
		    const struct request *request)
{
	const struct datamem_allocator *table = found->table;

	return table ? table->realloc(table->ctx, ptr, request->nbytes)
		     : dmem_route_remake(ptr, found->block, request->nbytes,
					 request->kind);
}

DMEM_FRAMED void *dmem_slow_resize(enum dmem_door door, void *ptr, size_t nbytes)
{
	struct request request = { nbytes ? nbytes : 1, 0, kind_of(door),
				   door };
	struct dmem_trace_ticket ticket;
	struct found found;
	void *fresh;

	if (!ptr)
		return dmem_slow_make(nbytes, 0, 0, door);
	dmem_library_init();
	attend();
	find(door, ptr, &found);
	if (!dmem_trace_on())
		return remake(&found, ptr, &request);
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr)) {
		dmem_stats_count(DMEM_COUNT_FAILED);
		errno = ENOMEM;
		return NULL;
	}
	fresh = remake(&found, ptr, &request);
	if (fresh)
		dmem_trace_commit(&ticket, fresh, asked(&request));
	else
		dmem_trace_cancel(&ticket);
	return fresh;
}

static int fit(const struct found *found, void *ptr, size_t nbytes)
{
	return found->table ? dmem_load_acquire(&family)->fit(ptr, nbytes)
			    : dmem_route_fit(ptr, found->block, nbytes);
}

int dmem_slow_fit(void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	struct found found;
	int saved = errno, ret;

	if (!ptr)
		return -EINVAL;
	if (nbytes > DMEM_SIZE_MAX)
		return -ENOMEM;
	nbytes = nbytes ? nbytes : 1;
	dmem_library_init();
	attend();
	find(DMEM_DOOR_CALLS, ptr, &found);
	if (!dmem_trace_on()) {
		ret = fit(&found, ptr, nbytes);
	} else if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr)) {
		ret = -ENOMEM;
	} else {
		ret = fit(&found, ptr, nbytes);
		if (ret)
			dmem_trace_cancel(&ticket);
		else
			dmem_trace_commit(&ticket, ptr, nbytes);
	}
	errno = saved;
	return ret;
}

size_t dmem_slow_usable(const void *ptr)
{
	struct found found;

	if (!ptr)
		return 0;
	dmem_library_init();
	find(DMEM_DOOR_CALLS, ptr, &found);
	if (found.table)
		return dmem_load_acquire(&family)->usable(ptr);
	return found.block ? found.block->usable : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Registered handlers, their uses, and the process-wide one. */
#include "registry.h"

#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "live.h"
#include "records.h"
#include "aligned.h"
#include "builtins.h"

/* A pointer that was ever used or registered. Entries are never freed. */
struct entry {
	const struct datamem_handler *handler;
	struct entry *bucket_next;    /* fixed once the entry is reachable */
	struct entry *next;           /* in order of registration; lock */
	size_t uses;                  /* atomic */
	bool registered;              /* lock */
};

#define BUCKETS 256

static struct dmem_lock lock = DMEM_LOCK_INIT(HANDLERS);
/* Of the built-in handlers. */
static char own_entries[DMEM_BUILTINS * DMEM_ROUND_UP(sizeof(struct entry),
						      (size_t)16)]
	__attribute__((__aligned__(16)));
static struct dmem_records entries =
	DMEM_RECORDS_INIT_FROM(struct entry, HANDLER_ENTRIES, own_entries);
static struct entry *buckets[BUCKETS];         /* read without the lock */
static struct entry *first;                    /* registered; lock */
static struct entry **last = &first;
static size_t registered;                      /* lock */
static const struct datamem_handler *process_wide;
static bool waiting;                           /* setting names no handler */
static bool foreign;                           /* one was ever entered */

static bool name_valid(const char *name, size_t room)
{
	size_t i;

	for (i = 0; i < room && name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return i > 0 && i < room;
}

bool dmem_registry_valid(const struct datamem_handler *handler)
{
	const struct datamem_allocator *table;

	if (dmem_builtins_have(handler))
		return true;
	if (!handler || handler->version != DATAMEM_HANDLER_VERSION)
		return false;
	table = &handler->allocator;
	return table->malloc && table->calloc && table->realloc &&
	       table->free && name_valid(handler->name, sizeof(handler->name));
}

static struct entry **bucket_of(const struct datamem_handler *handler)
{
	return &buckets[dmem_hash((uintptr_t)handler) >> 56];
}

/* Without the lock: entries are only ever added, at the head. */
static struct entry *look_up(const struct datamem_handler *handler)
{
	struct entry *entry = dmem_load_acquire(bucket_of(handler));

	while (entry && entry->handler != handler)
		entry = entry->bucket_next;
	return entry;
}

/* With the lock held. */
static struct entry *look_up_or_add(const struct datamem_handler *handler)
{
	struct entry *entry = look_up(handler);
	struct entry **bucket = bucket_of(handler);

	if (entry)
		return entry;
	entry = dmem_records_get(&entries);
	if (!entry)
		return NULL;
	if (!dmem_builtins_have(handler) && !dmem_aligned_is(handler))
		dmem_store(&foreign, true);
	entry->handler = handler;
	entry->bucket_next = *bucket;
	dmem_store_release(bucket, entry);
	return entry;
}

int dmem_registry_use(const struct datamem_handler *handler)
{
	struct entry *entry;

	if (dmem_builtins_have(handler))
		return 0;
	entry = look_up(handler);
	if (!entry) {
		dmem_lock(&lock);
		entry = look_up_or_add(handler);
		dmem_unlock(&lock);
		if (!entry)
			return -ENOMEM;
	}
	dmem_fetch_add(&entry->uses, 1);
	return 0;
}

/*
 * Never below zero: a caller may have filled in a buffer by hand, to adopt a
 * block of datamem_handler_alloc(), and that use was not counted.
 */
void dmem_registry_unuse(const struct datamem_handler *handler)
{
	struct entry *entry;
	size_t uses;

	if (dmem_builtins_have(handler))
		return;
	entry = look_up(handler);
	if (!entry)
		return;
	uses = dmem_load(&entry->uses);
	while (uses > 0 &&
	       !__atomic_compare_exchange_n(&entry->uses, &uses, uses - 1, true,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
}

/* With the lock held. */
static const struct datamem_handler *by_name(const char *name)
{
	for (struct entry *entry = first; entry; entry = entry->next)
		if (!strncmp(entry->handler->name, name,
			     sizeof(entry->handler->name)))
			return entry->handler;
	return NULL;
}

/* With the lock held; words, as the page may be copied meanwhile. */
static void show_name(struct live_handler *to, const char *name)
{
	uint64_t words[sizeof(to->name) / sizeof(uint64_t)] = { 0 };
	uint32_t seq = dmem_load(&to->seq) | 1;

	snprintf((char *)words, sizeof(words), "%.55s", name);
	dmem_store(&to->seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words); i++)
		dmem_store((uint64_t *)to->name + i, words[i]);
	dmem_store_release(&to->seq, seq + 1);
}

/* With the lock held: what the program has registered, on the control page. */
static void show(void)
{
	struct live_handler *to = dmem_live->handlers;
	struct live_handler *end = to + LIVE_HANDLERS;

	for (struct entry *entry = first; entry && to < end;
	     entry = entry->next)
		if (!dmem_builtins_have(entry->handler))
			show_name(to++, entry->handler->name);
	while (to < end && to->name[0])
		show_name(to++, "");
}

/* With the lock held. */
static int add(const struct datamem_handler *handler)
{
	const struct datamem_handler *ours = dmem_aligned_find(handler->name);
	struct entry *entry;

	if (by_name(handler->name) || (ours && ours != handler))
		return -EEXIST;
	entry = look_up_or_add(handler);
	if (!entry)
		return -ENOMEM;
	/* Its name was changed since; the same struct cannot be in twice. */
	if (entry->registered)
		return -EEXIST;
	entry->registered = true;
	entry->next = NULL;
	*last = entry;
	last = &entry->next;
	registered++;
	show();
	return 0;
}

/*
 * With the lock held: the handler of a name. Those of alignments are entered
 * when they are first asked for; NULL with errno if there is no memory.
 */
static const struct datamem_handler *ask(const char *name)
{
	const struct datamem_handler *handler = by_name(name);
	int ret;

	if (handler)
		return handler;
	handler = dmem_aligned_find(name);
	ret = handler ? add(handler) : -ENOENT;
	if (!ret)
		return handler;
	errno = -ret;
	return NULL;
}

/* With the lock held: let the process-wide handler follow name and registry. */
static void bind(void)
{
	const struct datamem_handler *handler;
	int saved = errno;
	char name[256];

	dmem_setting_string(DMEM_SETTING_HANDLER, name, sizeof(name));
	handler = ask(name);
	dmem_store(&waiting, !handler);
	dmem_store_release(&process_wide,
			   handler ? handler : dmem_builtins_default());
	errno = saved;
}

const struct datamem_handler *dmem_registry_process_wide(void)
{
	return dmem_load_acquire(&process_wide);
}

bool dmem_registry_waits(void)
{
	return dmem_load(&waiting);
}

bool dmem_registry_foreign(void)
{
	return dmem_load(&foreign);
}

int datamem_handler_register(const struct datamem_handler *handler)
{
	int ret;

	dmem_library_init();
	if (!dmem_registry_valid(handler))
		return -EINVAL;
	dmem_lock(&lock);
	ret = add(handler);
	if (!ret)
		bind();
	dmem_unlock(&lock);
	return ret;
}

/* With the lock held. */
static void drop(struct entry *entry)
{
	struct entry **link = &first;

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	if (last == &entry->next)
		last = link;
	entry->registered = false;
	registered--;
	show();
}

int datamem_handler_unregister(const struct datamem_handler *handler)
{
	struct entry *entry;
	int ret = 0;

	dmem_library_init();
	if (!handler)
		return -EINVAL;
	if (dmem_builtins_have(handler))
		return -EBUSY;
	dmem_lock(&lock);
	entry = look_up(handler);
	if (!entry || !entry->registered)
		ret = -ENOENT;
	else if (dmem_load(&entry->uses) || handler == process_wide)
		ret = -EBUSY;
	else
		drop(entry);
	dmem_unlock(&lock);
	return ret;
}

const struct datamem_handler *datamem_handler_find(const char *name)
{
	const struct datamem_handler *handler;

	dmem_library_init();
	if (!name) {
		errno = EINVAL;
		return NULL;
	}
	dmem_lock(&lock);
	handler = ask(name);
	dmem_unlock(&lock);
	return handler;
}

int datamem_handler_foreach(
	int (*visit)(const struct datamem_handler *handler, void *arg),
	void *arg)
{
	const struct datamem_handler *few[64], **seen = few;
	size_t count, i = 0, mapped = 0;
	int ret = 0, saved = errno;

	dmem_library_init();
	if (!visit)
		return -EINVAL;
	dmem_lock(&lock);
	count = registered;
	if (count > DMEM_ARRAY_SIZE(few)) {
		mapped = DMEM_ROUND_UP(count * sizeof(*seen),
				       dmem_kernel_page_size());
		seen = dmem_kernel_map(mapped);
	}
	for (struct entry *entry = first; seen && entry; entry = entry->next)
		seen[i++] = entry->handler;
	dmem_unlock(&lock);
	if (!seen)
		return -ENOMEM;
	errno = saved;
	dmem_host_call("a visitor");
	for (i = 0; !ret && i < count; i++)
		ret = visit(seen[i], arg);
	if (mapped)
		dmem_kernel_unmap(seen, mapped);
	return ret;
}

const struct datamem_handler *datamem_handler_default(void)
{
	dmem_library_init();
	return dmem_builtins_default();
}

static void setting_changed(enum dmem_setting_id id DMEM_UNUSED)
{
	dmem_lock(&lock);
	bind();
	dmem_unlock(&lock);
}

static int setting_check(enum dmem_setting_id id DMEM_UNUSED, const char *text)
{
	return name_valid(text, DATAMEM_HANDLER_NAME_MAX + 1) ? 0 : -EINVAL;
}

void dmem_registry_init(void)
{
	dmem_builtins_init();
	dmem_store(&process_wide, dmem_builtins_default());

	dmem_lock(&lock);
	for (size_t i = 0; i < DMEM_BUILTINS; i++)
		add(&dmem_builtins[i]);
	bind();
	dmem_unlock(&lock);
	dmem_builtins_fix_family(process_wide);
	dmem_setting_guard(DMEM_SETTING_HANDLER, setting_check,
			   dmem_registry_note);
	dmem_setting_watch(DMEM_SETTING_HANDLER, setting_changed);
	dmem_setting_guard(DMEM_SETTING_LIMIT_MAX, NULL,
			   dmem_registry_note_limit);
}

size_t dmem_registry_meta_bytes(void)
{
	return dmem_load(&entries.mapped);
}

void dmem_registry_fork_prepare(void)
{
	dmem_lock(&lock);
	dmem_lock(&entries.lock);
}

void dmem_registry_fork_parent(void)
{
	dmem_unlock(&entries.lock);
	dmem_unlock(&lock);
}

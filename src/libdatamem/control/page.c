/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The page. The process's part of it has one area of addresses from the start
 * to the end of the process, which is private memory until the shared file is
 * mapped over it, and again when the page is taken away, so that nobody who
 * stores a number needs to know. Threads' slots are mapped while there is a
 * page, and opened as they are used.
 */
#include "control.h"

#include <string.h>
#include <unistd.h>

#include "cache/cache.h"
#include "kernel/shared.h"
#include "settings/settings.h"

/* Of a slot: its head and the counts. */
#define SLOT_USED (sizeof(struct live_slot) +                                \
		   DMEM_CLASSES * sizeof(struct live_counts))
#define SLOT_MIN 4096

/* Of the process's part: what no locks are shown in is not touched. */
#ifdef DMEM_LOCK_RANKS
#define USED_BYTES sizeof(struct live_process)
#else
#define USED_BYTES offsetof(struct live_process, locks)
#endif

_Static_assert(SLOT_USED <= SLOT_MIN, "the counts do not fit into a slot");
_Static_assert(DMEM_CLASSES <= LIVE_CLASSES &&
	       DMEM_SETTINGS_COUNT <= LIVE_SETTINGS,
	       "more than the control page has room for");

static char *area;
static char *slots;
static size_t slot_bytes;
static bool in_page[LIVE_SLOTS];  /* each under the lock of its cache */
static struct dmem_shared shared = { .fd = -1 };
static bool there;
/* Of the next page, too; the last byte stays 0. */
static uint64_t note[DMEM_ARRAY_SIZE(((struct live_header *)0)->note)];

/*
 * Private memory that can take the page's place, reserved as long as there is a
 * page: a child must leave its parent's page also where nothing can be mapped
 * any more (RLIMIT_AS). Moving it there needs no room. The area, then the
 * slots.
 */
static char *spare;

static size_t slots_bytes(void)
{
	return LIVE_SLOTS * slot_bytes;
}

#ifdef DMEM_LOCK_RANKS
_Static_assert(DMEM_RANKS <= LIVE_LOCKS, "the control page has too few locks");

/* Words, as several threads may do this at once. */
static void show_lock(enum dmem_rank rank)
{
	struct live_lock *to = &dmem_live->locks[rank];
	uint64_t name[sizeof(to->name) / sizeof(uint64_t)] = { 0 };
	struct dmem_lock_cost cost;
	const char *text = dmem_lock_cost(rank, &cost);

	memcpy(name, text, strlen(text));
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(name); i++)
		dmem_store((uint64_t *)to->name + i, name[i]);
	dmem_store(&to->holds, cost.holds);
	dmem_store(&to->ns, cost.ns);
	dmem_store(&to->steps, cost.steps);
	dmem_store(&to->calls, cost.calls);
}
#endif

static void copy_words(void *to, const void *from, size_t nbytes)
{
	const uint64_t *old = from;
	uint64_t *words = to, value;

	for (size_t i = 0; i < nbytes / sizeof(*words); i++) {
		value = dmem_load(&old[i]);
		/* To memory that is zero yet, and not to be written for it. */
		if (value)
			words[i] = value;
	}
}

/*
 * Others are storing numbers meanwhile: what gets lost comes again. Not what is
 * added to the rest by more than LIVE_SLOTS threads, who are rarely there yet.
 */
static void copy_numbers(struct live_process *to)
{
	copy_words(&to->numbers, &dmem_live->numbers, sizeof(to->numbers));
	copy_words(&to->rest, &dmem_live->rest, sizeof(to->rest));
	copy_words(&to->shelves, &dmem_live->shelves, sizeof(to->shelves));
	copy_words(&to->handlers, &dmem_live->handlers, sizeof(to->handlers));
	copy_words(&to->domains, &dmem_live->domains, sizeof(to->domains));
#ifdef DMEM_LOCK_RANKS
	copy_words(&to->locks, &dmem_live->locks, sizeof(to->locks));
#endif
}

void dmem_control_page_init(void)
{
	slot_bytes = DMEM_MAX(dmem_kernel_page_size(), (size_t)SLOT_MIN);
	area = dmem_kernel_map(LIVE_PROCESS_BYTES);
	if (!area)
		return;
	dmem_live = (struct live_process *)area;
#ifdef DMEM_LOCK_RANKS
	dmem_lock_cost_show(show_lock);
#endif
}

bool dmem_control_page_there(void)
{
	return dmem_load_acquire(&there);
}

/*
 * Where the kernel refuses to move it, the place may be gone: but others go on
 * storing there.
 */
static int move_over(void *from, void *to, size_t nbytes, size_t used)
{
	int err = dmem_kernel_move_over(from, to, nbytes);

	if (!err)
		return 0;
	if (!dmem_kernel_map_over(to, nbytes))
		memcpy(to, from, used);
	dmem_kernel_unmap(from, nbytes);
	return err;
}

static char *spare_slot(uint32_t index)
{
	return spare + LIVE_PROCESS_BYTES + index * slot_bytes;
}

/* The process's part, and the slot of the first thread, which comes at once. */
static int open_first(void *at)
{
	return dmem_kernel_open(at, LIVE_PROCESS_BYTES + slot_bytes);
}

/* Put the page's slot under the counts of a cache. */
static int share(struct live_slot *slot, uint32_t index)
{
	char *at = slots + index * slot_bytes;
	int err = 0;

	if (index >= LIVE_SLOTS)
		return -ENOSPC;
	if (index)
		err = dmem_kernel_open(spare_slot(index), slot_bytes);
	if (index && !err)
		err = dmem_kernel_open(at, slot_bytes);
	if (!err)
		err = dmem_kernel_shared_allocate(at, slot_bytes);
	if (err)
		return err;
	memcpy(at, slot, SLOT_USED);
	err = dmem_kernel_shared_repeat(at, slot, slot_bytes);
	if (err && !dmem_kernel_map_over(slot, slot_bytes))
		memcpy(slot, at, SLOT_USED);
	in_page[index] = !err;
	return err;
}

/* Private memory again; in a child, which has no other threads. */
static int take_spare(struct live_slot *slot, uint32_t index)
{
	void *fresh;

	if (index >= LIVE_SLOTS || !in_page[index])
		return 0;
	fresh = spare_slot(index);
	memcpy(fresh, slot, SLOT_USED);
	in_page[index] = false;
	return move_over(fresh, slot, slot_bytes, SLOT_USED);
}

/* The same with threads, some of which may come here much later. */
static int take_back(struct live_slot *slot, uint32_t index)
{
	void *fresh;

	if (index >= LIVE_SLOTS || !in_page[index])
		return 0;
	fresh = dmem_kernel_map(slot_bytes);
	if (!fresh)
		return -ENOMEM;
	memcpy(fresh, slot, SLOT_USED);
	in_page[index] = false;
	return move_over(fresh, slot, slot_bytes, SLOT_USED);
}

static void fill_header(struct live_header *header)
{
	*header = (struct live_header) {
		.layout = LIVE_LAYOUT,
		.header_bytes = sizeof(*header),
		.file_bytes = LIVE_PROCESS_BYTES + slots_bytes(),
		.version = DATAMEM_VERSION_NUMBER,
		.pid = (int32_t)getpid(),
		.made = dmem_kernel_boot_ns(),
		.page_bytes = (uint32_t)dmem_kernel_page_size(),
		.numbers_offset = offsetof(struct live_process, numbers),
		.numbers_bytes = sizeof(struct live_numbers),
		.classes_offset = offsetof(struct live_process, classes),
		.classes_count = DMEM_CLASSES,
		.request_offset = offsetof(struct live_process, request),
		.request_bytes = sizeof(struct live_request),
		.settings_offset = offsetof(struct live_process, settings),
		.settings_count = DMEM_SETTINGS_COUNT,
		.setting_bytes = sizeof(struct live_setting),
		.slots_offset = LIVE_PROCESS_BYTES,
		.slots_count = LIVE_SLOTS,
		.slot_bytes = (uint32_t)slot_bytes,
		.counts_offset = offsetof(struct live_slot, counts),
		.counts_count = DMEM_CLASSES,
		.counts_bytes = sizeof(struct live_counts),
		.rest_offset = offsetof(struct live_process, rest),
		.rest_bytes = sizeof(struct live_rest),
		.shelves_offset = offsetof(struct live_process, shelves),
		.shelves_count = LIVE_SHELVES,
		.shelf_bytes = sizeof(struct live_shelf),
		.handlers_offset = offsetof(struct live_process, handlers),
		.handlers_count = LIVE_HANDLERS,
		.handler_bytes = sizeof(struct live_handler),
		.domains_offset = offsetof(struct live_process, domains),
		.domains_count = LIVE_DOMAINS,
		.domain_bytes = sizeof(struct live_domain),
#ifdef DMEM_LOCK_RANKS
		.locks_offset = offsetof(struct live_process, locks),
		.locks_count = DMEM_RANKS,
		.lock_bytes = sizeof(struct live_lock),
#endif
	};
	memcpy(header->note, note, sizeof(note));
	/* Last: before it there is no page. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(header->magic, LIVE_MAGIC, sizeof(header->magic));
}

/* Fill the fresh file and put it in place of the area's private memory. */
static int fill(void)
{
	size_t page_size = dmem_kernel_page_size();
	size_t used = DMEM_ROUND_UP(USED_BYTES, page_size);
	struct live_process *fresh;
	void *at;
	int err;

	err = dmem_kernel_shared_map(&shared,
				     LIVE_PROCESS_BYTES + slots_bytes(), &at);
	if (err)
		return err;
	slots = (char *)at + LIVE_PROCESS_BYTES;
	err = open_first(at);
	if (!err)
		err = dmem_kernel_shared_begin(&shared, at, used);
	if (err) {
		dmem_kernel_unmap(at, LIVE_PROCESS_BYTES + slots_bytes());
		return err;
	}
	fresh = at;
	copy_numbers(fresh);
	for (uint32_t cls = 1; cls < DMEM_CLASSES; cls++)
		fresh->classes[cls] = dmem_classes[cls].size;
	err = move_over(at, area, LIVE_PROCESS_BYTES, USED_BYTES);
	if (err)
		dmem_kernel_unmap(slots, slots_bytes());
	return err;
}

static void set_text(char *to, size_t size, const char *text)
{
	size_t len = text ? strnlen(text, size - 1) : 0;

	if (len)
		memcpy(to, text, len);
	to[len] = '\0';
}

static int show_setting(const struct datamem_setting *setting, void *arg)
{
	struct live_setting **next = arg, *to = (*next)++;
	uint32_t seq = dmem_load(&to->seq) | 1;

	dmem_store(&to->seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	to->origin = setting->origin;
	set_text(to->name, sizeof(to->name), setting->name);
	set_text(to->value, sizeof(to->value), setting->value);
	set_text(to->builtin, sizeof(to->builtin), setting->default_value);
	set_text(to->note, sizeof(to->note), setting->note);
	dmem_store_release(&to->seq, seq + 1);
	return 0;
}

void dmem_control_page_note(const char *text)
{
	memset(note, 0, sizeof(note));
	memcpy(note, text, strnlen(text, sizeof(note) - 1));
	if (!there)
		return;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(note); i++)
		dmem_store(&dmem_live->header.note[i], note[i]);
}

void dmem_control_page_show(void)
{
	struct live_setting *next = dmem_live->settings;

	dmem_settings_each(show_setting, &next, false);
}

static int make_spare(void)
{
	spare = dmem_kernel_reserve(LIVE_PROCESS_BYTES + slots_bytes());
	if (!spare)
		return -ENOMEM;
	if (!open_first(spare))
		return 0;
	dmem_kernel_unmap(spare, LIVE_PROCESS_BYTES + slots_bytes());
	return -ENOMEM;
}

int dmem_control_page_make(void)
{
	int err;

	if (there)
		return 0;
	if (!area)
		return -ENOMEM;
	err = dmem_kernel_shared_make(LIVE_NAME,
				      LIVE_PROCESS_BYTES + slots_bytes(),
				      &shared);
	if (err)
		return err;
	err = make_spare();
	if (err)
		goto close;
	err = fill();
	if (err)
		goto unmap;
	dmem_cache_place(share, false);
	dmem_control_page_show();
	fill_header(&dmem_live->header);
	dmem_store_release(&there, true);
	return 0;
unmap:
	dmem_kernel_unmap(spare, LIVE_PROCESS_BYTES + slots_bytes());
close:
	dmem_kernel_shared_close(&shared);
	return err;
}

void dmem_control_page_drop(bool forked)
{
	if (!there)
		return;
	dmem_store_release(&there, false);
	dmem_kernel_shared_close(&shared);
	dmem_cache_place(forked ? take_spare : take_back, forked);
	/* The spare is for the caches that there are. */
	if (forked)
		dmem_cache_place(NULL, true);
	dmem_kernel_unmap(slots, slots_bytes());
	dmem_kernel_unmap(spare_slot(0), slots_bytes());
	copy_numbers((struct live_process *)spare);
	move_over(spare, area, LIVE_PROCESS_BYTES, USED_BYTES);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The page: one area of addresses from the start to the end of the process. It
 * is private memory until the shared file is mapped over it, and again when the
 * page is taken away, so that nobody who stores a number needs to know.
 */
#include "control.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cache/cache.h"
#include "kernel/shared.h"
#include "settings/settings.h"

/* Of a slot: its head and the counts. */
#define SLOT_USED (sizeof(struct live_slot) +                                \
		   DMEM_CLASSES * sizeof(struct live_counts))
#define SLOT_MIN 4096

_Static_assert(SLOT_USED <= SLOT_MIN, "the counts do not fit into a slot");
_Static_assert(DMEM_CLASSES <= LIVE_CLASSES &&
	       DMEM_SETTINGS_COUNT <= LIVE_SETTINGS,
	       "more than the control page has room for");

static char *area;
static size_t area_bytes, slot_bytes;
static struct dmem_shared shared = { .fd = -1 };
static bool there;

/*
 * Private memory that can take the page's place, mapped as long as there is a
 * page: a child must leave its parent's page also where nothing can be mapped
 * any more (RLIMIT_AS). Moving it there needs no room. The area, then the slots,
 * taken from the end.
 */
static char *spare;
static size_t spare_slots;

void dmem_control_page_init(void)
{
	slot_bytes = DMEM_MAX(dmem_kernel_page_size(), (size_t)SLOT_MIN);
	area_bytes = LIVE_PROCESS_BYTES + LIVE_SLOTS * slot_bytes;
	area = dmem_kernel_map(area_bytes);
	if (!area)
		return;
	memcpy(area, dmem_live, sizeof(*dmem_live));
	dmem_live = (struct live_process *)area;
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

static void *slot_in_page(uint32_t index)
{
	return area + LIVE_PROCESS_BYTES + index * slot_bytes;
}

/* Put the page's slot under the counts of a cache. */
static int share(struct live_slot *slot, uint32_t index)
{
	void *in_page;
	int err;

	if (index >= LIVE_SLOTS)
		return -ENOSPC;
	in_page = slot_in_page(index);
	err = dmem_kernel_shared_allocate(in_page, slot_bytes);
	if (err)
		return err;
	memcpy(in_page, slot, SLOT_USED);
	err = dmem_kernel_shared_repeat(in_page, slot, slot_bytes);
	if (err && !dmem_kernel_map_over(slot, slot_bytes))
		memcpy(slot, in_page, SLOT_USED);
	return err;
}

/* Private memory again; in a child, which has no other threads. */
static int take_spare(struct live_slot *slot, uint32_t index)
{
	void *fresh;

	if (index >= LIVE_SLOTS)
		return 0;
	fresh = spare + area_bytes + --spare_slots * slot_bytes;
	memcpy(fresh, slot, SLOT_USED);
	return move_over(fresh, slot, slot_bytes, SLOT_USED);
}

/* The same with threads, some of which may come here much later. */
static int take_back(struct live_slot *slot, uint32_t index)
{
	void *fresh;

	if (index >= LIVE_SLOTS)
		return 0;
	fresh = dmem_kernel_map(slot_bytes);
	if (!fresh)
		return -ENOMEM;
	memcpy(fresh, slot, SLOT_USED);
	return move_over(fresh, slot, slot_bytes, SLOT_USED);
}

/* Others are storing numbers meanwhile: what gets lost comes again. */
static void copy_numbers(struct live_numbers *to)
{
	const uint64_t *from = (const uint64_t *)&dmem_live->numbers;
	uint64_t *words = (uint64_t *)to;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*words); i++)
		words[i] = dmem_load(&from[i]);
}

static void fill_header(struct live_header *header)
{
	*header = (struct live_header) {
		.layout = LIVE_LAYOUT,
		.header_bytes = sizeof(*header),
		.file_bytes = area_bytes,
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
	};
	/* Last: before it there is no page. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(header->magic, LIVE_MAGIC, sizeof(header->magic));
}

/* Fill the fresh file and put it in place of the area's private memory. */
static int fill(void)
{
	size_t page_size = dmem_kernel_page_size();
	size_t used = DMEM_ROUND_UP(sizeof(struct live_process), page_size);
	struct live_process *fresh;
	void *at;
	int err;

	err = dmem_kernel_shared_map(&shared, area_bytes, &at);
	if (err)
		return err;
	err = dmem_kernel_shared_allocate(at, used);
	if (err) {
		dmem_kernel_unmap(at, area_bytes);
		return err;
	}
	fresh = at;
	copy_numbers(&fresh->numbers);
	for (uint32_t cls = 1; cls < DMEM_CLASSES; cls++)
		fresh->classes[cls] = dmem_classes[cls].size;
	return move_over(at, area, area_bytes, sizeof(*fresh));
}

static void set_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
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

void dmem_control_page_show(void)
{
	struct live_setting *next = dmem_live->settings;

	datamem_setting_foreach(show_setting, &next);
}

static int make_spare(void)
{
	spare = dmem_kernel_map(area_bytes + LIVE_SLOTS * slot_bytes);
	spare_slots = LIVE_SLOTS;
	return spare ? 0 : -ENOMEM;
}

int dmem_control_page_make(void)
{
	int err;

	if (there)
		return 0;
	if (!area)
		return -ENOMEM;
	err = dmem_kernel_shared_make(LIVE_NAME, area_bytes, &shared);
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
	dmem_kernel_unmap(spare, area_bytes + LIVE_SLOTS * slot_bytes);
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
	if (spare_slots)
		dmem_kernel_unmap(spare + area_bytes, spare_slots * slot_bytes);
	copy_numbers(&((struct live_process *)spare)->numbers);
	move_over(spare, area, area_bytes, sizeof(struct live_process));
}

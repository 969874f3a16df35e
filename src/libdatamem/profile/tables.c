/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The file of the profile, of which parts get memory as they are used. */
#include "tables.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel/shared.h"

#define HEADER_BYTES 4096
#define MAPPINGS_MAX 1024

/* Memory is had in steps of this. */
#define STEP (32 * DMEM_KIB)

struct part {
	size_t offset;
	size_t entry;       /* bytes */
	uint32_t room, used;
	size_t bytes;       /* with memory */
};

static const size_t entry_bytes[DMEM_TABLES] = {
	[DMEM_TABLE_SAMPLES] = sizeof(struct profile_sample),
	[DMEM_TABLE_STACKS] = sizeof(struct profile_stack),
	[DMEM_TABLE_FRAMES] = sizeof(struct profile_frame),
	[DMEM_TABLE_STRINGS] = 1,
	[DMEM_TABLE_MAPPINGS] = sizeof(struct profile_mapping),
};

static struct dmem_shared shared = { .fd = -1 };
static char *file;
static size_t file_bytes;
static struct part parts[DMEM_TABLES] DMEM_TABLE;
static bool foreign;        /* the mapping is the parent's file */

static struct profile_header *header(void)
{
	return (struct profile_header *)file;
}

/* Samples and stacks get a quarter each, strings an eighth. */
static void lay_out(uint64_t max)
{
	const size_t bytes[DMEM_TABLES] = {
		[DMEM_TABLE_SAMPLES] = max / 4,
		[DMEM_TABLE_STACKS] = max / 4,
		[DMEM_TABLE_FRAMES] = max / 16 * 5,
		[DMEM_TABLE_STRINGS] = max / 8,
		[DMEM_TABLE_MAPPINGS] = DMEM_MIN(max / 32, MAPPINGS_MAX *
				sizeof(struct profile_mapping)),
	};
	size_t align = DMEM_MAX(STEP, dmem_kernel_page_size());
	size_t at = DMEM_ROUND_UP((size_t)HEADER_BYTES, align);

	for (size_t i = 0; i < DMEM_TABLES; i++) {
		size_t room = bytes[i] / entry_bytes[i];

		parts[i] = (struct part) {
			.offset = at,
			.entry = entry_bytes[i],
			.room = (uint32_t)DMEM_MIN(room, (size_t)UINT32_MAX),
		};
		at += DMEM_ROUND_UP(parts[i].room * entry_bytes[i], align);
	}
	file_bytes = at;
}

static uint64_t now_realtime(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void fill_header(struct profile_header *to, uint64_t interval)
{
	*to = (struct profile_header) {
		.layout = PROFILE_LAYOUT,
		.header_bytes = sizeof(*to),
		.file_bytes = file_bytes,
		.version = DATAMEM_VERSION_NUMBER,
		.pid = (int32_t)getpid(),
		.made = dmem_kernel_boot_ns(),
		.made_realtime = now_realtime(),
		.interval = interval,
		.state = PROFILE_RUNS,
		.page_bytes = (uint32_t)dmem_kernel_page_size(),
		.samples_offset = parts[DMEM_TABLE_SAMPLES].offset,
		.stacks_offset = parts[DMEM_TABLE_STACKS].offset,
		.frames_offset = parts[DMEM_TABLE_FRAMES].offset,
		.strings_offset = parts[DMEM_TABLE_STRINGS].offset,
		.mappings_offset = parts[DMEM_TABLE_MAPPINGS].offset,
		.sample_bytes = sizeof(struct profile_sample),
		.samples_count = parts[DMEM_TABLE_SAMPLES].room,
		.stack_bytes = sizeof(struct profile_stack),
		.stacks_count = parts[DMEM_TABLE_STACKS].room,
		.frame_bytes = sizeof(struct profile_frame),
		.frames_count = parts[DMEM_TABLE_FRAMES].room,
		.strings_bytes = parts[DMEM_TABLE_STRINGS].room,
		.mapping_bytes = sizeof(struct profile_mapping),
		.mappings_count = parts[DMEM_TABLE_MAPPINGS].room,
	};
}

/* Give a range of the file memory; it must be holes. */
static int open_range(char *at, size_t nbytes)
{
	int err = dmem_kernel_open(at, nbytes);

	return err ? err : dmem_kernel_shared_allocate(at, nbytes);
}

/* The file by the layout; its magic is written later. */
static int make(uint64_t interval)
{
	void *at;
	int err = dmem_kernel_shared_make(PROFILE_NAME, file_bytes, &shared);

	if (err)
		return err;
	err = dmem_kernel_shared_map(&shared, file_bytes, &at);
	if (err)
		goto close;
	err = open_range(at, DMEM_ROUND_UP((size_t)HEADER_BYTES,
					   dmem_kernel_page_size()));
	if (err) {
		dmem_kernel_unmap(at, file_bytes);
		goto close;
	}
	file = at;
	fill_header(header(), interval);
	return 0;
close:
	dmem_kernel_shared_close(&shared);
	return err;
}

void dmem_tables_publish(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(header()->magic, PROFILE_MAGIC, sizeof(header()->magic));
}

int dmem_tables_make(uint64_t interval, uint64_t max)
{
	lay_out(max);
	return make(interval);
}

static void unmap(void)
{
	dmem_kernel_shared_close(&shared);
	dmem_kernel_unmap(file, file_bytes);
	file = NULL;
	foreign = false;
}

void dmem_tables_drop(void)
{
	if (!file)
		return;
	if (!foreign)
		dmem_store_release(&header()->state, PROFILE_ENDED);
	unmap();
}

size_t dmem_tables_mapped(void)
{
	size_t sum = 0;

	for (size_t i = 0; i < DMEM_TABLES; i++)
		sum += parts[i].bytes;
	return file ? sum + HEADER_BYTES : 0;
}

uint32_t dmem_tables_room(enum dmem_table table)
{
	return parts[table].room;
}

uint32_t dmem_tables_used(enum dmem_table table)
{
	return parts[table].used;
}

bool dmem_tables_reserve(enum dmem_table table, uint32_t n)
{
	struct part *part = &parts[table];
	size_t step = DMEM_MAX(STEP, dmem_kernel_page_size());
	size_t need;

	if (n > part->room - part->used)
		return false;
	need = DMEM_ROUND_UP((part->used + (size_t)n) * part->entry, step);
	while (part->bytes < need) {
		if (open_range(file + part->offset + part->bytes, step))
			return false;
		part->bytes += step;
	}
	return true;
}

void *dmem_tables_at(enum dmem_table table, uint32_t index)
{
	return file + parts[table].offset + index * parts[table].entry;
}

void dmem_tables_raise(enum dmem_table table, uint32_t n)
{
	uint32_t *const used[DMEM_TABLES] = {
		[DMEM_TABLE_SAMPLES] = &header()->samples_used,
		[DMEM_TABLE_STACKS] = &header()->stacks_used,
		[DMEM_TABLE_FRAMES] = &header()->frames_used,
		[DMEM_TABLE_STRINGS] = &header()->strings_used,
		[DMEM_TABLE_MAPPINGS] = &header()->mappings_used,
	};

	parts[table].used += n;
	dmem_store_release(used[table], parts[table].used);
}

static void show_totals(struct profile_totals *to,
			const struct profile_totals *from)
{
	dmem_store(&to->samples, from->samples);
	dmem_store(&to->count, from->count);
	dmem_store(&to->bytes, from->bytes);
}

static void show_sums(struct profile_header *to, const struct dmem_sums *sums)
{
	dmem_store(&to->taken, sums->taken);
	dmem_store(&to->ended, sums->ended);
	show_totals(&to->allocated, &sums->allocated);
	show_totals(&to->live, &sums->live);
	dmem_store(&to->peak, sums->peak);
	dmem_store(&to->peak_time, sums->peak_time);
	dmem_store(&to->dropped_samples, sums->dropped_samples);
	dmem_store(&to->dropped_bytes, sums->dropped_bytes);
	dmem_store(&to->dropped_stacks, sums->dropped_stacks);
	dmem_store(&to->raised, sums->raised);
}

void dmem_tables_show(const struct dmem_sums *sums)
{
	show_sums(header(), sums);
}

void dmem_tables_show_interval(uint64_t interval)
{
	if (file && !foreign)
		dmem_store(&header()->interval, interval);
}

void dmem_tables_begin(uint32_t *to, uint32_t *seq)
{
	dmem_store(to, ++*seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

void dmem_tables_end(uint32_t *to, uint32_t *seq)
{
	dmem_store_release(to, ++*seq);
}

void dmem_tables_fork_child(void)
{
	if (!file)
		return;
	foreign = true;
	dmem_kernel_shared_close(&shared);
}

bool dmem_tables_foreign(void)
{
	return foreign;
}

/* What never changes, below the number that was used. */
static bool take_along(enum dmem_table table, const char *from, uint32_t used)
{
	if (!dmem_tables_reserve(table, used))
		return false;
	memcpy(dmem_tables_at(table, 0), from + parts[table].offset,
	       used * parts[table].entry);
	dmem_tables_raise(table, used);
	return true;
}

int dmem_tables_leave(uint64_t interval)
{
	struct part before[DMEM_TABLES];
	char *old = file;
	int err;

	memcpy(before, parts, sizeof(parts));
	foreign = false;
	file = NULL;
	for (size_t i = 0; i < DMEM_TABLES; i++)
		parts[i].used = parts[i].bytes = 0;
	err = make(interval);
	if (!err &&
	    !(take_along(DMEM_TABLE_FRAMES, old,
			 before[DMEM_TABLE_FRAMES].used) &&
	      take_along(DMEM_TABLE_STRINGS, old,
			 before[DMEM_TABLE_STRINGS].used) &&
	      take_along(DMEM_TABLE_MAPPINGS, old,
			 before[DMEM_TABLE_MAPPINGS].used) &&
	      dmem_tables_reserve(DMEM_TABLE_STACKS,
				  before[DMEM_TABLE_STACKS].used) &&
	      dmem_tables_reserve(DMEM_TABLE_SAMPLES,
				  before[DMEM_TABLE_SAMPLES].used))) {
		unmap();
		err = -ENOMEM;
	}
	dmem_kernel_unmap(old, file_bytes);
	if (err)
		return err;
	dmem_tables_raise(DMEM_TABLE_STACKS, before[DMEM_TABLE_STACKS].used);
	dmem_tables_raise(DMEM_TABLE_SAMPLES, before[DMEM_TABLE_SAMPLES].used);
	return 0;
}

/* Where the tables of a copy lie: without what is not used. */
static size_t lay_out_copy(size_t offsets[DMEM_TABLES])
{
	size_t at = HEADER_BYTES;

	for (size_t i = 0; i < DMEM_TABLES; i++) {
		offsets[i] = at;
		at += DMEM_ROUND_UP(parts[i].used * parts[i].entry, 64);
	}
	return at;
}

/* What the file's header says of the layout may be others' by now: here it is
 * as we know it. */
static void fill_copy(struct profile_header *to, const size_t *offsets,
		      size_t nbytes)
{
	const struct profile_header *from = header();
	uint64_t made = from->made, made_realtime = from->made_realtime;

	fill_header(to, from->interval);
	memcpy(to->magic, PROFILE_MAGIC, sizeof(to->magic));
	to->made = made;
	to->made_realtime = made_realtime;
	to->written = dmem_kernel_boot_ns();
	to->state = PROFILE_COPY;
	to->file_bytes = nbytes;
	to->samples_offset = offsets[DMEM_TABLE_SAMPLES];
	to->stacks_offset = offsets[DMEM_TABLE_STACKS];
	to->frames_offset = offsets[DMEM_TABLE_FRAMES];
	to->strings_offset = offsets[DMEM_TABLE_STRINGS];
	to->mappings_offset = offsets[DMEM_TABLE_MAPPINGS];
	to->samples_used = to->samples_count = parts[DMEM_TABLE_SAMPLES].used;
	to->stacks_used = to->stacks_count = parts[DMEM_TABLE_STACKS].used;
	to->frames_used = to->frames_count = parts[DMEM_TABLE_FRAMES].used;
	to->strings_used = to->strings_bytes = parts[DMEM_TABLE_STRINGS].used;
	to->mappings_used = to->mappings_count =
		parts[DMEM_TABLE_MAPPINGS].used;
}

struct profile_header *dmem_tables_copy(const struct dmem_sums *sums,
					size_t *nbytes)
{
	size_t offsets[DMEM_TABLES];
	struct profile_header *to;

	*nbytes = lay_out_copy(offsets);
	to = dmem_kernel_map(*nbytes);
	if (!to)
		return NULL;
	fill_copy(to, offsets, *nbytes);
	show_sums(to, sums);
	for (size_t i = 0; i < DMEM_TABLES; i++)
		memcpy((char *)to + offsets[i], file + parts[i].offset,
		       parts[i].used * parts[i].entry);
	return to;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Asks the dynamic linker what lies where. */
#include "mappings.h"

#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "kernel/kernel.h"
#include "linker.h"
#include "frames.h"
#include "stacks.h"

/* Of the table, those of now: later ones are looked up each time. */
#define KNOWN 256u
static struct dmem_text known[KNOWN] DMEM_TABLE;
static uint32_t nknown;

struct search {
	uintptr_t address;
	struct dmem_segment *out;
	bool found;
};

/* The build id, out of the notes of an object in memory. */
static void take_build_id(const struct dl_phdr_info *info,
			  const ElfW(Phdr) *segment, struct dmem_segment *out)
{
	const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr);
	size_t left = segment->p_memsz;

	while (left >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = DMEM_ROUND_UP((size_t)note->n_namesz, 4);
		size_t size = sizeof(*note) + name +
			      DMEM_ROUND_UP((size_t)note->n_descsz, 4);

		if (size > left)
			return;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    !memcmp(at + sizeof(*note), "GNU", 4)) {
			out->build_id_bytes = (uint32_t)DMEM_MIN(
				(size_t)note->n_descsz, sizeof(out->build_id));
			memcpy(out->build_id, at + sizeof(*note) + name,
			       out->build_id_bytes);
			return;
		}
		at += size;
		left -= size;
	}
}

/* The linker has no name for the program itself. */
static void take_path(const struct dl_phdr_info *info,
		      struct dmem_segment *out)
{
	if (info->dlpi_name && info->dlpi_name[0])
		snprintf(out->path, sizeof(out->path), "%s", info->dlpi_name);
	else if (info->dlpi_addr != getauxval(AT_SYSINFO_EHDR))
		dmem_kernel_program_path(out->path, sizeof(out->path));
}

static int visit(struct dl_phdr_info *info, size_t size DMEM_UNUSED, void *arg)
{
	struct search *search = arg;
	struct dmem_segment *out = search->out;

	for (int i = 0; i < info->dlpi_phnum && !search->found; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) ||
		    search->address < start ||
		    search->address - start >= segment->p_memsz)
			continue;
		search->found = true;
		*out = (struct dmem_segment) {
			.start = start,
			.end = start + segment->p_memsz,
			.bias = info->dlpi_addr,
			.offset = segment->p_offset,
		};
	}
	if (!search->found)
		return 0;
	for (int i = 0; i < info->dlpi_phnum && !out->build_id_bytes; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			take_build_id(info, &info->dlpi_phdr[i], out);
	take_path(info, out);
	return 1;
}

bool dmem_mappings_look(uintptr_t address, struct dmem_segment *out)
{
	struct search search = { address, out, false };
	int saved = errno;

	if (!dmem_linker_enter())
		return false;
	dmem_host_call("the dynamic linker");
	dl_iterate_phdr(visit, &search);
	dmem_linker_leave();
	errno = saved;
	return search.found;
}

/* Once, as a profile is started: not refused beside a fork. */
struct dmem_text dmem_mappings_text(uintptr_t address)
{
	struct dmem_segment segment;
	struct search search = { address, &segment, false };
	int saved = errno;

	dmem_host_call("the dynamic linker");
	dl_iterate_phdr(visit, &search);
	errno = saved;
	if (!search.found)
		return (struct dmem_text) { 0, 0 };
	return (struct dmem_text) { segment.start, segment.end };
}

static int take_unloads(struct dl_phdr_info *info, size_t size, void *arg)
{
	if (size >= offsetof(struct dl_phdr_info, dlpi_subs) +
		    sizeof(info->dlpi_subs))
		*(uint64_t *)arg = info->dlpi_subs;
	return 1;
}

uint64_t dmem_mappings_unloads(uint64_t before)
{
	uint64_t unloads = before;
	int saved = errno;

	if (!dmem_linker_enter())
		return before;
	dmem_host_call("the dynamic linker");
	dl_iterate_phdr(take_unloads, &unloads);
	dmem_linker_leave();
	errno = saved;
	return unloads;
}

bool dmem_mappings_known(uintptr_t address)
{
	uint32_t n = dmem_load_acquire(&nknown);

	for (uint32_t i = 0; i < n; i++)
		if (address >= dmem_load(&known[i].start) &&
		    address < dmem_load(&known[i].end))
			return true;
	return false;
}

void dmem_mappings_note(const struct dmem_segment *segment)
{
	struct profile_mapping *to;
	uint32_t index = dmem_tables_used(DMEM_TABLE_MAPPINGS), path;

	if (dmem_mappings_known(segment->start) || nknown == KNOWN ||
	    !dmem_tables_reserve(DMEM_TABLE_MAPPINGS, 1))
		return;
	path = dmem_stacks_string(segment->path);
	to = dmem_tables_at(DMEM_TABLE_MAPPINGS, index);
	*to = (struct profile_mapping) {
		.start = segment->start,
		.end = segment->end,
		.bias = segment->bias,
		.offset = segment->offset,
		.path = path,
		.stacks = dmem_tables_used(DMEM_TABLE_STACKS),
		.build_id_bytes = segment->build_id_bytes,
	};
	memcpy(to->build_id, segment->build_id, sizeof(to->build_id));
	dmem_tables_raise(DMEM_TABLE_MAPPINGS, 1);
	dmem_store(&known[nknown].start, segment->start);
	dmem_store(&known[nknown].end, segment->end);
	dmem_store_release(&nknown, nknown + 1);
}

void dmem_mappings_forget(void)
{
	dmem_store(&nknown, 0);
}

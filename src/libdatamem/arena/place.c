/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Placement of fresh chunks. */

#include "place.h"

#include <stdio.h>
#include <string.h>

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "log.h"
#include "settings/settings.h"
#include "quiet.h"
#include "room.h"
#include "window.h"

struct policy {
	int mode;        /* enum dmem_numa */
	uint64_t nodes;
};

/* Read without a lock: fork(2) may come at any time. A mapping made during a
 * change may get the new mode with the old nodes. */
static struct policy policy;

static int parse(const char *text, struct policy *out)
{
	static const struct {
		const char *word;
		enum dmem_numa mode;
	} words[] = {
		{ "bind:", DMEM_NUMA_BIND },
		{ "interleave:", DMEM_NUMA_INTERLEAVE },
	};
	struct policy found = { DMEM_NUMA_DEFAULT, 0 };
	size_t len;

	if (!*text || !strcmp(text, "local")) {
		found.mode = *text ? DMEM_NUMA_LOCAL : DMEM_NUMA_DEFAULT;
		*out = found;
		return 0;
	}
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words); i++) {
		len = strlen(words[i].word);
		if (strncmp(text, words[i].word, len))
			continue;
		found.mode = words[i].mode;
		if (dmem_kernel_nodes_parse(text + len, &found.nodes) ||
		    found.nodes & ~dmem_kernel_nodes())
			return -EINVAL;
		*out = found;
		return 0;
	}
	return -EINVAL;
}

static int check(enum dmem_setting_id id DMEM_UNUSED, const char *text)
{
	struct policy ignored;

	return parse(text, &ignored);
}

static bool one_node(void)
{
	uint64_t nodes = dmem_kernel_nodes();

	return !(nodes & (nodes - 1));
}

static void note(enum dmem_setting_id id DMEM_UNUSED, bool look DMEM_UNUSED,
		 char *out, size_t out_size)
{
	snprintf(out, out_size, "%s",
		 dmem_load(&policy.mode) != DMEM_NUMA_DEFAULT && one_node() ?
			 "no effect: this machine has one memory node" : "");
}

static void changed(enum dmem_setting_id id)
{
	char text[DMEM_SETTING_TEXT_MAX];
	struct policy fresh;

	dmem_setting_string(id, text, sizeof(text));
	if (parse(text, &fresh)) {
		/* Only the environment is read before check() is in place. */
		dmem_log("%s=%s: not local, bind:NODES or interleave:NODES "
			 "with nodes of this machine; ignored",
			 dmem_setting_name(id), text);
		return;
	}
	dmem_store(&policy.nodes, fresh.nodes);
	dmem_store(&policy.mode, fresh.mode);
}

void dmem_place_init(void)
{
	dmem_setting_guard(DMEM_SETTING_PLACE_NUMA, check, note);
	dmem_setting_watch(DMEM_SETTING_PLACE_NUMA, changed);
	changed(DMEM_SETTING_PLACE_NUMA);
}

/* A pool that is too small or not there is no error: ordinary pages, then. */
static int take_hugetlb(void *addr, size_t nbytes, uint8_t *flags)
{
	int err = dmem_kernel_map_hugetlb_over(addr, nbytes,
					       dmem_log2(dmem_chunk_size()));

	if (!err)
		*flags |= DMEM_CHUNK_HUGETLB | DMEM_CHUNK_ADVISED;
	return err == -EFAULT ? -EEXIST : 0;
}

void dmem_place_bind(void *addr, size_t nbytes)
{
	int mode = dmem_load(&policy.mode);

	/* Refused where a cpuset forbids the nodes: then as the process. */
	if (dmem_unlikely(mode != DMEM_NUMA_DEFAULT))
		dmem_kernel_bind(addr, nbytes, (enum dmem_numa)mode,
				 dmem_load(&policy.nodes));
	dmem_kernel_name(addr, nbytes, "datamem");
}

bool dmem_place_advise(void *addr, size_t nbytes)
{
	dmem_place_bind(addr, nbytes);
	return nbytes >= dmem_chunk_size() &&
	       dmem_hugepage_advise(addr, nbytes);
}

int dmem_place_fresh(void *addr, size_t nbytes, uint8_t *flags)
{
	int err;

	if (dmem_unlikely(dmem_quiet_maps())) {
		dmem_place_bind(addr, nbytes);
		dmem_hugepage_hush(addr, nbytes);
		return 0;
	}
	if (dmem_unlikely(dmem_setting_value(DMEM_SETTING_PLACE_HUGETLB))) {
		err = take_hugetlb(addr, nbytes, flags);
		if (err)
			return err;
	}
	if (*flags & DMEM_CHUNK_HUGETLB)
		dmem_place_bind(addr, nbytes);
	else if (dmem_place_advise(addr, nbytes))
		*flags |= DMEM_CHUNK_ADVISED;
	return 0;
}

void dmem_place_block(void *addr, size_t nbytes)
{
	size_t page = dmem_kernel_page_size();
	uintptr_t start = DMEM_ROUND_UP((uintptr_t)addr, page);
	uintptr_t end = DMEM_ROUND_DOWN((uintptr_t)addr + nbytes, page);

	/* Best effort, Linux 5.14: the first write does it else. */
	if (dmem_unlikely(dmem_setting_value(DMEM_SETTING_PLACE_PREFAULT)) &&
	    end > start && dmem_room_affords(end - start))
		dmem_kernel_advise((void *)start, end - start,
				   DMEM_ADVICE_POPULATE);
}

void dmem_place_restore(void *addr, size_t nbytes)
{
	size_t page = dmem_kernel_page_size();
	uintptr_t start = DMEM_ROUND_UP((uintptr_t)addr, page);
	uintptr_t end = DMEM_ROUND_DOWN((uintptr_t)addr + nbytes, page);

	if (dmem_kernel_restore((void *)start, end - start) != -ENOMEM)
		return;
	/* A part was unmapped. Nothing is replaced. */
	for (; start < end; start += page)
		dmem_kernel_map_at((void *)start, page);
}

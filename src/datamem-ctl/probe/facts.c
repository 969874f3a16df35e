/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The columns of a probe, and the facts among them. */
#include "tool.h"
#include "probe.h"

const struct ctl_column ctl_probe_columns[PROBE_COLUMNS] = {
	[PROBE_KERNEL] = { "KERNEL", CTL_STRING, CTL_SHOWN,
		"release of the running kernel" },
	[PROBE_PAGE_SIZE] = { "PAGE_SIZE", CTL_SIZE, CTL_SHOWN,
		"bytes of a page" },
	[PROBE_HUGEPAGE_SIZE] = { "HUGEPAGE_SIZE", CTL_SIZE, CTL_SHOWN,
		"bytes of a huge page" },
	[PROBE_ENABLED] = { "ENABLED", CTL_STRING, CTL_SHOWN,
		"transparent huge pages: always, madvise, never" },
	[PROBE_SIZE_ENABLED] = { "SIZE_ENABLED", CTL_STRING, 0,
		"the same for the size of a huge page" },
	[PROBE_SIZES] = { "SIZES", CTL_LIST, CTL_SHOWN,
		"the same for each size that is not never" },
	[PROBE_DEFRAG] = { "DEFRAG", CTL_STRING, CTL_SHOWN,
		"what a page fault does when memory is fragmented" },
	[PROBE_KHUGEPAGED_DEFRAG] = { "KHUGEPAGED_DEFRAG", CTL_BOOL, 0,
		"whether khugepaged compacts memory" },
	[PROBE_MAX_PTES_NONE] = { "MAX_PTES_NONE", CTL_COUNT, CTL_SHOWN,
		"empty pages that khugepaged fills in" },
	[PROBE_PRCTL] = { "PRCTL", CTL_STRING, CTL_SHOWN,
		"PR_SET_THP_DISABLE of this process" },
	[PROBE_RAM] = { "RAM", CTL_SIZE, CTL_SHOWN, "memory of the machine" },
	[PROBE_CGROUP_LIMIT] = { "CGROUP_LIMIT", CTL_SIZE, CTL_SHOWN,
		"smallest memory limit of the cgroups above" },
	[PROBE_FEATURES] = { "FEATURES", CTL_LIST, CTL_SHOWN,
		"kernel calls found by trying" },
	[PROBE_TEST] = { "TEST", CTL_SIZE, CTL_SHOWN,
		"size of the pages that a touched block got" },
	[PROBE_ADVICE] = { "ADVICE", CTL_BOOL, CTL_SHOWN,
		"whether the library advises" },
	[PROBE_STATE] = { "STATE", CTL_STRING, CTL_SHOWN,
		"outcome in one word" },
	[PROBE_VERDICT] = { "VERDICT", CTL_STRING, CTL_SHOWN,
		"outcome in a sentence" },
	[PROBE_REASON] = { "REASON", CTL_STRING, CTL_SHOWN,
		"why there are no huge pages" },
	[PROBE_FIX] = { "FIX", CTL_STRING, CTL_SHOWN,
		"command that would change it" },
};

const char *ctl_probe_mode_name(int mode)
{
	static const char *const names[] = {
		[DATAMEM_MODE_NEVER] = "never",
		[DATAMEM_MODE_MADVISE] = "madvise",
		[DATAMEM_MODE_ALWAYS] = "always",
		[DATAMEM_MODE_INHERIT] = "inherit",
		[DATAMEM_MODE_DEFER] = "defer",
		[DATAMEM_MODE_DEFER_MADVISE] = "defer+madvise",
	};

	if (mode < 0 || (size_t)mode >= CTL_ARRAY_SIZE(names))
		return NULL;
	return names[mode];
}

static void print_mode(struct ctl_output *out, size_t column, int mode)
{
	const char *name = ctl_probe_mode_name(mode);

	if (name)
		ctl_output_string(out, column, name);
	else
		ctl_output_absent(out, column, "unknown");
}

static void print_bytes(struct ctl_output *out, size_t column, uint64_t nbytes,
			const char *word)
{
	if (nbytes != 0 && nbytes != UINT64_MAX)
		ctl_output_size(out, column, nbytes);
	else
		ctl_output_absent(out, column, word);
}

/* In a table the sizes that are off are only noise; programs get all. */
static void print_sizes(struct ctl_output *out,
			const struct datamem_hugepage_probe *probe)
{
	bool any = false;

	for (size_t i = 0; i < probe->sizes_count; i++) {
		const struct datamem_hugepage_size *size = &probe->sizes[i];
		const char *name = ctl_probe_mode_name(size->mode);
		char bytes[32], *text;

		if (!out->json && size->mode == DATAMEM_MODE_NEVER)
			continue;
		ctl_format_size(bytes, sizeof(bytes), size->size,
				out->bytes || out->json);
		text = ctl_printf("%s=%s", bytes,
				  name ? name : "unknown");
		ctl_output_list(out, PROBE_SIZES, text);
		free(text);
		any = true;
	}
	if (!any)
		ctl_output_absent(out, PROBE_SIZES, "none");
}

static void print_features(struct ctl_output *out, unsigned int features)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} names[] = {
		{ DATAMEM_FEATURE_FREE, "MADV_FREE" },
		{ DATAMEM_FEATURE_POPULATE, "MADV_POPULATE_WRITE" },
		{ DATAMEM_FEATURE_COLLAPSE, "MADV_COLLAPSE" },
		{ DATAMEM_FEATURE_DONTUNMAP, "MREMAP_DONTUNMAP" },
		{ DATAMEM_FEATURE_PAGEMAP_SCAN, "PAGEMAP_SCAN" },
		{ DATAMEM_FEATURE_MEMBARRIER, "membarrier" },
		{ DATAMEM_FEATURE_VMA_NAME, "PR_SET_VMA_ANON_NAME" },
	};

	ctl_output_absent(out, PROBE_FEATURES, "none");
	for (size_t i = 0; i < CTL_ARRAY_SIZE(names); i++)
		if (features & names[i].bit)
			ctl_output_list(out, PROBE_FEATURES, names[i].name);
}

static void print_prctl(struct ctl_output *out, int state)
{
	switch (state) {
	case 0:
		ctl_output_string(out, PROBE_PRCTL, "allowed");
		break;
	case 1:
		ctl_output_string(out, PROBE_PRCTL, "disabled");
		break;
	case 3:
		ctl_output_string(out, PROBE_PRCTL, "disabled except advised");
		break;
	default:
		ctl_output_absent(out, PROBE_PRCTL, "unknown");
	}
}

void ctl_probe_facts(struct ctl_output *out,
		     const struct datamem_hugepage_probe *probe)
{
	if (probe->release[0] != '\0')
		ctl_output_string(out, PROBE_KERNEL, probe->release);
	else
		ctl_output_absent(out, PROBE_KERNEL, "unknown");
	ctl_output_size(out, PROBE_PAGE_SIZE, probe->page_size);
	print_bytes(out, PROBE_HUGEPAGE_SIZE, probe->hugepage_size, "none");
	print_mode(out, PROBE_ENABLED, probe->mode);
	print_mode(out, PROBE_SIZE_ENABLED, probe->size_mode);
	print_sizes(out, probe);
	print_mode(out, PROBE_DEFRAG, probe->defrag);
	if (probe->khugepaged_defrag >= 0)
		ctl_output_bool(out, PROBE_KHUGEPAGED_DEFRAG,
				probe->khugepaged_defrag != 0);
	if (probe->max_ptes_none >= 0)
		ctl_output_count(out, PROBE_MAX_PTES_NONE,
				 (uint64_t)probe->max_ptes_none);
	else
		ctl_output_absent(out, PROBE_MAX_PTES_NONE, "unknown");
	print_prctl(out, probe->prctl_state);
	print_bytes(out, PROBE_RAM, probe->ram, "unknown");
	print_bytes(out, PROBE_CGROUP_LIMIT, probe->cgroup_limit, "none");
	if (probe->recorded) {
		ctl_output_absent(out, PROBE_FEATURES, "not tried");
		ctl_output_absent(out, PROBE_TEST,
				  "not made: recorded machine");
	} else {
		print_features(out, probe->features);
		print_bytes(out, PROBE_TEST, probe->arrived_size,
			    "not made, or nothing could be told");
	}
	ctl_output_bool(out, PROBE_ADVICE, probe->advice);
}

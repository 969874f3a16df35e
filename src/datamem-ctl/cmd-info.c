/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How the library was built; the three kernels side by side, never mixed. */
#include "cmd.h"

enum {
	COL_LIBRARY,
	COL_HEADER,
	COL_COMPILER,
	COL_FEATURES,
	COL_HUGEPAGE,
	COL_KERNEL_HEADERS,
	COL_KERNEL_BUILD,
	COL_KERNEL_RUNNING,
	COL_PAGE_BUILD,
	COL_PAGE_RUNNING,
	COL_TOOL,
	COL_BLOCKS,
};

static const struct ctl_column columns[] = {
	[COL_LIBRARY] = { "LIBRARY", CTL_STRING, CTL_SHOWN,
		"version of the library in use" },
	[COL_HEADER] = { "HEADER", CTL_STRING, CTL_SHOWN,
		"version of the header this tool was built with" },
	[COL_COMPILER] = { "COMPILER", CTL_STRING, CTL_SHOWN,
		"compiler of the library" },
	[COL_FEATURES] = { "FEATURES", CTL_STRING, CTL_SHOWN,
		"optional parts built in" },
	[COL_HUGEPAGE] = { "HUGEPAGE", CTL_STRING, CTL_SHOWN,
		"huge pages as configured: auto, yes, no" },
	[COL_KERNEL_HEADERS] = { "KERNEL_HEADERS", CTL_STRING, CTL_SHOWN,
		"kernel headers used: constants known" },
	[COL_KERNEL_BUILD] = { "KERNEL_BUILD", CTL_STRING, CTL_SHOWN,
		"build host's kernel: sets defaults only" },
	[COL_KERNEL_RUNNING] = { "KERNEL_RUNNING", CTL_STRING, CTL_SHOWN,
		"running kernel: the one that counts" },
	[COL_PAGE_BUILD] = { "PAGE_BUILD", CTL_SIZE, CTL_SHOWN,
		"page size of the build host" },
	[COL_PAGE_RUNNING] = { "PAGE_RUNNING", CTL_SIZE, CTL_SHOWN,
		"page size of the running kernel" },
	[COL_TOOL] = { "TOOL", CTL_STRING, CTL_SHOWN,
		"tool that watches this process's memory" },
	[COL_BLOCKS] = { "BLOCKS", CTL_STRING, CTL_SHOWN,
		"where blocks are: arena, or malloc for the tool" },
};

static const char doc[] =
	"Show how the library was built, and for and on which kernels.";

/* Unknown strings of the library are NULL or empty. */
static void print_known(struct ctl_output *out, size_t column, const char *text)
{
	if (text && *text != '\0')
		ctl_output_string(out, column, text);
	else
		ctl_output_absent(out, column, "unknown");
}

static int run(int argc, char **argv)
{
	struct datamem_hugepage_probe probe;
	struct datamem_build_info info;
	struct ctl_output out;
	int result;

	ctl_output_init(&out, "info", columns, CTL_ARRAY_SIZE(columns),
			CTL_RECORD);
	ctl_output_parse(&out, doc, argc, argv);
	result = datamem_build_info_get(&info, sizeof(info));
	if (result == 0)
		result = datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (result != 0)
		ctl_die("%s", strerror(-result));

	ctl_output_row(&out);
	print_known(&out, COL_LIBRARY, info.version);
	ctl_output_string(&out, COL_HEADER, DATAMEM_VERSION_STRING);
	print_known(&out, COL_COMPILER, info.compiler);
	if (info.features && *info.features != '\0')
		ctl_output_string(&out, COL_FEATURES, info.features);
	else
		ctl_output_absent(&out, COL_FEATURES, "none");
	print_known(&out, COL_HUGEPAGE, info.hugepage);
	print_known(&out, COL_KERNEL_HEADERS, info.kernel_headers);
	print_known(&out, COL_KERNEL_BUILD, info.kernel_build);
	print_known(&out, COL_KERNEL_RUNNING, probe.release);
	if (info.page_size != 0)
		ctl_output_size(&out, COL_PAGE_BUILD, info.page_size);
	else
		ctl_output_absent(&out, COL_PAGE_BUILD, "unknown");
	ctl_output_size(&out, COL_PAGE_RUNNING, probe.page_size);
	if (info.tool && *info.tool != '\0')
		ctl_output_string(&out, COL_TOOL, info.tool);
	else
		ctl_output_absent(&out, COL_TOOL, "none");
	print_known(&out, COL_BLOCKS, info.blocks);
	result = ctl_output_print(&out, stdout);
	ctl_output_free(&out);
	return result == 0 ? CTL_OK : CTL_TROUBLE;
}

const struct ctl_command ctl_cmd_info = {
	.name = "info",
	.summary = "show how the library was built, and the three kernels",
	.run = run,
};

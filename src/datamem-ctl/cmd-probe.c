/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What this machine gives: verdict, reason, and what would change it. */
#include "cmd.h"

#include <sys/stat.h>
#include <unistd.h>

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

enum {
	COL_KERNEL,
	COL_PAGE_SIZE,
	COL_HUGEPAGE_SIZE,
	COL_ENABLED,
	COL_SIZE_ENABLED,
	COL_SIZES,
	COL_DEFRAG,
	COL_KHUGEPAGED_DEFRAG,
	COL_MAX_PTES_NONE,
	COL_PRCTL,
	COL_RAM,
	COL_CGROUP_LIMIT,
	COL_FEATURES,
	COL_TEST,
	COL_ADVICE,
	COL_STATE,
	COL_VERDICT,
	COL_REASON,
	COL_FIX,
};

static const struct ctl_column columns[] = {
	[COL_KERNEL] = { "KERNEL", CTL_STRING, CTL_SHOWN,
		"release of the running kernel" },
	[COL_PAGE_SIZE] = { "PAGE_SIZE", CTL_SIZE, CTL_SHOWN,
		"bytes of a page" },
	[COL_HUGEPAGE_SIZE] = { "HUGEPAGE_SIZE", CTL_SIZE, CTL_SHOWN,
		"bytes of a huge page" },
	[COL_ENABLED] = { "ENABLED", CTL_STRING, CTL_SHOWN,
		"transparent huge pages: always, madvise, never" },
	[COL_SIZE_ENABLED] = { "SIZE_ENABLED", CTL_STRING, 0,
		"the same for the size of a huge page" },
	[COL_SIZES] = { "SIZES", CTL_LIST, CTL_SHOWN,
		"the same for each size that is not never" },
	[COL_DEFRAG] = { "DEFRAG", CTL_STRING, CTL_SHOWN,
		"what a page fault does when memory is fragmented" },
	[COL_KHUGEPAGED_DEFRAG] = { "KHUGEPAGED_DEFRAG", CTL_BOOL, 0,
		"whether khugepaged compacts memory" },
	[COL_MAX_PTES_NONE] = { "MAX_PTES_NONE", CTL_COUNT, CTL_SHOWN,
		"empty pages that khugepaged fills in" },
	[COL_PRCTL] = { "PRCTL", CTL_STRING, CTL_SHOWN,
		"PR_SET_THP_DISABLE of this process" },
	[COL_RAM] = { "RAM", CTL_SIZE, CTL_SHOWN, "memory of the machine" },
	[COL_CGROUP_LIMIT] = { "CGROUP_LIMIT", CTL_SIZE, CTL_SHOWN,
		"smallest memory limit of the cgroups above" },
	[COL_FEATURES] = { "FEATURES", CTL_LIST, CTL_SHOWN,
		"kernel calls found by trying" },
	[COL_TEST] = { "TEST", CTL_SIZE, CTL_SHOWN,
		"size of the pages that a touched block got" },
	[COL_ADVICE] = { "ADVICE", CTL_BOOL, CTL_SHOWN,
		"whether the library advises" },
	[COL_STATE] = { "STATE", CTL_STRING, CTL_SHOWN,
		"outcome in one word" },
	[COL_VERDICT] = { "VERDICT", CTL_STRING, CTL_SHOWN,
		"outcome in a sentence" },
	[COL_REASON] = { "REASON", CTL_STRING, CTL_SHOWN,
		"why there are no huge pages" },
	[COL_FIX] = { "FIX", CTL_STRING, CTL_SHOWN,
		"command that would change it" },
};

struct probe_arguments {
	struct ctl_output out;
	const char *sysroot;
};

enum { KEY_SYSROOT = 256 };

static const struct argp_option options[] = {
	{ "sysroot", KEY_SYSROOT, "DIR", 0,
	  "Read the recorded /proc and /sys below DIR; nothing is tested", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct probe_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->out;
		return 0;
	case KEY_SYSROOT:
		arguments->sysroot = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Tell whether this machine gives huge pages to programs that "
	       "use libdatamem, and why not. Exit status is 0 for yes, 1 for "
	       "no.",
	.children = ctl_output_children,
};

static const char *mode_name(int mode)
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
	const char *name = mode_name(mode);

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
		const char *name = mode_name(size->mode);
		char bytes[32], *text;

		if (!out->json && size->mode == DATAMEM_MODE_NEVER)
			continue;
		ctl_format_size(bytes, sizeof(bytes), size->size,
				out->bytes || out->json);
		text = ctl_printf("%s=%s", bytes,
				  name ? name : "unknown");
		ctl_output_list(out, COL_SIZES, text);
		free(text);
		any = true;
	}
	if (!any)
		ctl_output_absent(out, COL_SIZES, "none");
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

	ctl_output_absent(out, COL_FEATURES, "none");
	for (size_t i = 0; i < CTL_ARRAY_SIZE(names); i++)
		if (features & names[i].bit)
			ctl_output_list(out, COL_FEATURES, names[i].name);
}

static void print_prctl(struct ctl_output *out, int state)
{
	switch (state) {
	case 0:
		ctl_output_string(out, COL_PRCTL, "allowed");
		break;
	case 1:
		ctl_output_string(out, COL_PRCTL, "disabled");
		break;
	case 3:
		ctl_output_string(out, COL_PRCTL, "disabled except advised");
		break;
	default:
		ctl_output_absent(out, COL_PRCTL, "unknown");
	}
}

static void print_facts(struct ctl_output *out,
			const struct datamem_hugepage_probe *probe)
{
	if (probe->release[0] != '\0')
		ctl_output_string(out, COL_KERNEL, probe->release);
	else
		ctl_output_absent(out, COL_KERNEL, "unknown");
	ctl_output_size(out, COL_PAGE_SIZE, probe->page_size);
	print_bytes(out, COL_HUGEPAGE_SIZE, probe->hugepage_size, "none");
	print_mode(out, COL_ENABLED, probe->mode);
	print_mode(out, COL_SIZE_ENABLED, probe->size_mode);
	print_sizes(out, probe);
	print_mode(out, COL_DEFRAG, probe->defrag);
	if (probe->khugepaged_defrag >= 0)
		ctl_output_bool(out, COL_KHUGEPAGED_DEFRAG,
				probe->khugepaged_defrag != 0);
	if (probe->max_ptes_none >= 0)
		ctl_output_count(out, COL_MAX_PTES_NONE,
				 (uint64_t)probe->max_ptes_none);
	else
		ctl_output_absent(out, COL_MAX_PTES_NONE, "unknown");
	print_prctl(out, probe->prctl_state);
	print_bytes(out, COL_RAM, probe->ram, "unknown");
	print_bytes(out, COL_CGROUP_LIMIT, probe->cgroup_limit, "none");
	if (probe->recorded) {
		ctl_output_absent(out, COL_FEATURES, "not tried");
		ctl_output_absent(out, COL_TEST, "not made: recorded machine");
	} else {
		print_features(out, probe->features);
		print_bytes(out, COL_TEST, probe->arrived_size,
			    "not made, or nothing could be told");
	}
	ctl_output_bool(out, COL_ADVICE, probe->advice);
}

/* What the files promise; only the test can tell what arrives. */
static bool is_configured(const struct datamem_hugepage_probe *probe)
{
	int mode = probe->mode;

	if (probe->size_mode != DATAMEM_MODE_INHERIT &&
	    probe->size_mode != DATAMEM_MODE_UNKNOWN)
		mode = probe->size_mode;
	return mode == DATAMEM_MODE_ALWAYS || mode == DATAMEM_MODE_MADVISE;
}

static char *find_reason(const struct datamem_hugepage_probe *probe)
{
	/* The library has one reason for two files. */
	if (probe->reason == DATAMEM_REASON_MODE_NEVER &&
	    probe->size_mode == DATAMEM_MODE_NEVER && probe->hugepage_size != 0)
		return ctl_printf("transparent_hugepage/hugepages-%zukB/enabled "
				  "says never", probe->hugepage_size / 1024);
	return ctl_strdup(datamem_hugepage_reason_text(probe->reason));
}

/* The file that has to change when huge pages are off in /sys. */
static char *mode_fix(const struct datamem_hugepage_probe *probe)
{
	if (probe->size_mode == DATAMEM_MODE_NEVER && probe->hugepage_size != 0)
		return ctl_printf("echo madvise | sudo tee " THP_DIR
				  "/hugepages-%zukB/enabled",
				  probe->hugepage_size / 1024);
	return ctl_printf("echo madvise | sudo tee " THP_DIR "/enabled");
}

/* A command, or where none helps a sentence in parentheses. */
static char *find_fix(const struct datamem_hugepage_probe *probe)
{
	switch (probe->reason) {
	case DATAMEM_REASON_ADVICE_OFF:
		return ctl_strdup("export DATAMEM_HUGEPAGE=auto");
	case DATAMEM_REASON_MODE_NEVER:
		return mode_fix(probe);
	case DATAMEM_REASON_PRCTL:
		return ctl_strdup("(no command: the program that started this "
				  "one must not call "
				  "prctl(PR_SET_THP_DISABLE))");
	case DATAMEM_REASON_KERNEL_OLD:
		return ctl_strdup("export DATAMEM_HUGEPAGE=on");
	case DATAMEM_REASON_NO_SUPPORT:
		return ctl_strdup("(no command: needs a kernel with "
				  "CONFIG_TRANSPARENT_HUGEPAGE)");
	case DATAMEM_REASON_FILTER:
		return ctl_strdup("(no command: the sandbox must permit "
				  "madvise(2))");
	case DATAMEM_REASON_HUGEPAGE_TOO_LARGE:
		return ctl_strdup("(no command: needs a kernel with smaller "
				  "pages)");
	case DATAMEM_REASON_MTHP:
	case DATAMEM_REASON_NOT_ARRIVING:
		if (!is_configured(probe))
			return mode_fix(probe);
		if (probe->defrag == DATAMEM_MODE_NEVER)
			return ctl_strdup("echo madvise | sudo tee " THP_DIR
					  "/defrag");
		return ctl_strdup("echo 1 | sudo tee "
				  "/proc/sys/vm/compact_memory");
	default:
		return NULL;
	}
}

/* Returns the exit status. */
static int print_verdict(struct ctl_output *out,
			 const struct datamem_hugepage_probe *probe)
{
	bool untested = probe->recorded && is_configured(probe) &&
			(probe->reason == DATAMEM_REASON_NONE ||
			 probe->reason == DATAMEM_REASON_UNMEASURED);
	const char *verdict;
	char *fix = find_fix(probe), *reason = find_reason(probe);

	switch (probe->state) {
	case DATAMEM_HUGEPAGE_ACTIVE:
		verdict = "huge pages arrive";
		break;
	case DATAMEM_HUGEPAGE_MTHP:
		verdict = "larger pages arrive, but no huge pages";
		break;
	case DATAMEM_HUGEPAGE_NOT_ARRIVING:
		verdict = "huge pages are configured, but do not arrive";
		break;
	case DATAMEM_HUGEPAGE_DENIED:
		verdict = "huge pages are refused to this process";
		break;
	case DATAMEM_HUGEPAGE_OFF:
		verdict = "huge pages are off";
		break;
	default:
		verdict = "it is unknown whether huge pages arrive";
	}
	if (untested)
		verdict = "huge pages are configured; whether they arrive was "
			  "not tested";
	ctl_output_string(out, COL_STATE,
			  datamem_hugepage_state_name(probe->state));
	ctl_output_string(out, COL_VERDICT, verdict);
	if (probe->reason != DATAMEM_REASON_NONE)
		ctl_output_string(out, COL_REASON, reason);
	if (fix)
		ctl_output_string(out, COL_FIX, fix);
	free(fix);
	free(reason);
	return untested || probe->state == DATAMEM_HUGEPAGE_ACTIVE ? CTL_OK
								    : CTL_NO;
}

/*
 * The library may look at the machine as soon as it is loaded, so the variable
 * has to be there before: the tool starts once more with it.
 */
static void start_below(const char *sysroot, char **argv)
{
	const char *now = getenv("DATAMEM_SYSROOT");
	static char name[] = "datamem-ctl", command[] = "probe";
	struct stat status;
	size_t count = 0;
	char *path;
	char **again;

	if (stat(sysroot, &status) != 0)
		ctl_die("%s: %s", sysroot, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		ctl_die("%s: %s", sysroot, strerror(ENOTDIR));
	path = realpath(sysroot, NULL);
	if (!path)
		ctl_die("%s: %s", sysroot, strerror(errno));
	if (now && strcmp(now, path) == 0) {
		free(path);
		return;
	}
	if (setenv("DATAMEM_SYSROOT", path, 1) != 0)
		ctl_die("%s", strerror(errno));
	while (argv[count])
		count++;
	/* argv[0] is the name of the command: it becomes two words again. */
	again = ctl_alloc(count + 2, sizeof(*again));
	again[0] = name;
	again[1] = command;
	memcpy(again + 2, argv + 1, count * sizeof(*again));
	execv("/proc/self/exe", again);
	ctl_die("/proc/self/exe: %s", strerror(errno));
}

static int run(int argc, char **argv)
{
	struct datamem_hugepage_probe probe;
	struct probe_arguments arguments = { 0 };
	struct ctl_output *out = &arguments.out;
	int result, status;

	ctl_output_init(out, "probe", columns, CTL_ARRAY_SIZE(columns),
			CTL_RECORD);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.sysroot)
		start_below(arguments.sysroot, argv);
	result = datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (result != 0)
		ctl_die("%s", strerror(-result));
	if (arguments.sysroot && !probe.recorded)
		ctl_die("%s: the library in use cannot read a recorded tree",
			arguments.sysroot);
	ctl_output_row(out);
	print_facts(out, &probe);
	status = print_verdict(out, &probe);
	result = ctl_output_print(out, stdout);
	ctl_output_free(out);
	return result == 0 ? status : CTL_TROUBLE;
}

const struct ctl_command ctl_cmd_probe = {
	.name = "probe",
	.summary = "tell whether this machine gives huge pages, and why not",
	.run = run,
};

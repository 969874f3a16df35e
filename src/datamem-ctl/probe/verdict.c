/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The outcome of a probe: a word, a sentence, the reason, and a remedy. */
#include "tool.h"
#include "probe.h"

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* Whether the files promise huge pages; only the test shows if they arrive. */
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
		return ctl_printf("transparent_hugepage/hugepages-%zukB/"
				  "enabled says never",
				  probe->hugepage_size / 1024);
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
				  "pages, or more memory)");
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

int ctl_probe_verdict(struct ctl_output *out,
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
	ctl_output_string(out, PROBE_STATE,
			  datamem_hugepage_state_name(probe->state));
	ctl_output_string(out, PROBE_VERDICT, verdict);
	if (probe->reason != DATAMEM_REASON_NONE)
		ctl_output_string(out, PROBE_REASON, reason);
	if (fix)
		ctl_output_string(out, PROBE_FIX, fix);
	free(fix);
	free(reason);
	return untested || probe->state == DATAMEM_HUGEPAGE_ACTIVE ? CTL_OK
								    : CTL_NO;
}

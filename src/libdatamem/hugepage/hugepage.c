/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Decides on advice for huge pages, gives it, and explains what came. */
#include "hugepage.h"

#include <string.h>

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "probe.h"

/* The probe's result as the setting lets it act; a probe may use the memory. */
static void result_with(struct dmem_probe_result *out, void *addr,
			size_t nbytes)
{
	struct dmem_probe_basics basics;

	memset(out, 0, sizeof(*out));
	out->state = DATAMEM_HUGEPAGE_OFF;
	out->reason = DATAMEM_REASON_ADVICE_OFF;
	switch (dmem_setting_value(DMEM_SETTING_HUGEPAGE)) {
	case DMEM_HUGEPAGE_OFF:
		return;
	case DMEM_HUGEPAGE_AUTO:
		/*
		 * Before 4.6 looking for huge pages could cost several times
		 * what they gain (compaction walked all of memory). That no
		 * short test shows, so here the release decides.
		 */
		dmem_probe_basics_get(&basics);
		if (basics.old) {
			out->reason = DATAMEM_REASON_KERNEL_OLD;
			return;
		}
	}
	dmem_probe_result_get(out, addr, nbytes);
}

static void effective_result(struct dmem_probe_result *out)
{
	result_with(out, NULL, 0);
}

static void setting_note(enum dmem_setting_id id, bool look, char *out,
			 size_t out_size)
{
	struct dmem_probe_basics basics;
	struct dmem_probe_result result;
	const char *text = "";
	size_t length;

	dmem_probe_basics_get(&basics);
	result.reason = DATAMEM_REASON_NONE;
	/* Live control is told when it is known. */
	if (look || dmem_probe_made() ||
	    (basics.old && dmem_setting_value(id) == DMEM_HUGEPAGE_AUTO))
		effective_result(&result);
	if (basics.always && !basics.little &&
	    dmem_setting_value(id) == DMEM_HUGEPAGE_OFF)
		text = "mode always: huge pages come without advice";
	else if (result.reason != DATAMEM_REASON_NONE &&
	    result.reason != DATAMEM_REASON_ADVICE_OFF)
		text = datamem_hugepage_reason_text(result.reason);
	length = strnlen(text, out_size - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

/* The setting was another one before. */
static bool switched;

static void setting_changed(enum dmem_setting_id id DMEM_UNUSED)
{
	dmem_store(&switched, true);
}

void dmem_hugepage_init(void)
{
	struct dmem_probe_basics basics;

	dmem_probe_basics_get(&basics);
	dmem_setting_guard(DMEM_SETTING_HUGEPAGE, NULL, setting_note);
	dmem_setting_watch(DMEM_SETTING_HUGEPAGE, setting_changed);
}

bool dmem_hugepage_turned(void)
{
	return dmem_load(&switched) || dmem_probe_differs();
}

size_t dmem_hugepage_chunk_size(void)
{
	struct dmem_probe_basics basics;

	dmem_probe_basics_get(&basics);
	return basics.hugepage_size >= DMEM_CHUNK_MIN && !basics.too_large ?
	       basics.hugepage_size : 2 * DMEM_MIB;
}

bool dmem_hugepage_little(void)
{
	struct dmem_probe_basics basics;

	dmem_probe_basics_get(&basics);
	return basics.little;
}

bool datamem_hugepage_advice(void)
{
	struct dmem_probe_result result;

	dmem_library_init();
	if (dmem_setting_value(DMEM_SETTING_HUGEPAGE) == DMEM_HUGEPAGE_ON)
		return true;
	if (dmem_hugepage_little())
		return false;
	effective_result(&result);
	return result.state == DATAMEM_HUGEPAGE_ACTIVE ||
	       result.state == DATAMEM_HUGEPAGE_MTHP;
}

bool datamem_hugepage_set_advice(bool on)
{
	bool previous = datamem_hugepage_advice();

	/* Refused only where an operator's live control has the last word. */
	(void)datamem_setting_set("hugepage", on ? "on" : "off");
	return previous;
}

static bool is_wanted(void *addr, size_t nbytes)
{
	struct dmem_probe_basics basics;
	struct dmem_probe_result result;

	result_with(&result, addr, nbytes);
	dmem_probe_basics_get(&basics);
	if (basics.always || basics.little)
		return false;
	switch (result.state) {
	case DATAMEM_HUGEPAGE_ACTIVE:
	case DATAMEM_HUGEPAGE_MTHP:
		return true;
	case DATAMEM_HUGEPAGE_UNKNOWN:
	case DATAMEM_HUGEPAGE_NOT_ARRIVING:
		return dmem_setting_value(DMEM_SETTING_HUGEPAGE) ==
		       DMEM_HUGEPAGE_ON;
	default:
		return false;
	}
}

bool dmem_hugepage_wanted(void)
{
	return is_wanted(NULL, 0);
}

bool dmem_hugepage_possible(void)
{
	struct dmem_probe_basics basics;

	dmem_probe_basics_get(&basics);
	return !basics.little && (basics.always || dmem_hugepage_wanted());
}

bool dmem_hugepage_advise(void *addr, size_t nbytes)
{
	struct dmem_probe_basics basics;

	if (is_wanted(addr, nbytes))
		return !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_HUGEPAGE);
	dmem_probe_basics_get(&basics);
	if (basics.little)
		dmem_hugepage_hush(addr, nbytes);
	return basics.always && !basics.little;
}

void dmem_hugepage_hush(void *addr, size_t nbytes)
{
	struct dmem_probe_basics basics;

	dmem_probe_basics_get(&basics);
	if (basics.always)
		dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_NOHUGEPAGE);
}

/* Why memory that is no tail is not huge. */
static int missing_reason(const void *ptr, size_t advised, size_t backed,
			  const struct datamem_hugepage_receipt *receipt)
{
	size_t other = receipt->asked - receipt->eligible;
	struct dmem_probe_result result;
	size_t resident;
	int reason;

	effective_result(&result);
	if (advised <= backed)
		/* Mapped when advice was off, whatever holds now. */
		return result.reason != DATAMEM_REASON_NONE ?
		       result.reason : DATAMEM_REASON_ADVICE_OFF;
	if (dmem_kernel_resident_bytes(ptr, receipt->asked, &resident))
		return DATAMEM_REASON_UNMEASURED;
	/*
	 * Small pages may be resident only in what is not eligible and at the
	 * ends; beyond that, memory was written and stayed small.
	 */
	if (resident <= backed ||
	    resident - backed <= other + 2 * dmem_kernel_page_size())
		return DATAMEM_REASON_NOT_TOUCHED;
	if (result.reason != DATAMEM_REASON_NONE &&
	    result.reason != DATAMEM_REASON_ADVICE_OFF)
		return result.reason;
	/* It may have been forbidden since it was probed. */
	reason = dmem_probe_forbidden();
	return reason != DATAMEM_REASON_NONE ? reason :
					       DATAMEM_REASON_NOT_ARRIVING;
}

void dmem_hugepage_receipt(const void *ptr, size_t nbytes, size_t eligible,
			   size_t advised, bool lazy,
			   struct datamem_hugepage_receipt *out)
{
	size_t backed = 0;

	out->asked = nbytes;
	out->eligible = DMEM_MIN(eligible, nbytes);
	out->advised = DMEM_MIN(advised, out->eligible);
	out->reason = DATAMEM_REASON_NONE;
	if (out->eligible && dmem_kernel_huge_bytes(ptr, nbytes, &backed)) {
		out->backed = SIZE_MAX;
		out->reason = DATAMEM_REASON_UNMEASURED;
		return;
	}
	out->backed = DMEM_MIN(backed, out->eligible);
	if (out->backed < out->eligible)
		out->reason = lazy ? DATAMEM_REASON_LAZY :
			      missing_reason(ptr, out->advised, backed, out);
	else if (out->eligible < out->asked)
		out->reason = lazy ? DATAMEM_REASON_LAZY :
			      DATAMEM_REASON_TAIL;
}

/* Collapse one huge page's range; what was never touched is fine as it is. */
static int collapse_one(char *addr, size_t nbytes)
{
	int err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_COLLAPSE);
	size_t resident, huge;

	switch (err) {
	case 0:
		return 0;
	case -EBUSY:
		return -ENOMEM; /* the memory cgroup refused */
	case -EINVAL:
		if (!dmem_kernel_resident_bytes(addr, nbytes, &resident) &&
		    !resident)
			return 0;
		if (!dmem_kernel_huge_bytes(addr, nbytes, &huge) &&
		    huge == nbytes)
			return 0;
		return -EAGAIN;
	default:
		return -EAGAIN; /* also ENOMEM: no huge page was free */
	}
}

int dmem_hugepage_collapse(void *addr, size_t nbytes)
{
	struct dmem_probe_basics basics;
	uintptr_t begin, end;
	int err = 0;

	dmem_probe_basics_get(&basics);
	if (dmem_setting_value(DMEM_SETTING_HUGEPAGE) == DMEM_HUGEPAGE_OFF ||
	    basics.too_large ||
	    !(dmem_kernel_features() & DATAMEM_FEATURE_COLLAPSE))
		return -ENOTSUP;
	begin = DMEM_ROUND_UP((uintptr_t)addr, basics.hugepage_size);
	end = DMEM_ROUND_DOWN((uintptr_t)addr + nbytes, basics.hugepage_size);
	/* One by one: over a range, the kernel reports only the last error. */
	for (; begin < end; begin += basics.hugepage_size) {
		int one = collapse_one((char *)begin, basics.hugepage_size);

		if (one && err != -ENOMEM)
			err = one;
	}
	return err;
}

void dmem_hugepage_reset(void)
{
	dmem_store(&switched, false);
	dmem_probe_reset();
}

int datamem_hugepage_probe_get(struct datamem_hugepage_probe *out,
			       size_t out_size)
{
	struct datamem_hugepage_probe probe;
	struct dmem_kernel_facts facts;
	struct dmem_probe_result result;

	if (!out || !out_size)
		return -EINVAL;
	dmem_library_init();
	dmem_kernel_facts_read(&facts);
	effective_result(&result);
	memset(&probe, 0, sizeof(probe));
	probe.state = result.state;
	probe.reason = result.reason;
	probe.page_size = facts.page_size;
	probe.hugepage_size = facts.hugepage_size;
	probe.arrived_size = result.arrived;
	probe.mode = facts.mode;
	probe.size_mode = facts.size_mode;
	probe.defrag = facts.defrag;
	probe.prctl_state = facts.prctl_state;
	probe.features = dmem_kernel_features();
	memcpy(probe.release, facts.release, sizeof(probe.release));
	probe.advice = datamem_hugepage_advice();
	probe.recorded = facts.recorded;
	probe.max_ptes_none = facts.max_ptes_none;
	probe.khugepaged_defrag = facts.khugepaged_defrag;
	probe.cgroup_limit = dmem_kernel_cgroup_limit();
	probe.ram = dmem_kernel_ram();
	probe.sizes_count = dmem_kernel_thp_sizes(probe.sizes,
						  DATAMEM_HUGEPAGE_SIZES);
	if (probe.sizes_count > DATAMEM_HUGEPAGE_SIZES)
		probe.sizes_count = DATAMEM_HUGEPAGE_SIZES;
	dmem_struct_copy(out, out_size, &probe, sizeof(probe));
	return 0;
}

const char *datamem_hugepage_state_name(enum datamem_hugepage_state state)
{
	static const char *const names[] = {
		[DATAMEM_HUGEPAGE_UNKNOWN] = "unknown",
		[DATAMEM_HUGEPAGE_ACTIVE] = "active",
		[DATAMEM_HUGEPAGE_MTHP] = "mthp",
		[DATAMEM_HUGEPAGE_NOT_ARRIVING] = "not-arriving",
		[DATAMEM_HUGEPAGE_DENIED] = "denied",
		[DATAMEM_HUGEPAGE_OFF] = "off",
	};

	if ((size_t)state >= DMEM_ARRAY_SIZE(names))
		return "?";
	return names[state];
}

/* The file that says never: there is one for all sizes, and one for each. */
static const char *never_text(void)
{
#define OWN_FILE(kib)                                                        \
	case (size_t)(kib) * DMEM_KIB:                                       \
		return "transparent_hugepage/hugepages-" #kib                \
		       "kB/enabled says never"
	switch (dmem_probe_size_never()) {
	OWN_FILE(64);
	OWN_FILE(128);
	OWN_FILE(256);
	OWN_FILE(512);
	OWN_FILE(1024);
	OWN_FILE(2048);
	OWN_FILE(4096);
	OWN_FILE(8192);
	OWN_FILE(16384);
	OWN_FILE(32768);
	default:
		return "transparent_hugepage/enabled says never";
	}
#undef OWN_FILE
}

const char *datamem_hugepage_reason_text(enum datamem_hugepage_reason reason)
{
	static const char *const texts[] = {
		[DATAMEM_REASON_NONE] = "nothing is missing",
		[DATAMEM_REASON_UNMEASURED] =
			"could not be measured on this machine",
		[DATAMEM_REASON_ADVICE_OFF] =
			"advice is off (setting hugepage, DATAMEM_HUGEPAGE)",
		[DATAMEM_REASON_PRCTL] =
			"disabled for this process (PR_SET_THP_DISABLE)",
		[DATAMEM_REASON_KERNEL_OLD] =
			"the kernel is older than 4.6 (slow compaction)",
		[DATAMEM_REASON_NO_SUPPORT] =
			"the kernel has no transparent huge pages",
		[DATAMEM_REASON_HUGEPAGE_TOO_LARGE] =
			"a huge page is larger than 32 MiB, or than a 32nd of "
			"memory",
		[DATAMEM_REASON_NOT_ARRIVING] =
			"small pages came: memory is fragmented, or a memory "
			"cgroup refused",
		[DATAMEM_REASON_MTHP] =
			"larger pages came, but smaller than a huge page",
		[DATAMEM_REASON_NOT_TOUCHED] = "not touched yet",
		[DATAMEM_REASON_TAIL] =
			"only a tail below 1/16 huge page is missing",
		[DATAMEM_REASON_LAZY] =
			"mapped without huge pages on purpose "
			"(zero.policy=lazy, the first small blocks)",
		[DATAMEM_REASON_FOREIGN] =
			"not memory of the library's arena",
		[DATAMEM_REASON_FILTER] =
			"madvise(2) is refused (a sandbox's filter?)",
	};

	if ((size_t)reason >= DMEM_ARRAY_SIZE(texts))
		return "?";
	return reason == DATAMEM_REASON_MODE_NEVER ? never_text() :
						     texts[reason];
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Checks of huge pages: the kernel's files, khugepaged, what arrives. */
#include "tool.h"
#include "checks.h"

#include "probe/probe.h"

#define KHUGEPAGED "sys/kernel/mm/transparent_hugepage/khugepaged"
#define MIB ((uint64_t)1 << 20)

/* Larger ones are none for arrays, by the library's own rule. */
#define HUGE_MOST (32 * MIB)
/* Blocks of which less is resident do not tell much. */
#define SHARE_LEAST (64 * MIB)

static bool no_support(const struct ctl_patient *patient)
{
	return patient->probe.reason == DATAMEM_REASON_NO_SUPPORT;
}

enum ctl_check_result ctl_look_huge_support(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	return ctl_found(no_support(patient));
}

/* A size that does not inherit has the last word. */
enum ctl_check_result ctl_look_huge_enabled(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;

	if (probe->mode == DATAMEM_MODE_UNKNOWN)
		return CTL_CHECK_UNKNOWN;
	return ctl_found(probe->mode == DATAMEM_MODE_NEVER &&
			 (probe->size_mode == DATAMEM_MODE_INHERIT ||
			  probe->size_mode == DATAMEM_MODE_UNKNOWN));
}

enum ctl_check_result ctl_look_huge_size(const struct ctl_patient *patient,
					 struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;

	/* Kernels before 6.8 have no such files. */
	if (probe->size_mode == DATAMEM_MODE_UNKNOWN)
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%zu",
		 probe->hugepage_size / 1024);
	return ctl_found(probe->size_mode == DATAMEM_MODE_NEVER &&
			 probe->hugepage_size <= HUGE_MOST);
}

enum ctl_check_result ctl_look_huge_medium(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;
	size_t largest = 0;

	if (probe->hugepage_size <= HUGE_MOST)
		return CTL_CHECK_OK;
	for (size_t i = 0; i < probe->sizes_count; i++) {
		const struct datamem_hugepage_size *size = &probe->sizes[i];

		if (size->size > 2 * MIB)
			continue;
		if (size->mode != DATAMEM_MODE_NEVER)
			return CTL_CHECK_OK;
		largest = size->size;
	}
	if (largest == 0)
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first),
			 probe->hugepage_size);
	snprintf(symptom->second, sizeof(symptom->second), "%zu",
		 largest / 1024);
	return CTL_CHECK_FOUND;
}

enum ctl_check_result ctl_look_huge_defrag(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	const char *why;

	switch (patient->probe.defrag) {
	case DATAMEM_MODE_NEVER:
		why = "where memory is fragmented, arrays get small pages";
		break;
	case DATAMEM_MODE_DEFER:
		why = "where memory is fragmented, arrays get small pages "
		      "until khugepaged comes by";
		break;
	case DATAMEM_MODE_ALWAYS:
		why = "page faults of every program wait until memory is "
		      "compacted";
		break;
	case DATAMEM_MODE_UNKNOWN:
		return CTL_CHECK_UNKNOWN;
	default:
		return CTL_CHECK_OK;
	}
	snprintf(symptom->first, sizeof(symptom->first), "%s",
		 ctl_probe_mode_name(patient->probe.defrag));
	snprintf(symptom->second, sizeof(symptom->second), "%s", why);
	return CTL_CHECK_FOUND;
}

/* "Node 0, zone   Normal   12   3 ...": free pieces of 1, 2, 4 ... pages. */
static uint64_t count_pieces(const char *line, size_t order)
{
	const char *zone = strstr(line, "zone");
	uint64_t pieces = 0;

	/* 16 MiB for old devices: no memory of programs. */
	if (!zone || strstr(line, " DMA "))
		return 0;
	zone += strcspn(zone, " \t");
	zone += strspn(zone, " \t");
	zone += strcspn(zone, " \t\n");
	for (size_t i = 0; *zone != '\0' && *zone != '\n'; i++) {
		char *end;
		uint64_t n = strtoull(zone, &end, 10);

		if (end == zone)
			break;
		if (i >= order)
			pieces += n;
		zone = end;
	}
	return pieces;
}

enum ctl_check_result ctl_look_huge_fragments(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;
	char text[16384], *rest = text, *line;
	uint64_t pieces = 0;
	size_t order = 0;

	if (probe->hugepage_size == 0 || probe->hugepage_size > HUGE_MOST ||
	    ctl_files_read(text, sizeof(text), "%s/proc/buddyinfo",
			   patient->root) <= 0)
		return CTL_CHECK_UNKNOWN;
	while (probe->page_size << order < probe->hugepage_size)
		order++;
	while ((line = strsep(&rest, "\n")))
		pieces += count_pieces(line, order);
	ctl_symptom_size(symptom->first, sizeof(symptom->first),
			 probe->hugepage_size);
	return ctl_found(pieces == 0);
}

enum ctl_check_result ctl_look_huge_test(const struct ctl_patient *patient,
					 struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;

	if (probe->recorded || probe->state == DATAMEM_HUGEPAGE_UNKNOWN)
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%s",
		 datamem_hugepage_reason_text(probe->reason));
	return ctl_found(probe->reason == DATAMEM_REASON_NOT_ARRIVING ||
			 probe->reason == DATAMEM_REASON_FILTER);
}

enum ctl_check_result ctl_look_huge_kernel(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	snprintf(symptom->first, sizeof(symptom->first), "%s",
		 patient->probe.release);
	return ctl_found(patient->probe.reason == DATAMEM_REASON_KERNEL_OLD);
}

enum ctl_check_result ctl_look_huge_prctl(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	uint64_t enabled;

	/* Since Linux 5.0. Also 1 where only what is advised may be huge. */
	if (!ctl_files_field(&enabled, "THP_enabled:", "%s/proc/%s/status",
			     patient->root, ctl_patient_name(patient).text))
		return CTL_CHECK_UNKNOWN;
	return ctl_found(enabled == 0 && !no_support(patient));
}

enum ctl_check_result ctl_look_huge_setting(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	return ctl_found_setting(patient, "hugepage", "off");
}

/* Where huge pages are off, that is what has to be found. */
enum ctl_check_result ctl_look_huge_share(const struct ctl_patient *patient,
					  struct ctl_symptom *symptom)
{
	uint64_t resident, huge;

	if (!patient->process ||
	    patient->probe.state != DATAMEM_HUGEPAGE_ACTIVE ||
	    !ctl_process_huge(patient->process, &resident, &huge))
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), huge);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), resident);
	return ctl_found(resident >= SHARE_LEAST && huge < resident / 2);
}

enum ctl_check_result ctl_look_khugepaged_defrag(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	if (patient->probe.khugepaged_defrag < 0)
		return CTL_CHECK_UNKNOWN;
	return ctl_found(patient->probe.khugepaged_defrag == 0);
}

enum ctl_check_result ctl_look_khugepaged_scan(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	uint64_t pages;

	if (!ctl_files_number(&pages, "%s/" KHUGEPAGED "/pages_to_scan",
			      patient->root))
		return CTL_CHECK_UNKNOWN;
	return ctl_found(pages == 0);
}

enum ctl_check_result ctl_look_khugepaged_none(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;

	if (probe->max_ptes_none < 0)
		return CTL_CHECK_UNKNOWN;
	/* The kernel's default: all but one. */
	snprintf(symptom->first, sizeof(symptom->first), "%zu",
		 probe->hugepage_size / probe->page_size - 1);
	return ctl_found(probe->max_ptes_none == 0 &&
			 probe->hugepage_size > probe->page_size);
}

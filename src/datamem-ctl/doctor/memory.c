/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Checks of memory as a whole: promises, swap, mappings, limits, nodes. */
#include "tool.h"
#include "checks.h"

#include <unistd.h>

/* The kernel's default. */
#define MAPS_LEAST 65530

static bool read_meminfo(const struct ctl_patient *patient, const char *name,
			 uint64_t *nbytes)
{
	if (!ctl_files_field(nbytes, name, "%s/proc/meminfo", patient->root))
		return false;
	*nbytes *= 1024;
	return true;
}

static bool read_status(const struct ctl_patient *patient, const char *name,
			uint64_t *nbytes)
{
	if (!ctl_files_field(nbytes, name, "%s/proc/%s/status", patient->root,
			     ctl_patient_name(patient).text))
		return false;
	*nbytes *= 1024;
	return true;
}

enum ctl_check_result ctl_look_memory_overcommit(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	uint64_t mode, limit = 0, promised = 0;

	if (!ctl_files_number(&mode, "%s/proc/sys/vm/overcommit_memory",
			      patient->root))
		return CTL_CHECK_UNKNOWN;
	read_meminfo(patient, "CommitLimit:", &limit);
	read_meminfo(patient, "Committed_AS:", &promised);
	ctl_symptom_size(symptom->first, sizeof(symptom->first), promised);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), limit);
	return ctl_found(mode == 2);
}

enum ctl_check_result ctl_look_memory_available(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	uint64_t available, total;

	if (!read_meminfo(patient, "MemAvailable:", &available) ||
	    !read_meminfo(patient, "MemTotal:", &total))
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), available);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), total);
	return ctl_found(available < total / 20);
}

enum ctl_check_result ctl_look_swap_full(const struct ctl_patient *patient,
					 struct ctl_symptom *symptom)
{
	uint64_t available, total;

	if (!read_meminfo(patient, "SwapFree:", &available) ||
	    !read_meminfo(patient, "SwapTotal:", &total) || available > total)
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first),
			 total - available);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), total);
	return ctl_found(total > 0 && available < total / 4);
}

enum ctl_check_result ctl_look_swap_process(const struct ctl_patient *patient,
					    struct ctl_symptom *symptom)
{
	uint64_t swapped, resident;

	if (!read_status(patient, "VmSwap:", &swapped) ||
	    !read_status(patient, "VmRSS:", &resident))
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), swapped);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), resident);
	return ctl_found(swapped > (swapped + resident) / 16);
}

enum ctl_check_result ctl_look_maps_limit(const struct ctl_patient *patient,
					  struct ctl_symptom *symptom)
{
	uint64_t limit;

	if (!ctl_files_number(&limit, "%s/proc/sys/vm/max_map_count",
			      patient->root))
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%llu",
		 (unsigned long long)limit);
	return ctl_found(limit < MAPS_LEAST);
}

enum ctl_check_result ctl_look_maps_used(const struct ctl_patient *patient,
					 struct ctl_symptom *symptom)
{
	FILE *maps = ctl_patient_maps(patient);
	uint64_t limit, used = 0;
	bool known;
	int c;

	known = ctl_files_number(&limit, "%s/proc/sys/vm/max_map_count",
				 patient->root);
	if (!maps || !known) {
		if (maps)
			fclose(maps);
		return CTL_CHECK_UNKNOWN;
	}
	while ((c = getc(maps)) != EOF)
		used += c == '\n';
	fclose(maps);
	snprintf(symptom->first, sizeof(symptom->first), "%llu",
		 (unsigned long long)used);
	snprintf(symptom->second, sizeof(symptom->second), "%llu",
		 (unsigned long long)limit);
	return ctl_found(used > limit / 2);
}

/* "Max data size    unlimited    unlimited    bytes": the first counts. */
static enum ctl_check_result look_at_limit(const struct ctl_patient *patient,
					   const char *name, uint64_t least,
					   struct ctl_symptom *symptom)
{
	uint64_t limit;
	char text[8192];

	if (ctl_files_read(text, sizeof(text), "%s/proc/%s/limits",
			   patient->root,
			   ctl_patient_name(patient).text) <= 0 ||
	    !strstr(text, name))
		return CTL_CHECK_UNKNOWN;
	if (!ctl_files_field(&limit, name, "%s/proc/%s/limits", patient->root,
			     ctl_patient_name(patient).text))
		return CTL_CHECK_OK;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), limit);
	ctl_symptom_size(symptom->second, sizeof(symptom->second), least);
	return ctl_found(limit < least);
}

enum ctl_check_result ctl_look_limits_address(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	return look_at_limit(patient, "Max address space", UINT64_MAX,
			     symptom);
}

enum ctl_check_result ctl_look_limits_data(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	return look_at_limit(patient, "Max data size", UINT64_MAX, symptom);
}

/* A slot for each thread is a page, 4 KiB at least. */
static uint64_t page_bytes(const struct ctl_patient *patient)
{
	uint64_t slot = patient->probe.page_size;

	if (patient->process)
		return patient->process->size;
	return LIVE_PROCESS_BYTES + LIVE_SLOTS * (slot > 4096 ? slot : 4096);
}

enum ctl_check_result ctl_look_limits_file(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	return look_at_limit(patient, "Max file size", page_bytes(patient),
			     symptom);
}

/* "0" or "0-1,4". */
static bool has_nodes(const struct ctl_patient *patient)
{
	char text[256];

	return ctl_files_read(text, sizeof(text),
			      "%s/sys/devices/system/node/online",
			      patient->root) > 0 &&
	       strpbrk(text, "-,");
}

enum ctl_check_result ctl_look_numa_balancing(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	uint64_t balancing;

	if (!ctl_files_number(&balancing, "%s/proc/sys/kernel/numa_balancing",
			      patient->root))
		return CTL_CHECK_UNKNOWN;
	return ctl_found(balancing != 0 && has_nodes(patient));
}

enum ctl_check_result ctl_look_numa_reclaim(const struct ctl_patient *patient,
					    struct ctl_symptom *symptom)
{
	uint64_t mode;

	if (!ctl_files_number(&mode, "%s/proc/sys/vm/zone_reclaim_mode",
			      patient->root))
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%llu",
		 (unsigned long long)mode);
	return ctl_found(mode != 0 && has_nodes(patient));
}

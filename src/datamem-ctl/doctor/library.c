/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Checks of the library: its settings, its counts, which one it is. */
#include "tool.h"
#include "checks.h"

#include <limits.h>

enum ctl_check_result ctl_look_control_page(const struct ctl_patient *patient,
					    struct ctl_symptom *symptom)
{
	/* Records have no pages. */
	if (patient->root[0] != '\0')
		return CTL_CHECK_UNKNOWN;
	if (patient->process)
		return CTL_CHECK_OK;
	snprintf(symptom->first, sizeof(symptom->first), "%s",
		 patient->no_page);
	return CTL_CHECK_FOUND;
}

enum ctl_check_result ctl_look_control_numbers(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	char *missing;

	if (!patient->process)
		return CTL_CHECK_UNKNOWN;
	missing = ctl_statistics_missing(&patient->process->page.statistics,
					 CTL_PAGE);
	if (!missing)
		return CTL_CHECK_OK;
	snprintf(symptom->first, sizeof(symptom->first), "%s", missing);
	free(missing);
	return CTL_CHECK_FOUND;
}

/* Found where a setting has a value other than a harmless one. */
static enum ctl_check_result look_at_setting(const struct ctl_patient *patient,
					     const char *name,
					     const char *harmless,
					     struct ctl_symptom *symptom)
{
	const char *value = ctl_patient_setting(patient, name);

	if (!value)
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%s", value);
	return ctl_found(strcmp(value, harmless) != 0);
}

enum ctl_check_result ctl_look_debug_setting(const struct ctl_patient *patient,
					     struct ctl_symptom *symptom)
{
	return look_at_setting(patient, "debug", "none", symptom);
}

enum ctl_check_result ctl_look_debug_handler(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	return ctl_found_setting(patient, "handler", "debug");
}

enum ctl_check_result ctl_look_debug_guard(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	return look_at_setting(patient, "guard", "off", symptom);
}

enum ctl_check_result ctl_look_debug_profile(const struct ctl_patient *patient,
					     struct ctl_symptom *symptom)
{
	return look_at_setting(patient, "profile", "off", symptom);
}

enum ctl_check_result ctl_look_debug_accounts(
	const struct ctl_patient *patient,
	struct ctl_symptom *symptom CTL_UNUSED)
{
	uint64_t on;

	if (!ctl_patient_statistic(patient, CTL_STATISTIC_ACCOUNTS, &on))
		return CTL_CHECK_UNKNOWN;
	return ctl_found(on != 0);
}

static bool note_waiting(struct ctl_symptom *symptom, const char *name,
			 const char *value, const char *note)
{
	if (!note || *note == '\0')
		return false;
	snprintf(symptom->first, sizeof(symptom->first), "%s=%.200s", name,
		 value);
	snprintf(symptom->second, sizeof(symptom->second), "%s", note);
	return true;
}

static int visit(const struct datamem_setting *setting, void *arg)
{
	return note_waiting(arg, setting->name, setting->value, setting->note);
}

enum ctl_check_result ctl_look_setting_waits(const struct ctl_patient *patient,
					     struct ctl_symptom *symptom)
{
	const struct ctl_page *page;

	if (!patient->process) {
		if (patient->pid != 0 || patient->root[0] != '\0')
			return CTL_CHECK_UNKNOWN;
		return ctl_found(datamem_setting_foreach(visit, symptom) != 0);
	}
	page = &patient->process->page;
	for (size_t i = 0; i < page->nsettings; i++)
		if (note_waiting(symptom, page->settings[i].name,
				 page->settings[i].value,
				 page->settings[i].note))
			return CTL_CHECK_FOUND;
	return CTL_CHECK_OK;
}

enum ctl_check_result ctl_look_blocks_misuse(const struct ctl_patient *patient,
					     struct ctl_symptom *symptom)
{
	static const enum ctl_statistic counts[] = {
		CTL_STATISTIC_FOREIGN_POINTERS, CTL_STATISTIC_DOUBLE_FREES,
		CTL_STATISTIC_LARGE_HINTS, CTL_STATISTIC_LEAKED_BLOCKS,
		CTL_STATISTIC_OVERRUNS, CTL_STATISTIC_USES_AFTER_FREE,
	};
	size_t length = 0;

	if (!patient->process)
		return CTL_CHECK_UNKNOWN;
	for (size_t i = 0; i < CTL_ARRAY_SIZE(counts); i++) {
		uint64_t n = 0;

		ctl_patient_statistic(patient, counts[i], &n);
		if (n == 0 || length >= sizeof(symptom->first))
			continue;
		length += (size_t)snprintf(
			symptom->first + length,
			sizeof(symptom->first) - length, "%s%s=%llu",
			length > 0 ? ", " : "", ctl_statistics[counts[i]].column,
			(unsigned long long)n);
	}
	return ctl_found(length > 0);
}

enum ctl_check_result ctl_look_blocks_refused(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	uint64_t failed, limited = 0;

	if (!ctl_patient_statistic(patient, CTL_STATISTIC_FAILED, &failed))
		return CTL_CHECK_UNKNOWN;
	ctl_patient_statistic(patient, CTL_STATISTIC_LIMIT_FAILURES, &limited);
	snprintf(symptom->first, sizeof(symptom->first), "%llu",
		 (unsigned long long)failed);
	snprintf(symptom->second, sizeof(symptom->second), "%llu",
		 (unsigned long long)limited);
	return ctl_found(failed > 0);
}

enum ctl_check_result ctl_look_version_tool(
	const struct ctl_patient *patient CTL_UNUSED,
	struct ctl_symptom *symptom)
{
	snprintf(symptom->first, sizeof(symptom->first), "%s",
		 DATAMEM_VERSION_STRING);
	snprintf(symptom->second, sizeof(symptom->second), "%s",
		 datamem_version_string());
	return ctl_found(strcmp(symptom->first, symptom->second) != 0);
}

static void write_version(char *out, size_t size, unsigned int number)
{
	snprintf(out, size, "%u.%u.%u", number / 10000, number / 100 % 100,
		 number % 100);
}

enum ctl_check_result ctl_look_version_process(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	unsigned int version;

	if (!patient->process)
		return CTL_CHECK_UNKNOWN;
	version = patient->process->page.header.version;
	write_version(symptom->first, sizeof(symptom->first), version);
	write_version(symptom->second, sizeof(symptom->second),
		      DATAMEM_VERSION_NUMBER);
	return ctl_found(version != DATAMEM_VERSION_NUMBER);
}

enum ctl_check_result ctl_look_version_replaced(
	const struct ctl_patient *patient, struct ctl_symptom *symptom)
{
	FILE *maps = ctl_patient_maps(patient);
	char line[PATH_MAX + 200];
	bool found = false;

	if (!maps)
		return CTL_CHECK_UNKNOWN;
	while (!found && fgets(line, sizeof(line), maps)) {
		const char *name = strchr(line, '/');

		found = name && strstr(name, "/libdatamem.so") &&
			strstr(name, " (deleted)");
		if (found)
			snprintf(symptom->first, sizeof(symptom->first),
				 "%.*s", (int)strcspn(name, "\n"), name);
	}
	fclose(maps);
	return ctl_found(found);
}

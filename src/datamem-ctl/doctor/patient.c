/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is known of a machine or process, for the checks. */
#include "tool.h"
#include "checks.h"

#define ENVIRONMENT_MOST ((size_t)1 << 20)

struct ctl_patient_name ctl_patient_name(const struct ctl_patient *patient)
{
	struct ctl_patient_name name = { "self" };

	if (patient->pid != 0)
		snprintf(name.text, sizeof(name.text), "%d",
			 (int)patient->pid);
	return name;
}

FILE *ctl_patient_maps(const struct ctl_patient *patient)
{
	char *path = ctl_printf("%s/proc/%s/maps", patient->root,
				ctl_patient_name(patient).text);
	FILE *maps = fopen(path, "re");

	free(path);
	return maps;
}

/* Of one patient: read once. NULL: it cannot be read. */
static const char *read_environment(const struct ctl_patient *patient,
				    size_t *length)
{
	static char *text;
	static ssize_t n;

	if (!text) {
		text = ctl_alloc(ENVIRONMENT_MOST, 1);
		n = ctl_files_read(text, ENVIRONMENT_MOST,
				   "%s/proc/%s/environ", patient->root,
				   ctl_patient_name(patient).text);
	}
	*length = n > 0 ? (size_t)n : 0;
	return n >= 0 ? text : NULL;
}

bool ctl_patient_has_environment(const struct ctl_patient *patient)
{
	size_t length;

	return read_environment(patient, &length) != NULL;
}

const char *ctl_patient_environment(const struct ctl_patient *patient,
				    const char *name)
{
	size_t length, n = strlen(name);
	const char *text = read_environment(patient, &length);

	for (size_t at = 0; text && at < length; at += strlen(text + at) + 1)
		if (strncmp(text + at, name, n) == 0 && text[at + n] == '=')
			return text + at + n + 1;
	return NULL;
}

struct wanted {
	const char *name;
	char value[256];
	bool found;
};

static int visit(const struct datamem_setting *setting, void *arg)
{
	struct wanted *wanted = arg;

	if (strcmp(setting->name, wanted->name) != 0)
		return 0;
	snprintf(wanted->value, sizeof(wanted->value), "%s", setting->value);
	wanted->found = true;
	return 1;
}

const char *ctl_patient_setting(const struct ctl_patient *patient,
				const char *name)
{
	static struct wanted wanted;

	if (patient->process) {
		const struct live_setting *setting =
			ctl_page_setting(&patient->process->page, name);

		return setting ? setting->value : NULL;
	}
	/* What is started from here gets our environment. */
	if (patient->pid != 0 || patient->root[0] != '\0')
		return NULL;
	wanted = (struct wanted){ .name = name };
	datamem_setting_foreach(visit, &wanted);
	return wanted.found ? wanted.value : NULL;
}

bool ctl_patient_statistic(const struct ctl_patient *patient,
			   enum ctl_statistic which, uint64_t *value)
{
	const struct ctl_statistics *statistics;

	if (!patient->process)
		return false;
	statistics = &patient->process->page.statistics;
	*value = statistics->values[which];
	return statistics->known[which];
}

enum ctl_check_result ctl_found(bool condition)
{
	return condition ? CTL_CHECK_FOUND : CTL_CHECK_OK;
}

enum ctl_check_result ctl_found_setting(const struct ctl_patient *patient,
					const char *name, const char *value)
{
	const char *now = ctl_patient_setting(patient, name);

	return now ? ctl_found(strcmp(now, value) == 0) : CTL_CHECK_UNKNOWN;
}

void ctl_symptom_size(char *out, size_t size, uint64_t nbytes)
{
	ctl_format_size(out, size, nbytes, false);
}

void ctl_symptom_word(char *out, size_t size, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@+,=";
	size_t n = 0;

	if (text[strspn(text, plain)] == '\0') {
		snprintf(out, size, "%s", text);
		return;
	}
	/* Room for the longest piece, the last quote and the NUL. */
	out[n++] = '\'';
	for (; *text != '\0' && n + 6 < size; text++) {
		if (*text == '\'')
			n += (size_t)snprintf(out + n, size - n, "'\\''");
		else
			out[n++] = *text;
	}
	out[n++] = '\'';
	out[n] = '\0';
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The rows of the table, and their texts. */
#include "tool.h"
#include "checks.h"

const struct ctl_check ctl_checks[] = {
#define CHECK(group, what, scope, should, reason, command, process_command)  \
	{ #group "." #what, CTL_CHECK_##scope, should,                       \
	  ctl_look_##group##_##what, reason, command, process_command },
	CTL_CHECKS(CHECK)
#undef CHECK
};

const size_t ctl_checks_count = CTL_ARRAY_SIZE(ctl_checks);

bool ctl_check_applies(const struct ctl_check *check,
		       const struct ctl_patient *patient)
{
	return check->scope != CTL_CHECK_PROCESS || patient->pid != 0;
}

/* What stands for a key at the beginning of a template; NULL: no key. */
static const char *find_key(const char *text, const char *pid,
			    const struct ctl_symptom *symptom, size_t *length)
{
	const struct {
		const char *key, *value;
	} keys[] = {
		{ "{1}", symptom->first },
		{ "{2}", symptom->second },
		{ "{pid}", pid },
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(keys); i++) {
		*length = strlen(keys[i].key);
		if (strncmp(text, keys[i].key, *length) == 0)
			return keys[i].value;
	}
	return NULL;
}

char *ctl_check_text(const char *text, const struct ctl_patient *patient,
		     const struct ctl_symptom *symptom)
{
	char pid[16], *out = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&out, &length);

	if (!stream)
		ctl_die("%s", strerror(errno));
	snprintf(pid, sizeof(pid), "%d", (int)patient->pid);
	while (*text != '\0') {
		size_t n;
		const char *value = find_key(text, pid, symptom, &n);

		if (value) {
			fputs(value, stream);
			text += n;
		} else {
			fputc(*text++, stream);
		}
	}
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(errno));
	return out;
}

/* Whether a command leaves a request in the page of the process. */
static bool is_request(const char *command)
{
	static const char *const begins[] = {
		"datamem-ctl set {pid} ", "datamem-ctl trim {pid}",
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(begins); i++)
		if (strncmp(command, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

char *ctl_check_command(const struct ctl_check *check,
			const struct ctl_patient *patient,
			const struct ctl_symptom *symptom)
{
	bool of_process = patient->pid != 0 && check->process_command;
	const char *command = of_process ? check->process_command
					 : check->command;
	char *text = ctl_check_text(command, patient, symptom), *whole;

	if (!patient->process || patient->process->writable ||
	    !is_request(command))
		return text;
	/* Its page may be read, but not be written to. */
	whole = ctl_printf("sudo %s", text);
	free(text);
	return whole;
}

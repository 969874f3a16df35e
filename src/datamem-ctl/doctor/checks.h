/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The functions of the rows, and what they look with. */
#ifndef CTL_DOCTOR_CHECKS_H
#define CTL_DOCTOR_CHECKS_H

#include "doctor.h"
#include "table.h"

#define CHECK(group, what, ...)                                              \
	enum ctl_check_result ctl_look_##group##_##what(                     \
		const struct ctl_patient *patient, struct ctl_symptom *symptom);
CTL_CHECKS(CHECK)
#undef CHECK

/* The name of a file of the patient below /proc: "PID" or "self". */
struct ctl_patient_name {
	char text[16];
};
struct ctl_patient_name ctl_patient_name(const struct ctl_patient *patient);

/* Its mappings, a line each; NULL: they cannot be read. To be closed. */
FILE *ctl_patient_maps(const struct ctl_patient *patient);

/* The value of a variable in the environment it was started with; NULL: it is
 * not there. Lives until the next call. */
const char *ctl_patient_environment(const struct ctl_patient *patient,
				    const char *name);
/* Whether that environment can be read. */
bool ctl_patient_has_environment(const struct ctl_patient *patient);

/* A setting of the process, or of what is started here; NULL: unknown. Lives
 * until the next call. */
const char *ctl_patient_setting(const struct ctl_patient *patient,
				const char *name);

/* A statistic of its page; false: unknown. */
bool ctl_patient_statistic(const struct ctl_patient *patient,
			   enum ctl_statistic which, uint64_t *value);

/* Found where condition holds. */
enum ctl_check_result ctl_found(bool condition);
/* Where a setting has a value; unknown, where it is. */
enum ctl_check_result ctl_found_setting(const struct ctl_patient *patient,
					const char *name, const char *value);
/* A size for a symptom: "1.5G". */
void ctl_symptom_size(char *out, size_t size, uint64_t nbytes);
/* A word of a command: in quotes where a shell would see more in it. */
void ctl_symptom_word(char *out, size_t size, const char *text);

#endif /* CTL_DOCTOR_CHECKS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Checks of the C library: its own advice, what the environment tells it. */
#include "tool.h"
#include "checks.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Its banner is among the constants: "GNU C Library (...) ... version 2.43". */
#define BANNER "GNU C Library ("
#define BEFORE_VERSION " version "

/* malloc asks for huge pages by itself from here on. */
#define ADVISES_MAJOR 2
#define ADVISES_MINOR 43

static bool parse_banner(const char *banner, int *major, int *minor)
{
	const char *version = strstr(banner, BEFORE_VERSION);

	return version && sscanf(version + strlen(BEFORE_VERSION), "%d.%d", major,
				 minor) == 2;
}

/* Search a file piece by piece; pieces overlap by the length of a banner. */
static bool find_banner(const char *path, int *major, int *minor)
{
	static char piece[1 << 16];
	const size_t overlap = 256;
	size_t length = 0;
	bool found = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	while (fd >= 0 && !found &&
	       (n = read(fd, piece + length, sizeof(piece) - 1 - length)) > 0) {
		char *at;

		length += (size_t)n;
		piece[length] = '\0';
		at = memmem(piece, length, BANNER, strlen(BANNER));
		found = at && parse_banner(at, major, minor);
		if (length > overlap) {
			memmove(piece, piece + length - overlap, overlap);
			length = overlap;
		}
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/* The path of the C library among the mappings; false: none of glibc. */
static bool find_library(const struct ctl_patient *patient, char *out,
			 size_t size)
{
	FILE *maps = ctl_patient_maps(patient);
	char line[PATH_MAX + 200];
	bool found = false;

	while (maps && !found && fgets(line, sizeof(line), maps)) {
		const char *name = strrchr(line, '/');
		const char *start = strchr(line, '/');

		if (!name || (strncmp(name, "/libc.so.6", 10) != 0 &&
			      strncmp(name, "/libc-2.", 8) != 0))
			continue;
		snprintf(out, size, "%.*s", (int)strcspn(start, "\n"), start);
		found = true;
	}
	if (maps)
		fclose(maps);
	return found;
}

/* In a container the file is another one: seen through the process. */
static bool find_version(const struct ctl_patient *patient, int *major,
			 int *minor)
{
	char library[PATH_MAX];
	bool found;
	char *path;

	if (!find_library(patient, library, sizeof(library)))
		return false;
	if (patient->root[0] != '\0')
		path = ctl_printf("%s%s", patient->root, library);
	else
		path = ctl_printf("/proc/%s/root%s",
				  ctl_patient_name(patient).text, library);
	found = find_banner(path, major, minor);
	free(path);
	return found;
}

/* The value of a tunable; NULL: not set. Lives until the next call. */
static const char *find_tunable(const struct ctl_patient *patient,
				const char *name)
{
	const char *at = ctl_patient_environment(patient, "GLIBC_TUNABLES");
	size_t n = strlen(name);
	static char value[64];

	while (at) {
		if (strncmp(at, name, n) == 0 && at[n] == '=') {
			snprintf(value, sizeof(value), "%.*s",
				 (int)strcspn(at + n + 1, ":"), at + n + 1);
			return value;
		}
		at = strchr(at, ':');
		if (at)
			at++;
	}
	return NULL;
}

enum ctl_check_result ctl_look_glibc_advice(const struct ctl_patient *patient,
					    struct ctl_symptom *symptom)
{
	const struct datamem_hugepage_probe *probe = &patient->probe;
	int major, minor;

	if (!find_version(patient, &major, &minor) ||
	    !ctl_patient_has_environment(patient))
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%d.%d", major,
		 minor);
	return ctl_found((major > ADVISES_MAJOR ||
			  (major == ADVISES_MAJOR && minor >= ADVISES_MINOR)) &&
			 !find_tunable(patient, "glibc.malloc.hugetlb") &&
			 (probe->mode == DATAMEM_MODE_MADVISE ||
			  probe->mode == DATAMEM_MODE_ALWAYS));
}

enum ctl_check_result ctl_look_glibc_hugetlb(const struct ctl_patient *patient,
					     struct ctl_symptom *symptom)
{
	const char *value = find_tunable(patient, "glibc.malloc.hugetlb");

	if (!ctl_patient_has_environment(patient))
		return CTL_CHECK_UNKNOWN;
	if (!value || strcmp(value, "0") == 0)
		return CTL_CHECK_OK;
	snprintf(symptom->first, sizeof(symptom->first), "%s", value);
	snprintf(symptom->second, sizeof(symptom->second), "%s",
		 strcmp(value, "1") == 0 ?
			 "all of malloc asks for huge pages, not arrays alone" :
			 "malloc takes from the pool of explicit huge pages, "
			 "and an empty pool ends in small pages");
	return CTL_CHECK_FOUND;
}

enum ctl_check_result ctl_look_glibc_debug(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	static const struct {
		const char *variable, *tunable;
	} checks[] = {
		{ "MALLOC_CHECK_", NULL },
		{ "MALLOC_PERTURB_", NULL },
		{ "GLIBC_TUNABLES", "glibc.malloc.check" },
		{ "GLIBC_TUNABLES", "glibc.malloc.perturb" },
	};

	if (!ctl_patient_has_environment(patient))
		return CTL_CHECK_UNKNOWN;
	for (size_t i = 0; i < CTL_ARRAY_SIZE(checks); i++) {
		const char *tunable = checks[i].tunable;
		const char *value =
			tunable ? find_tunable(patient, tunable) :
				  ctl_patient_environment(patient,
							  checks[i].variable);

		if (!value || *value == '\0' || strcmp(value, "0") == 0)
			continue;
		snprintf(symptom->first, sizeof(symptom->first), "%s",
			 tunable ? tunable : checks[i].variable);
		snprintf(symptom->second, sizeof(symptom->second), "%s",
			 checks[i].variable);
		return CTL_CHECK_FOUND;
	}
	return CTL_CHECK_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Checks of the memory cgroup: its limit, what it has come to. */
#include "tool.h"
#include "checks.h"

#include <limits.h>

/* v1 says "no limit" as the largest page-aligned number of a signed long. */
#define V1_NO_LIMIT ((uint64_t)1 << 62)

/* Where a hierarchy with memory is mounted, and which part of it. */
struct mount {
	char root[512], point[512];
	bool v2;
};

/* Whether a list "rw,memory" has an item. */
static bool list_has(const char *list, const char *item)
{
	size_t length = strlen(item);

	for (;;) {
		size_t n = strcspn(list, ", \n");

		if (n == length && strncmp(list, item, n) == 0)
			return true;
		if (list[n] != ',')
			return false;
		list += n + 1;
	}
}

/* "35 31 0:32 ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS". */
static bool parse_mount(const char *line, struct mount *out)
{
	const char *rest = strstr(line, " - ");
	char type[32], options[512];

	if (!rest ||
	    sscanf(line, "%*s %*s %*s %511s %511s", out->root, out->point) !=
		    2 ||
	    sscanf(rest, " - %31s %*s %511s", type, options) != 2)
		return false;
	out->v2 = strcmp(type, "cgroup2") == 0;
	return out->v2 ||
	       (strcmp(type, "cgroup") == 0 && list_has(options, "memory"));
}

/* Where both are mounted, memory belongs to v1 if that lists it. */
static bool find_mount(const struct ctl_patient *patient, struct mount *out)
{
	char *path = ctl_printf("%s/proc/self/mountinfo", patient->root);
	FILE *file = fopen(path, "re");
	char line[PATH_MAX];
	struct mount mount;
	bool found = false;

	free(path);
	while (file && fgets(line, sizeof(line), file)) {
		if (!parse_mount(line, &mount) || (found && mount.v2))
			continue;
		*out = mount;
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

/* "0::/a/b" of v2, "4:memory:/a/b" of v1. */
static bool find_path(const struct ctl_patient *patient, bool v2, char *out,
		      size_t size)
{
	char text[8192], *rest = text, *line;

	if (ctl_files_read(text, sizeof(text), "%s/proc/%s/cgroup",
			   patient->root, ctl_patient_name(patient).text) <= 0)
		return false;
	while ((line = strsep(&rest, "\n"))) {
		char *list = strchr(line, ':');
		char *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (v2 ? strncmp(line, "0:", 2) != 0 || list[1] != '\0'
		       : !list_has(list + 1, "memory"))
			continue;
		/* What stands above our namespace is not visible. */
		snprintf(out, size, "%s", strncmp(path, "/..", 3) == 0 ? "/"
								       : path);
		return true;
	}
	return false;
}

/* The mount point for a path that does not lie below it, as in a container. */
static void join(const struct mount *mount, const char *path, char *out,
		 size_t size)
{
	size_t n = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
	const char *below = "";

	if (strncmp(path, mount->root, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0'))
		below = strcmp(path + n, "/") == 0 ? "" : path + n;
	snprintf(out, size, "%.511s%.511s", mount->point, below);
}

static bool find_own(const struct ctl_patient *patient, char *out, size_t size,
		     struct mount *mount)
{
	char path[512];

	if (!find_mount(patient, mount) ||
	    !find_path(patient, mount->v2, path, sizeof(path)))
		return false;
	join(mount, path, out, size);
	return true;
}

/* The smallest limit of the cgroup and of those above. */
struct limit_place {
	uint64_t limit;         /* bytes; UINT64_MAX: none */
	bool v2;
	char own[1024];          /* the cgroup's directory, without the root */
	char directory[1024];    /* that of the limit */
	char file[32];
};

static void use_limit(const struct ctl_patient *patient, const char *directory,
		      const char *file, struct limit_place *out)
{
	uint64_t limit;

	if (!ctl_files_number(&limit, "%s%s/%s", patient->root, directory,
			      file) ||
	    limit >= V1_NO_LIMIT || limit >= out->limit)
		return;
	out->limit = limit;
	snprintf(out->file, sizeof(out->file), "%s", file);
	snprintf(out->directory, sizeof(out->directory), "%s", directory);
}

static bool find_limit(const struct ctl_patient *patient,
		       struct limit_place *out)
{
	struct mount mount;
	char directory[1024];

	out->limit = UINT64_MAX;
	if (!find_own(patient, out->own, sizeof(out->own), &mount))
		return false;
	out->v2 = mount.v2;
	strcpy(directory, out->own);
	for (;;) {
		char *slash = strrchr(directory, '/');

		use_limit(patient, directory, out->v2 ? "memory.max" :
			  "memory.limit_in_bytes", out);
		if (out->v2)
			use_limit(patient, directory, "memory.high", out);
		if (strcmp(directory, mount.point) == 0 || !slash ||
		    slash == directory)
			return true;
		*slash = '\0';
	}
}

/* {2}: the file with the limit. */
static void name_limit(struct ctl_symptom *symptom,
		       const struct limit_place *limit)
{
	char path[1100];

	snprintf(path, sizeof(path), "%s/%s", limit->directory, limit->file);
	ctl_symptom_word(symptom->second, sizeof(symptom->second), path);
}

enum ctl_check_result ctl_look_cgroup_peak(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	struct limit_place limit;
	uint64_t peak = 0, resident = 0;

	if (!find_limit(patient, &limit))
		return CTL_CHECK_UNKNOWN;
	/* What it had in memory, or its blocks had, written or not. */
	ctl_files_field(&resident, "VmHWM:", "%s/proc/%s/status",
			patient->root, ctl_patient_name(patient).text);
	ctl_patient_statistic(patient, CTL_STATISTIC_PEAK, &peak);
	if (peak < resident * 1024)
		peak = resident * 1024;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), peak);
	name_limit(symptom, &limit);
	return ctl_found(limit.limit != UINT64_MAX &&
			 peak > limit.limit / 4 * 3);
}

enum ctl_check_result ctl_look_cgroup_used(const struct ctl_patient *patient,
					   struct ctl_symptom *symptom)
{
	struct limit_place limit;
	uint64_t used;

	/* Of the group that has the limit, with those below. */
	if (!find_limit(patient, &limit))
		return CTL_CHECK_UNKNOWN;
	if (limit.limit == UINT64_MAX)
		return CTL_CHECK_OK;
	if (!ctl_files_field(&used, limit.v2 ? "anon " : "total_rss ",
			     "%s%s/memory.stat", patient->root,
			     limit.directory))
		return CTL_CHECK_UNKNOWN;
	ctl_symptom_size(symptom->first, sizeof(symptom->first), used);
	name_limit(symptom, &limit);
	return ctl_found(used > limit.limit / 4 * 3);
}

enum ctl_check_result ctl_look_cgroup_kills(const struct ctl_patient *patient,
					    struct ctl_symptom *symptom)
{
	struct mount mount;
	char own[1024], path[1100];
	const char *file;
	uint64_t kills;

	if (!find_own(patient, own, sizeof(own), &mount))
		return CTL_CHECK_UNKNOWN;
	file = mount.v2 ? "memory.events" : "memory.oom_control";
	if (!ctl_files_field(&kills, "oom_kill ", "%s%s/%s", patient->root,
			     own, file))
		return CTL_CHECK_UNKNOWN;
	snprintf(symptom->first, sizeof(symptom->first), "%llu process%s",
		 (unsigned long long)kills, kills == 1 ? "" : "es");
	snprintf(path, sizeof(path), "%s/%s", own, file);
	ctl_symptom_word(symptom->second, sizeof(symptom->second), path);
	return ctl_found(kills > 0);
}

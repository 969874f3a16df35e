/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Signs that memory is short, for the whole system and in our cgroup. */
#include <string.h>

#include "files.h"
#include "shared.h"

/* Below a directory, "" for a full name. */
static int open_lines(struct dmem_lines *lines, const char *dir,
		      const char *file)
{
	char path[DMEM_PATH_MAX] = "";

	if (!dmem_text_append(path, sizeof(path), dir) ||
	    !dmem_text_append(path, sizeof(path), file))
		return -ENAMETOOLONG;
	return dmem_lines_open(lines, path, false);
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* "full avg10=0.00 avg60=0.00 avg300=0.00 total=123", microseconds. */
static bool read_stalled(const char *dir, const char *file, uint64_t *out)
{
	static const char key[] = " total=";
	struct dmem_lines lines;
	bool found = false;
	char *line;

	if (open_lines(&lines, dir, file))
		return false;
	while (!found && (line = dmem_lines_next(&lines))) {
		const char *text = strncmp(line, "full ", 5) ?
					   NULL : strstr(line, key);

		if (!text)
			continue;
		text += sizeof(key) - 1;
		found = dmem_text_number(&text, 10, out) && !*text;
	}
	dmem_lines_close(&lines);
	return found;
}

/* Lines "high 12"; `low` and `oom_kill` are about others, or too late. */
static bool read_events(const char *dir, uint64_t *out)
{
	static const char *const names[] = { "high ", "max ", "oom " };
	struct dmem_lines lines;
	bool found = false;
	uint64_t value;
	char *line;

	if (open_lines(&lines, dir, "/memory.events"))
		return false;
	*out = 0;
	while ((line = dmem_lines_next(&lines)))
		for (size_t i = 0; i < DMEM_ARRAY_SIZE(names); i++) {
			size_t length = strlen(names[i]);
			const char *text = line + length;

			if (strncmp(line, names[i], length) ||
			    !dmem_text_number(&text, 10, &value) || *text)
				continue;
			*out = add(*out, value);
			found = true;
		}
	dmem_lines_close(&lines);
	return found;
}

/* v1 has no file that tells pressure, but counts when the limit was met. */
static bool read_failures(const char *dir, uint64_t *out)
{
	char path[DMEM_PATH_MAX] = "";

	return dmem_text_append(path, sizeof(path), dir) &&
	       dmem_text_append(path, sizeof(path), "/memory.failcnt") &&
	       dmem_files_number(path, out);
}

void dmem_kernel_pressure(struct dmem_pressure *out)
{
	int saved = errno;
	char dir[DMEM_PATH_MAX];
	uint64_t value;

	*out = (struct dmem_pressure) { 0 };
	if (read_stalled("", "/proc/pressure/memory", &value)) {
		out->stalled_us = value;
		out->sources |= DMEM_PRESSURE_SYSTEM;
	}
	if (dmem_cgroup_dir(true, dir, sizeof(dir))) {
		if (read_stalled(dir, "/memory.pressure", &value)) {
			out->group_stalled_us = value;
			out->sources |= DMEM_PRESSURE_CGROUP;
		}
		if (read_events(dir, &value)) {
			out->events = value;
			out->sources |= DMEM_PRESSURE_EVENTS;
		}
	}
	if (dmem_cgroup_dir(false, dir, sizeof(dir)) &&
	    read_failures(dir, &value)) {
		out->events = add(out->events, value);
		out->sources |= DMEM_PRESSURE_FAILURES;
	}
	errno = saved;
}

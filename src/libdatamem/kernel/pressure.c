/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Signs that memory is short, for the whole system and in our cgroup. */
#include "shared.h"

#include <string.h>

#include "files.h"

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

/* "full avg10=0.00 avg60=0.00 avg300=0.00 total=123", microseconds. */
static uint64_t read_stalled(const char *dir, const char *file)
{
	static const char key[] = " total=";
	struct dmem_lines lines;
	uint64_t total = 0;
	char *line;

	if (open_lines(&lines, dir, file))
		return 0;
	while ((line = dmem_lines_next(&lines))) {
		const char *text = strncmp(line, "full ", 5) ?
					   NULL : strstr(line, key);

		if (!text)
			continue;
		text += sizeof(key) - 1;
		if (!dmem_text_number(&text, 10, &total) || *text)
			total = 0;
	}
	dmem_lines_close(&lines);
	return total;
}

/* Lines "high 12"; `low` and `oom_kill` are about others, or too late. */
static uint64_t read_events(const char *dir)
{
	static const char *const names[] = { "high ", "max ", "oom " };
	struct dmem_lines lines;
	uint64_t sum = 0, value;
	char *line;

	if (open_lines(&lines, dir, "/memory.events"))
		return 0;
	while ((line = dmem_lines_next(&lines)))
		for (size_t i = 0; i < DMEM_ARRAY_SIZE(names); i++) {
			size_t length = strlen(names[i]);
			const char *text = line + length;

			if (!strncmp(line, names[i], length) &&
			    dmem_text_number(&text, 10, &value) && !*text)
				sum += value;
		}
	dmem_lines_close(&lines);
	return sum;
}

/* v1 has no file that tells pressure, but counts when the limit was met. */
static uint64_t read_failures(const char *dir)
{
	char path[DMEM_PATH_MAX] = "";
	uint64_t value;

	if (!dmem_text_append(path, sizeof(path), dir) ||
	    !dmem_text_append(path, sizeof(path), "/memory.failcnt") ||
	    !dmem_files_number(path, &value))
		return 0;
	return value;
}

void dmem_kernel_pressure(struct dmem_pressure *out)
{
	int saved = errno;
	char dir[DMEM_PATH_MAX];

	out->stalled_us = read_stalled("", "/proc/pressure/memory");
	out->events = 0;
	if (dmem_cgroup_dir(true, dir, sizeof(dir))) {
		out->stalled_us += read_stalled(dir, "/memory.pressure");
		out->events += read_events(dir);
	}
	if (dmem_cgroup_dir(false, dir, sizeof(dir)))
		out->events += read_failures(dir);
	errno = saved;
}

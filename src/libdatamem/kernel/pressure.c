/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Signs that memory is short, for the whole system and in our cgroup. */
#include <string.h>

#include "files.h"
#include "shared.h"

static uint64_t add(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* "full avg10=0.00 avg60=0.00 avg300=0.00 total=123", microseconds. */
static bool read_stalled(struct dmem_files_work *work, const char *file,
			 uint64_t *out)
{
	static const char key[] = " total=";
	bool found = false;
	char *line;

	if (dmem_dir_lines_open(work, file))
		return false;
	while (!found && (line = dmem_lines_next(&work->lines))) {
		const char *text = strncmp(line, "full ", 5) ?
					   NULL : strstr(line, key);

		if (!text)
			continue;
		text += sizeof(key) - 1;
		found = dmem_text_number(&text, 10, out) && !*text;
	}
	dmem_lines_close(&work->lines);
	return found;
}

/* Lines "high 12"; `low` and `oom_kill` are about others, or too late. */
static bool read_events(struct dmem_files_work *work, uint64_t *out)
{
	static const char *const names[] = { "high ", "max ", "oom " };
	bool found = false;
	uint64_t value;
	char *line;

	if (dmem_dir_lines_open(work, "/memory.events"))
		return false;
	*out = 0;
	while ((line = dmem_lines_next(&work->lines)))
		for (size_t i = 0; i < DMEM_ARRAY_SIZE(names); i++) {
			size_t length = strlen(names[i]);
			const char *text = line + length;

			if (strncmp(line, names[i], length) ||
			    !dmem_text_number(&text, 10, &value) || *text)
				continue;
			*out = add(*out, value);
			found = true;
		}
	dmem_lines_close(&work->lines);
	return found;
}

static void look(struct dmem_files_work *work, struct dmem_pressure *out)
{
	uint64_t value;

	work->dir[0] = '\0';
	if (read_stalled(work, "/proc/pressure/memory", &value)) {
		out->stalled_us = value;
		out->sources |= DMEM_PRESSURE_SYSTEM;
	}
	if (dmem_cgroup_dir(true, work)) {
		if (read_stalled(work, "/memory.pressure", &value)) {
			out->group_stalled_us = value;
			out->sources |= DMEM_PRESSURE_CGROUP;
		}
		if (read_events(work, &value)) {
			out->events = value;
			out->sources |= DMEM_PRESSURE_EVENTS;
		}
	}
	/* v1 has no file that tells pressure, but counts when the limit was
	 * met. */
	if (dmem_cgroup_dir(false, work) &&
	    dmem_dir_number(work, "/memory.failcnt", &value)) {
		out->events = add(out->events, value);
		out->sources |= DMEM_PRESSURE_FAILURES;
	}
}

void dmem_kernel_pressure(struct dmem_pressure *out)
{
	struct dmem_files_work *work = dmem_files_work_get();

	*out = (struct dmem_pressure) { 0 };
	if (!work)
		return;
	look(work, out);
	dmem_files_work_put(work);
}

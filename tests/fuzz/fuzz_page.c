/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The reader of control pages: a file that is the input, at its own size or, with
 * the size in its header set right, so that more than the header is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "process/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void look(const uint8_t *data, size_t size)
{
	struct ctl_source source = ctl_source_memory(data, size);
	static struct ctl_page page;

	if (ctl_page_read(&source, &page) != NULL)
		return;
	if (page.nsettings > LIVE_SETTINGS || page.nclasses > LIVE_CLASSES ||
	    page.header.request_offset + sizeof(struct live_request) > size)
		abort();
	for (size_t i = 0; i < page.nsettings; i++) {
		const struct live_setting *s = &page.settings[i];

		if (!is_text(s->name, sizeof(s->name)) ||
		    !is_text(s->value, sizeof(s->value)) ||
		    !is_text(s->builtin, sizeof(s->builtin)) ||
		    !is_text(s->note, sizeof(s->note)) ||
		    ctl_page_setting(&page, s->name) == NULL)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct live_header header;
	uint8_t *copy;

	look(data, size);
	if (size < sizeof(header))
		return 0;
	copy = malloc(size);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	memcpy(&header, copy, sizeof(header));
	memcpy(header.magic, LIVE_MAGIC, sizeof(header.magic));
	header.layout = LIVE_LAYOUT;
	header.file_bytes = size;
	memcpy(copy, &header, sizeof(header));
	look(copy, size);
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Values of settings: whatever is accepted has one normal form, which means the
 * same value.
 */
#include <stdlib.h>
#include <string.h>

#include "settings/definition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the setting, the rest is its text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dmem_definition *def;
	uint64_t value, again;
	char *text, form[512];

	if (size == 0)
		return 0;
	def = &dmem_definitions[data[0] % DMEM_SETTINGS_COUNT];
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (def->type != DMEM_SETTING_STRING &&
	    dmem_definition_parse(def, text, &value) == 0) {
		dmem_definition_format(def, value, NULL, form, sizeof(form));
		if (dmem_definition_parse(def, form, &again) != 0 ||
		    again != value)
			abort();
	}
	free(text);
	return 0;
}

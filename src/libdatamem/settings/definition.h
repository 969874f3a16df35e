/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The rows of the table of settings, and their values as text. Pure functions:
 * what is in force is in settings.c.
 */
#ifndef DMEM_DEFINITION_H
#define DMEM_DEFINITION_H

#include "settings.h"

/* The members are the columns of DMEM_SETTINGS. */
struct dmem_definition {
	const char *name;
	enum dmem_setting_type type;
	const char *builtin;
	const char *env;
	uint64_t low, high;
	const char *words;
	const char *values;
	const char *meaning;
};

extern const struct dmem_definition dmem_definitions[DMEM_SETTINGS_COUNT];

/* Index of the row with a name of len bytes, or -ENOENT. */
int dmem_definition_find(const char *name, size_t len);

/* Text to value; 0, or -EINVAL when the setting does not accept it. */
int dmem_definition_parse(const struct dmem_definition *def, const char *text,
			  uint64_t *value);

/*
 * Value to text, in its one normal form ("64M"); a STRING is its own text.
 * Truncates, always terminates.
 */
void dmem_definition_format(const struct dmem_definition *def, uint64_t value,
			    const char *string, char *out, size_t out_size);

#endif /* DMEM_DEFINITION_H */

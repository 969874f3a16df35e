/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The one table of settings, and text to value and back. */
#include "definition.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct dmem_definition dmem_definitions[DMEM_SETTINGS_COUNT] = {
#define DMEM_SETTING(id, name, type, builtin, env, low, high, words, values,  \
		     meaning)                                                \
	[DMEM_SETTING_##id] = { name, DMEM_SETTING_##type, builtin, env, low, \
				high, words, values, meaning },
	DMEM_SETTINGS(DMEM_SETTING)
#undef DMEM_SETTING
};

int dmem_definition_find(const char *name, size_t len)
{
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++)
		if (strlen(dmem_definitions[id].name) == len &&
		    !memcmp(dmem_definitions[id].name, name, len))
			return id;
	return -ENOENT;
}

static int parse_bool(const char *text, uint64_t *value)
{
	static const char *const words[] = {
		"off", "on", "0", "1", "no", "yes", "false", "true",
	};

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words); i++) {
		if (!strcasecmp(text, words[i])) {
			*value = i & 1;
			return 0;
		}
	}
	return -EINVAL;
}

static int find_word(const char *words, const char *text, size_t len,
		     uint64_t *value)
{
	uint64_t index = 0;

	for (const char *word = words; ; index++) {
		size_t word_len = strcspn(word, "|");

		if (word_len == len && !strncasecmp(word, text, len)) {
			*value = index;
			return 0;
		}
		word += word_len;
		if (!*word++)
			return -EINVAL;
	}
}

/* A choice that has the words on and off takes every spelling of them. */
static int parse_choice(const char *words, const char *text, uint64_t *value)
{
	uint64_t on;

	if (!find_word(words, text, strlen(text), value))
		return 0;
	if (parse_bool(text, &on))
		return -EINVAL;
	return on ? find_word(words, "on", 2, value) :
		    find_word(words, "off", 3, value);
}

static int parse_number(const char *text, bool units, uint64_t *value)
{
	static const char letters[] = "kKmMgGtT";
	uint64_t number = 0;
	const char *unit;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *text - '0', &number))
			return -EINVAL;
	if (units && *text) {
		unit = strchr(letters, *text++);
		if (!unit)
			return -EINVAL;
		if (__builtin_mul_overflow(number, (uint64_t)1 <<
					   10 * ((unit - letters) / 2 + 1),
					   &number))
			return -EINVAL;
	}
	*value = number;
	return *text ? -EINVAL : 0;
}

static int parse_rate(const char *text, uint64_t *value)
{
	if (!strcasecmp(text, "off") || !strcmp(text, "0")) {
		*value = 0;
		return 0;
	}
	if (strncmp(text, "1/", 2) || parse_number(text + 2, false, value))
		return -EINVAL;
	return *value ? 0 : -EINVAL;
}

static int parse_string(const char *text, uint64_t *value)
{
	*value = strlen(text);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return -EINVAL;
	return 0;
}

int dmem_definition_parse(const struct dmem_definition *def, const char *text,
			  uint64_t *value)
{
	int err = -EINVAL;

	switch (def->type) {
	case DMEM_SETTING_BOOL:
		return parse_bool(text, value);
	case DMEM_SETTING_CHOICE:
		return parse_choice(def->words, text, value);
	case DMEM_SETTING_COUNT:
		err = parse_number(text, false, value);
		break;
	case DMEM_SETTING_SIZE:
		if (def->words && !strcasecmp(text, def->words)) {
			*value = DMEM_SIZE_AUTO;
			return 0;
		}
		err = parse_number(text, true, value);
		break;
	case DMEM_SETTING_RATE:
		err = parse_rate(text, value);
		break;
	case DMEM_SETTING_STRING:
		err = parse_string(text, value);
		break;
	}
	if (!err && (*value < def->low || *value > def->high))
		err = -EINVAL;
	return err;
}

void dmem_definition_format(const struct dmem_definition *def, uint64_t value,
			    const char *string, char *out, size_t out_size)
{
	const char *word = def->words;
	int unit = 0;

	switch (def->type) {
	case DMEM_SETTING_BOOL:
		snprintf(out, out_size, "%s", value ? "on" : "off");
		break;
	case DMEM_SETTING_CHOICE:
		while (value--)
			word += strcspn(word, "|") + 1;
		snprintf(out, out_size, "%.*s", (int)strcspn(word, "|"), word);
		break;
	case DMEM_SETTING_COUNT:
		snprintf(out, out_size, "%llu", (unsigned long long)value);
		break;
	case DMEM_SETTING_SIZE:
		if (def->words && value == DMEM_SIZE_AUTO) {
			snprintf(out, out_size, "%s", def->words);
			break;
		}
		for (; value && value % 1024 == 0 && unit < 4; unit++)
			value /= 1024;
		snprintf(out, out_size, unit ? "%llu%c" : "%llu",
			 (unsigned long long)value, " KMGT"[unit]);
		break;
	case DMEM_SETTING_RATE:
		snprintf(out, out_size, value ? "1/%llu" : "off",
			 (unsigned long long)value);
		break;
	case DMEM_SETTING_STRING:
		snprintf(out, out_size, "%s", string);
		break;
	}
}

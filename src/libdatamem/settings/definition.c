/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The one table of settings, and text to value and back. */
#include "definition.h"

#include <string.h>

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

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * By hand, as strncasecmp(3) depends on the locale. `word` is in lower case.
 */
static bool same(const char *word, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] != lower(text[i]))
			return false;
	return true;
}

static bool is_word(const char *word, const char *text)
{
	return same(word, text, strlen(word) + 1);
}

static int parse_bool(const char *text, uint64_t *value)
{
	static const char *const words[] = {
		"off", "on", "0", "1", "no", "yes", "false", "true",
	};

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words); i++) {
		if (is_word(words[i], text)) {
			*value = i & 1;
			return 0;
		}
	}
	return -EINVAL;
}

/* Of a list "one|two". */
static size_t word_length(const char *word)
{
	size_t len = 0;

	while (word[len] && word[len] != '|')
		len++;
	return len;
}

static int find_word(const char *words, const char *text, size_t len,
		     uint64_t *value)
{
	uint64_t index = 0;

	for (const char *word = words; ; index++) {
		size_t word_len = word_length(word);

		if (word_len == len && same(word, text, len)) {
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
	if (is_word("off", text) || !strcmp(text, "0")) {
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
		if (def->words && is_word(def->words, text)) {
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

/*
 * What is written by hand: all settings are formatted as a process starts, and
 * each page of the C library that is used for it is a page fault.
 */
static void put_text(char *out, size_t out_size, const char *text, size_t len)
{
	len = DMEM_MIN(len, out_size - 1);
	memcpy(out, text, len);
	out[len] = '\0';
}

/* With what comes before and behind the number, where that is not 0. */
static void put_number(char *out, size_t out_size, const char *before,
		       uint64_t value, char unit)
{
	char text[32], *at = text + sizeof(text);

	if (unit)
		*--at = unit;
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	for (size_t len = strlen(before); len-- > 0;)
		*--at = before[len];
	put_text(out, out_size, at, (size_t)(text + sizeof(text) - at));
}

void dmem_definition_format(const struct dmem_definition *def, uint64_t value,
			    const char *string, char *out, size_t out_size)
{
	const char *word = def->words;
	int unit = 0;

	switch (def->type) {
	case DMEM_SETTING_BOOL:
		put_text(out, out_size, value ? "on" : "off", value ? 2 : 3);
		break;
	case DMEM_SETTING_CHOICE:
		while (value--)
			word += word_length(word) + 1;
		put_text(out, out_size, word, word_length(word));
		break;
	case DMEM_SETTING_COUNT:
		put_number(out, out_size, "", value, '\0');
		break;
	case DMEM_SETTING_SIZE:
		if (def->words && value == DMEM_SIZE_AUTO) {
			put_text(out, out_size, def->words, strlen(def->words));
			break;
		}
		for (; value && value % 1024 == 0 && unit < 4; unit++)
			value /= 1024;
		put_number(out, out_size, "", value, "\0KMGT"[unit]);
		break;
	case DMEM_SETTING_RATE:
		if (value)
			put_number(out, out_size, "1/", value, '\0');
		else
			put_text(out, out_size, "off", 3);
		break;
	case DMEM_SETTING_STRING:
		put_text(out, out_size, string, strlen(string));
		break;
	}
}

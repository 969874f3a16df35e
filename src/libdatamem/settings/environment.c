/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Settings from the environment, and what was wrong with them. */
#include "environment.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "log.h"
#include "definition.h"

#define CONF "DATAMEM_CONF"
#define NUMPY "NUMPY_MADVISE_HUGEPAGE"

/* For messages; begins with ", ". */
#define DMEM_SETTING(id, name, ...) ", " name
static const char names[] = "" DMEM_SETTINGS(DMEM_SETTING);
#undef DMEM_SETTING
static const char *const foreign_variables[] = { DMEM_FOREIGN_VARIABLES };

/* Messages about mistakes, one string after the other. */
static char complaints[4096] DMEM_TABLE;
static size_t complaints_used;
static unsigned int complaints_lost;

static void complain(const char *fmt, ...) DMEM_PRINTF(1, 2);
static void complain(const char *fmt, ...)
{
	size_t room = sizeof(complaints) - complaints_used;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(complaints + complaints_used, room, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < room)
		complaints_used += (size_t)len + 1;
	else
		complaints_lost++;
}

/* source: the variable. A value that replaces another one is said, too. */
static void take(const char *source, enum dmem_setting_id id, const char *text)
{
	const struct dmem_definition *def = &dmem_definitions[id];
	char old[DMEM_SETTING_TEXT_MAX], now[DMEM_SETTING_TEXT_MAX];
	bool again = dmem_setting_origin(id) == DATAMEM_ORIGIN_ENVIRONMENT;

	dmem_setting_string(id, old, sizeof(old));
	if (dmem_setting_set_from(def->name, text,
				  DATAMEM_ORIGIN_ENVIRONMENT)) {
		complain("%s: \"%.80s\" is not a value of %s, which accepts "
			 "%s", source, text, def->name, def->values);
		return;
	}
	dmem_setting_string(id, now, sizeof(now));
	if (again && strcmp(old, now))
		complain("%s: %s=%.80s replaces %.80s, given before in " CONF,
			 source, def->name, now, old);
}

/* One "name=value" of DATAMEM_CONF, blanks around both allowed. */
static void take_item(const char *item, size_t len)
{
	const char *equals = memchr(item, '=', len);
	const char *value, *end = item + len;
	char text[DMEM_SETTING_TEXT_MAX], *at;
	size_t name_len;
	int id;

	if (!equals) {
		complain(CONF ": \"%.*s\" is not NAME=VALUE",
			 (int)DMEM_MIN(len, (size_t)80), item);
		return;
	}
	for (name_len = equals - item; name_len; name_len--)
		if (item[name_len - 1] != ' ')
			break;
	for (value = equals + 1; value < end && *value == ' '; value++)
		;
	id = dmem_definition_find(item, name_len);
	if (id < 0) {
		complain(CONF ": no setting \"%.*s\"; there are %s",
			 (int)DMEM_MIN(name_len, (size_t)80), item, names + 2);
		return;
	}
	if ((size_t)(end - value) >= sizeof(text)) {
		complain(CONF ": value of %s is longer than %d bytes",
			 dmem_definitions[id].name, DMEM_SETTING_TEXT_MAX - 1);
		return;
	}
	for (at = text; value < end; value++) {
		/* A comma of the value: "\,". */
		if (value[0] == '\\' && value + 1 < end && value[1] == ',')
			continue;
		*at++ = *value;
	}
	*at = '\0';
	take(CONF, id, text);
}

/* The bytes before the comma that ends an item; "\," is a part of it. */
static size_t item_length(const char *conf)
{
	size_t len = strcspn(conf, ",");

	while (len && conf[len] && conf[len - 1] == '\\')
		len += 1 + strcspn(conf + len + 1, ",");
	return len;
}

static void take_conf(const char *conf)
{
	while (*conf) {
		size_t len = item_length(conf);
		const char *next = conf + len + (conf[len] == ',');

		while (len && *conf == ' ')
			conf++, len--;
		while (len && conf[len - 1] == ' ')
			len--;
		if (len)
			take_item(conf, len);
		conf = next;
	}
}

/*
 * NumPy reads its variable with Python's int(): any whole number but 0 is yes.
 * There a malformed one makes the import fail; here it must not break a program
 * that may never load NumPy.
 */
static void take_numpy(const char *text)
{
	const char *digits = text + strspn(text, " \t\n");
	bool on;
	size_t len;

	digits += *digits == '+' || *digits == '-';
	len = strspn(digits, "0123456789");
	if (!len || digits[len + strspn(digits + len, " \t\n")]) {
		complain(NUMPY ": \"%.80s\" is not a number; it accepts 0, 1",
			 text);
		return;
	}
	on = strspn(digits, "0") < len;
	take(NUMPY, DMEM_SETTING_HUGEPAGE, on ? "on" : "off");
}

static bool is_known_variable(const char *name, size_t len)
{
	if (len == strlen(CONF) && !memcmp(name, CONF, len))
		return true;
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		const char *env = dmem_definitions[id].env;

		if (env && strlen(env) == len && !memcmp(name, env, len))
			return true;
	}
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(foreign_variables); i++) {
		const char *other = foreign_variables[i];
		size_t prefix = strcspn(other, "*");

		if (!strncmp(name, other, prefix) &&
		    (other[prefix] || len == prefix))
			return true;
	}
	return false;
}

/* Misspelt variables: nothing that was set is passed over in silence. */
static void look_for_unknown(void)
{
	if (getauxval(AT_SECURE))
		return;
	for (char **variable = environ; variable && *variable; variable++) {
		size_t len = strcspn(*variable, "=");

		if (!strncmp(*variable, "DATAMEM_", 8) &&
		    !is_known_variable(*variable, len))
			complain("%.*s: no such variable; settings without one "
				 "of their own go into " CONF,
				 (int)DMEM_MIN(len, (size_t)80), *variable);
	}
}

void dmem_environment_read(void)
{
	const char *text;

	complaints_used = 0;
	complaints_lost = 0;
	text = secure_getenv(CONF);
	if (text)
		take_conf(text);
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		const char *name = dmem_definitions[id].env;

		text = name ? secure_getenv(name) : NULL;
		if (text)
			take(name, id, text);
	}
	text = secure_getenv(NUMPY);
	if (text && !secure_getenv("DATAMEM_HUGEPAGE") &&
	    dmem_setting_origin(DMEM_SETTING_HUGEPAGE) ==
	    DATAMEM_ORIGIN_BUILTIN)
		take_numpy(text);
	look_for_unknown();
}

void dmem_environment_report(void)
{
	size_t used = complaints_used;

	complaints_used = 0;
	for (size_t at = 0; at < used; at += strlen(complaints + at) + 1)
		dmem_log("%s", complaints + at);
	if (complaints_lost)
		dmem_log("%u more mistakes in the environment",
			 complaints_lost);
	complaints_lost = 0;
}

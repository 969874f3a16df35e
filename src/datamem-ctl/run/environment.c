/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Writes the DATAMEM_* variables that the library reads at its start. */
#include "tool.h"
#include "environment.h"

#define CONF "DATAMEM_CONF"

/* The longest value that the library keeps, and room for its NUL. */
#define VALUE_MAX 1024

struct lookup {
	const char *name;
	bool found;
	char *variable;
	char *values;
	char *note;
};

static int look_up(const struct datamem_setting *setting, void *arg)
{
	struct lookup *lookup = arg;

	if (strcmp(setting->name, lookup->name) != 0)
		return 0;
	lookup->found = true;
	lookup->variable = ctl_strdup(setting->environment
					      ? setting->environment
					      : CONF);
	lookup->values = ctl_strdup(setting->values);
	if (setting->note && *setting->note != '\0')
		lookup->note = ctl_strdup(setting->note);
	return 1;
}

static void free_lookup(struct lookup *lookup)
{
	free(lookup->variable);
	free(lookup->values);
	free(lookup->note);
}

/*
 * Give the value to the tool's own library for a moment: it says whether it
 * accepts it, and what keeps it from acting.
 */
static int try_value(const char *name, const char *value, struct lookup *lookup)
{
	char old[VALUE_MAX];
	int result = datamem_setting_get(name, old, sizeof(old));

	if (result == 0)
		result = datamem_setting_set(name, value);
	datamem_setting_foreach(look_up, lookup);
	if (result == 0)
		result = datamem_setting_set(name, old);
	return result;
}

static bool is_item(const char *item, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	while (length > 0 && *item == ' ')
		item++, length--;
	if (length < name_length || memcmp(item, name, name_length) != 0)
		return false;
	item += name_length;
	length -= name_length;
	while (length > 0 && *item == ' ')
		item++, length--;
	return length > 0 && *item == '=';
}

/* The length of the first item; "\," is a comma of a value. */
static size_t item_length(const char *conf)
{
	size_t length = strcspn(conf, ",");

	while (length > 0 && conf[length] != '\0' && conf[length - 1] == '\\')
		length += 1 + strcspn(conf + length + 1, ",");
	return length;
}

/* A value as DATAMEM_CONF holds it. */
static char *escape(const char *value)
{
	char *result = ctl_strdup("");

	for (; *value != '\0'; value++) {
		char *longer = ctl_printf("%s%s%c", result,
					  *value == ',' ? "\\" : "", *value);

		free(result);
		result = longer;
	}
	return result;
}

/* DATAMEM_CONF without a setting, which has a new value elsewhere. */
static char *conf_without(const char *conf, const char *name)
{
	char *result = ctl_strdup("");

	while (conf && *conf != '\0') {
		size_t length = item_length(conf);
		char *longer;

		if (length > 0 && !is_item(conf, length, name)) {
			longer = ctl_printf("%s%s%.*s", result,
					    *result != '\0' ? "," : "",
					    (int)length, conf);
			free(result);
			result = longer;
		}
		conf += length + (conf[length] == ',');
	}
	return result;
}

static void set_variable(const char *variable, const char *value)
{
	int result = value[0] != '\0' || strcmp(variable, CONF) != 0
			     ? setenv(variable, value, 1)
			     : unsetenv(variable);

	if (result != 0)
		ctl_die("%s", strerror(errno));
}

static void write_variables(const char *variable, const char *name,
			    const char *value)
{
	char *conf = conf_without(getenv(CONF), name);

	if (strcmp(variable, CONF) == 0) {
		char *escaped = escape(value);
		char *longer = ctl_printf("%s%s%s=%s", conf,
					  *conf != '\0' ? "," : "", name,
					  escaped);

		free(escaped);
		free(conf);
		conf = longer;
	} else {
		set_variable(variable, value);
	}
	set_variable(CONF, conf);
	free(conf);
}

char *ctl_environment_set(const char *name, const char *value)
{
	struct lookup lookup = { .name = name };
	int result = try_value(name, value, &lookup);
	char *error = NULL;

	if (!lookup.found)
		error = ctl_printf("%s=%s: no such setting", name, value);
	else if (result == -EINVAL)
		error = ctl_printf("%s=%s: it accepts %s", name, value,
				   lookup.values);
	else if (result != 0)
		error = ctl_printf("%s=%s: %s", name, value,
				   strerror(-result));
	if (!error) {
		if (lookup.note)
			ctl_error("%s=%s: %s", name, value, lookup.note);
		write_variables(lookup.variable, name, value);
	}
	free_lookup(&lookup);
	return error;
}

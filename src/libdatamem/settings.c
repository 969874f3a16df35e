/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Values of the one table of settings, from environment, API and live control. */
#include "settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "log.h"

#define TEXT_MAX DMEM_SETTING_TEXT_MAX
#define CONF "DATAMEM_CONF"
#define NUMPY "NUMPY_MADVISE_HUGEPAGE"

struct definition {
	const char *name;
	enum dmem_setting_type type;
	const char *builtin;
	const char *env;
	uint64_t low, high;
	const char *words;
	const char *values;
	const char *meaning;
};

static const struct definition table[DMEM_SETTINGS_COUNT] = {
#define DMEM_SETTING(id, name, type, builtin, env, low, high, words, values,  \
		     meaning)                                                \
	[DMEM_SETTING_##id] = { name, DMEM_SETTING_##type, builtin, env, low, \
				high, words, values, meaning },
	DMEM_SETTINGS(DMEM_SETTING)
#undef DMEM_SETTING
};

/* For messages: all names, and all variables. */
#define DMEM_SETTING(id, name, ...) ", " name
static const char names[] = "" DMEM_SETTINGS(DMEM_SETTING);
#undef DMEM_SETTING
static const char *const foreign_variables[] = { DMEM_FOREIGN_VARIABLES };

struct state {
	uint64_t value;            /* written under the lock, read without */
	int origin;                /* the same */
	char text[TEXT_MAX];       /* of a STRING; under the lock */
	void (*changed)(enum dmem_setting_id id);
	int (*check)(enum dmem_setting_id id, const char *text);
	void (*note)(enum dmem_setting_id id, char *out, size_t out_size);
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct state states[DMEM_SETTINGS_COUNT];

/* What was wrong in the environment: strings one after the other. */
static char complaints[4096];
static size_t complaints_used;
static unsigned int complaints_lost;

/* Text to value */

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

static int parse_string(const char *text, uint64_t *value)
{
	*value = strlen(text);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return -EINVAL;
	return 0;
}

static int parse(const struct definition *def, const char *text,
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
	case DMEM_SETTING_STRING:
		err = parse_string(text, value);
		break;
	}
	if (!err && (*value < def->low || *value > def->high))
		err = -EINVAL;
	return err;
}

/* Value to text, in its one normal form; a STRING is its own. */
static void format(const struct definition *def, uint64_t value,
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
	case DMEM_SETTING_STRING:
		snprintf(out, out_size, "%s", string);
		break;
	}
}

static int find(const char *name, size_t len)
{
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++)
		if (strlen(table[id].name) == len &&
		    !memcmp(table[id].name, name, len))
			return id;
	return -ENOENT;
}

/* With the lock held. Returns whether the value is another one now. */
static bool store(enum dmem_setting_id id, uint64_t value, const char *text,
		  int origin)
{
	struct state *state = &states[id];
	bool changed = state->value != value;

	if (table[id].type == DMEM_SETTING_STRING) {
		changed = strcmp(state->text, text);
		memcpy(state->text, text, value + 1);
	}
	dmem_store(&state->value, value);
	dmem_store(&state->origin, origin);
	return changed;
}

void dmem_settings_reset(void)
{
	pthread_mutex_lock(&lock);
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		uint64_t value = 0;

		parse(&table[id], table[id].builtin, &value);
		store(id, value, table[id].builtin, DATAMEM_ORIGIN_BUILTIN);
	}
	pthread_mutex_unlock(&lock);
	complaints_used = 0;
	complaints_lost = 0;
}

/* Environment */

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
	const struct definition *def = &table[id];
	char old[TEXT_MAX], now[TEXT_MAX];
	bool again = states[id].origin == DATAMEM_ORIGIN_ENVIRONMENT;
	uint64_t value;

	if (parse(def, text, &value)) {
		complain("%s: \"%.80s\" is not a value of %s, which accepts "
			 "%s%s", source, text, def->name, def->values,
			 def->type == DMEM_SETTING_SIZE ?
			 " (64K, 2M, 1G and 1T are understood)" : "");
		return;
	}
	dmem_setting_string(id, old, sizeof(old));
	pthread_mutex_lock(&lock);
	store(id, value, text, DATAMEM_ORIGIN_ENVIRONMENT);
	pthread_mutex_unlock(&lock);
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
	char text[TEXT_MAX];
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
	id = find(item, name_len);
	if (id < 0) {
		complain(CONF ": no setting \"%.*s\"; there are %s",
			 (int)DMEM_MIN(name_len, (size_t)80), item, names + 2);
		return;
	}
	if ((size_t)(end - value) >= sizeof(text)) {
		complain(CONF ": value of %s is longer than %d bytes",
			 table[id].name, TEXT_MAX - 1);
		return;
	}
	memcpy(text, value, end - value);
	text[end - value] = '\0';
	take(CONF, id, text);
}

static void take_conf(const char *conf)
{
	while (*conf) {
		size_t len = strcspn(conf, ",");
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
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++)
		if (table[id].env && strlen(table[id].env) == len &&
		    !memcmp(name, table[id].env, len))
			return true;
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

void dmem_settings_init(void)
{
	const char *text;

	dmem_settings_reset();
	text = secure_getenv(CONF);
	if (text)
		take_conf(text);
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		text = table[id].env ? secure_getenv(table[id].env) : NULL;
		if (text)
			take(table[id].env, id, text);
	}
	text = secure_getenv(NUMPY);
	if (text && !secure_getenv(table[DMEM_SETTING_HUGEPAGE].env) &&
	    dmem_setting_origin(DMEM_SETTING_HUGEPAGE) ==
	    DATAMEM_ORIGIN_BUILTIN)
		take_numpy(text);
	look_for_unknown();
}

void dmem_settings_report(void)
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

/* Reading and writing */

uint64_t dmem_setting_value(enum dmem_setting_id id)
{
	return dmem_load(&states[id].value);
}

int dmem_setting_origin(enum dmem_setting_id id)
{
	return dmem_load(&states[id].origin);
}

const char *dmem_setting_name(enum dmem_setting_id id)
{
	return table[id].name;
}

void dmem_setting_string(enum dmem_setting_id id, char *out, size_t out_size)
{
	pthread_mutex_lock(&lock);
	format(&table[id], states[id].value, states[id].text, out, out_size);
	pthread_mutex_unlock(&lock);
}

void dmem_setting_watch(enum dmem_setting_id id,
			void (*changed)(enum dmem_setting_id id))
{
	dmem_store_release(&states[id].changed, changed);
}

void dmem_setting_guard(enum dmem_setting_id id,
			int (*check)(enum dmem_setting_id id, const char *text),
			void (*note)(enum dmem_setting_id id, char *out,
				     size_t out_size))
{
	dmem_store_release(&states[id].check, check);
	dmem_store_release(&states[id].note, note);
}

int dmem_setting_set_from(const char *name, const char *value, int origin)
{
	int (*check)(enum dmem_setting_id id, const char *text);
	void (*changed)(enum dmem_setting_id id);
	char text[TEXT_MAX];
	uint64_t number;
	bool differs;
	int id, err;

	if (!name || !value)
		return -EINVAL;
	id = find(name, strlen(name));
	if (id < 0)
		return id;
	if (parse(&table[id], value, &number))
		return -EINVAL;
	if (origin < dmem_setting_origin(id))
		return -EPERM;
	format(&table[id], number, value, text, sizeof(text));
	check = dmem_load_acquire(&states[id].check);
	err = check ? check(id, text) : 0;
	if (err)
		return err;

	pthread_mutex_lock(&lock);
	if (origin < states[id].origin) {
		pthread_mutex_unlock(&lock);
		return -EPERM;
	}
	differs = store(id, number, text, origin);
	pthread_mutex_unlock(&lock);
	changed = dmem_load_acquire(&states[id].changed);
	if (differs && changed)
		changed(id);
	return 0;
}

int datamem_setting_set(const char *name, const char *value)
{
	dmem_library_init();
	return dmem_setting_set_from(name, value, DATAMEM_ORIGIN_API);
}

int datamem_setting_get(const char *name, char *value, size_t value_size)
{
	char text[TEXT_MAX];
	int id;

	if (!name || !value)
		return -EINVAL;
	dmem_library_init();
	id = find(name, strlen(name));
	if (id < 0)
		return id;
	dmem_setting_string(id, text, sizeof(text));
	if (strlen(text) >= value_size)
		return -ERANGE;
	strcpy(value, text);
	return 0;
}

int datamem_setting_foreach(
	int (*visit)(const struct datamem_setting *setting, void *arg),
	void *arg)
{
	char value[TEXT_MAX], builtin[TEXT_MAX], note[TEXT_MAX];
	int stop = 0;

	if (!visit)
		return -EINVAL;
	dmem_library_init();
	for (int id = 0; id < DMEM_SETTINGS_COUNT && !stop; id++) {
		const struct definition *def = &table[id];
		void (*write_note)(enum dmem_setting_id id, char *out,
				   size_t out_size) =
			dmem_load_acquire(&states[id].note);
		uint64_t number = 0;

		dmem_setting_string(id, value, sizeof(value));
		parse(def, def->builtin, &number);
		format(def, number, def->builtin, builtin, sizeof(builtin));
		note[0] = '\0';
		if (write_note)
			write_note(id, note, sizeof(note));
		stop = visit(&(struct datamem_setting) {
			.name = def->name,
			.value = value,
			.default_value = builtin,
			.origin = dmem_setting_origin(id),
			.environment = def->env ? def->env : CONF,
			.values = def->values,
			.meaning = def->meaning,
			.note = note[0] ? note : NULL,
		}, arg);
	}
	return stop;
}

void dmem_settings_fork_prepare(void)
{
	pthread_mutex_lock(&lock);
}

void dmem_settings_fork_parent(void)
{
	pthread_mutex_unlock(&lock);
}

void dmem_settings_fork_child(void)
{
	pthread_mutex_unlock(&lock);
}

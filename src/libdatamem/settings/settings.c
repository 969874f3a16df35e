/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The values in force, from environment, API and live control. */
#include "settings.h"

#include <string.h>

#include "definition.h"
#include "environment.h"

#define TEXT_MAX DMEM_SETTING_TEXT_MAX

struct state {
	uint64_t value;            /* written under the lock, read without */
	int origin;                /* the same */
	unsigned int changes;      /* of the value; the same */
	void (*changed)(enum dmem_setting_id id);
	int (*check)(enum dmem_setting_id id, const char *text);
	void (*note)(enum dmem_setting_id id, bool look, char *out,
		     size_t out_size);
};

static struct dmem_lock lock = DMEM_LOCK_INIT(SETTINGS);
static struct state states[DMEM_SETTINGS_COUNT];

/* Of the STRINGs, in their order; under the lock. The others have none. */
#define DMEM_SETTING(id, name, type, ...) + (DMEM_SETTING_##type == DMEM_SETTING_STRING)
static char texts[0 DMEM_SETTINGS(DMEM_SETTING)][TEXT_MAX];
#undef DMEM_SETTING
static void (*observer)(void);

/* NULL: not a STRING. */
static char *text_of(enum dmem_setting_id id)
{
	size_t n = 0;

	if (dmem_definitions[id].type != DMEM_SETTING_STRING)
		return NULL;
	for (int i = 0; i < (int)id; i++)
		n += dmem_definitions[i].type == DMEM_SETTING_STRING;
	return texts[n];
}

/* With the lock held. Returns whether the value is another one now. */
static bool store(enum dmem_setting_id id, uint64_t value, const char *text,
		  int origin)
{
	struct state *state = &states[id];
	bool changed = state->value != value;
	char *own = text_of(id);

	if (own) {
		changed = strcmp(own, text);
		memcpy(own, text, value + 1);
	}
	dmem_store(&state->value, value);
	dmem_store(&state->origin, origin);
	if (changed)
		__atomic_fetch_add(&state->changes, 1, __ATOMIC_ACQ_REL);
	return changed;
}

void dmem_settings_reset(void)
{
	dmem_lock(&lock);
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		const struct dmem_definition *def = &dmem_definitions[id];
		uint64_t value = 0;

		dmem_definition_parse(def, def->builtin, &value);
		store(id, value, def->builtin, DATAMEM_ORIGIN_BUILTIN);
	}
	dmem_unlock(&lock);
}

void dmem_settings_init(void)
{
	dmem_settings_reset();
	dmem_environment_read();
}

void dmem_settings_report(void)
{
	dmem_environment_report();
}

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
	return dmem_definitions[id].name;
}

const char *dmem_setting_values(enum dmem_setting_id id)
{
	return dmem_definitions[id].values;
}

int dmem_setting_find(const char *name)
{
	return dmem_definition_find(name, strlen(name));
}

void dmem_setting_string(enum dmem_setting_id id, char *out, size_t out_size)
{
	dmem_lock(&lock);
	dmem_definition_format(&dmem_definitions[id], states[id].value,
			       text_of(id), out, out_size);
	dmem_unlock(&lock);
}

void dmem_setting_watch(enum dmem_setting_id id,
			void (*changed)(enum dmem_setting_id id))
{
	dmem_store_release(&states[id].changed, changed);
}

void dmem_setting_guard(enum dmem_setting_id id,
			int (*check)(enum dmem_setting_id id, const char *text),
			void (*note)(enum dmem_setting_id id, bool look,
				     char *out, size_t out_size))
{
	dmem_store_release(&states[id].check, check);
	dmem_store_release(&states[id].note, note);
}

void dmem_settings_observe(void (*observe)(void))
{
	dmem_store_release(&observer, observe);
}

/*
 * Have a change acted on. The watcher reads the value and acts on it, with no lock
 * over both: where the value has changed meanwhile, what another thread did of
 * that may have come before what was done here, which is done again.
 */
static void tell_watcher(enum dmem_setting_id id)
{
	void (*changed)(enum dmem_setting_id id) =
		dmem_load_acquire(&states[id].changed);
	unsigned int seen;

	if (!changed)
		return;
	do {
		seen = dmem_load_acquire(&states[id].changes);
		changed(id);
		/* Not a load: what was done here is seen by who changes it
		 * after this, before that is acted on. */
	} while (seen != __atomic_fetch_add(&states[id].changes, 0,
					    __ATOMIC_ACQ_REL));
}

int dmem_setting_set_from(const char *name, const char *value, int origin)
{
	int (*check)(enum dmem_setting_id id, const char *text);
	void (*observe)(void);
	char text[TEXT_MAX];
	uint64_t number;
	bool differs;
	int id, err;

	if (!name || !value)
		return -EINVAL;
	id = dmem_setting_find(name);
	if (id < 0)
		return id;
	if (dmem_definition_parse(&dmem_definitions[id], value, &number))
		return -EINVAL;
	if (origin < dmem_setting_origin(id))
		return -EPERM;
	dmem_definition_format(&dmem_definitions[id], number, value, text,
			       sizeof(text));
	check = dmem_load_acquire(&states[id].check);
	err = check ? check(id, text) : 0;
	if (err)
		return err;

	dmem_lock(&lock);
	if (origin < states[id].origin) {
		dmem_unlock(&lock);
		return -EPERM;
	}
	differs = store(id, number, text, origin);
	dmem_unlock(&lock);
	dmem_host_call("a watcher of settings");
	if (differs)
		tell_watcher((enum dmem_setting_id)id);
	observe = dmem_load_acquire(&observer);
	if (observe)
		observe();
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
	id = dmem_setting_find(name);
	if (id < 0)
		return id;
	dmem_setting_string(id, text, sizeof(text));
	if (strlen(text) >= value_size)
		return -ERANGE;
	strcpy(value, text);
	dmem_written(value, strlen(text) + 1);
	return 0;
}

int dmem_settings_each(
	int (*visit)(const struct datamem_setting *setting, void *arg),
	void *arg, bool look)
{
	char value[TEXT_MAX], builtin[TEXT_MAX], note[TEXT_MAX];
	int stop = 0;

	for (int id = 0; id < DMEM_SETTINGS_COUNT && !stop; id++) {
		const struct dmem_definition *def = &dmem_definitions[id];
		void (*write_note)(enum dmem_setting_id id, bool look,
				   char *out, size_t out_size) =
			dmem_load_acquire(&states[id].note);
		uint64_t number = 0;

		dmem_setting_string(id, value, sizeof(value));
		dmem_definition_parse(def, def->builtin, &number);
		dmem_definition_format(def, number, def->builtin, builtin,
				       sizeof(builtin));
		note[0] = '\0';
		if (write_note)
			write_note(id, look, note, sizeof(note));
		stop = visit(&(struct datamem_setting) {
			.name = def->name,
			.value = value,
			.default_value = builtin,
			.origin = dmem_setting_origin(id),
			.environment = def->env ? def->env : "DATAMEM_CONF",
			.values = def->values,
			.meaning = def->meaning,
			.note = note[0] ? note : NULL,
		}, arg);
	}
	return stop;
}

int datamem_setting_foreach(
	int (*visit)(const struct datamem_setting *setting, void *arg),
	void *arg)
{
	if (!visit)
		return -EINVAL;
	dmem_library_init();
	dmem_host_call("a visitor");
	return dmem_settings_each(visit, arg, true);
}

void dmem_settings_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_settings_fork_parent(void)
{
	dmem_unlock(&lock);
}

bool dmem_settings_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

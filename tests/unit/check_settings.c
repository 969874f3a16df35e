/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of settings, precedence, watchers and guards. */
#include "settings/settings.h"

#include <ctype.h>
#include <string.h>

#include "alone.h"
#include "settings/definition.h"
#include "harness.h"

#define ENVIRONMENT DATAMEM_ORIGIN_ENVIRONMENT
#define API DATAMEM_ORIGIN_API
#define CONTROL DATAMEM_ORIGIN_CONTROL

static const char *text_of(enum dmem_setting_id id)
{
	static char text[DMEM_SETTING_TEXT_MAX];

	dmem_setting_string(id, text, sizeof(text));
	return text;
}

/* Table */

START_TEST(table_is_consistent)
{
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		const struct dmem_definition *def = &dmem_definitions[id];
		char text[DMEM_SETTING_TEXT_MAX];
		uint64_t value;

		ck_assert_int_gt(strlen(def->name), 0);
		for (const char *at = def->name; *at; at++)
			ck_assert(islower(*at) || *at == '.');
		ck_assert_int_eq(dmem_definition_find(def->name,
						      strlen(def->name)), id);
		ck_assert_str_eq(dmem_setting_name(id), def->name);
		ck_assert(!def->env || !strncmp(def->env, "DATAMEM", 7));
		for (int i = 0; i < id && def->env; i++)
			ck_assert(!dmem_definitions[i].env ||
				  strcmp(dmem_definitions[i].env, def->env));
		ck_assert(*def->values && *def->meaning);
		ck_assert_int_ne(def->meaning[strlen(def->meaning) - 1], '.');
		ck_assert(def->type != DMEM_SETTING_CHOICE || def->words);
		if (def->type != DMEM_SETTING_CHOICE)
			ck_assert_uint_lt(def->low, def->high);
		/* Built-in values are written in their normal form. */
		ck_assert_int_eq(dmem_definition_parse(def, def->builtin,
						       &value), 0);
		dmem_definition_format(def, value, def->builtin, text,
				       sizeof(text));
		ck_assert_str_eq(text, def->builtin);
		ck_assert_str_eq(text_of(id), def->builtin);
		ck_assert_int_eq(dmem_setting_origin(id),
				 DATAMEM_ORIGIN_BUILTIN);
		if (def->type != DMEM_SETTING_STRING)
			ck_assert_uint_eq(dmem_setting_value(id), value);
	}
}
END_TEST

static const struct {
	enum dmem_setting_id id;
	const char *word;
	uint64_t value;
} choices[] = {
	{ DMEM_SETTING_HUGEPAGE, "auto", DMEM_HUGEPAGE_AUTO },
	{ DMEM_SETTING_HUGEPAGE, "on", DMEM_HUGEPAGE_ON },
	{ DMEM_SETTING_HUGEPAGE, "off", DMEM_HUGEPAGE_OFF },
	{ DMEM_SETTING_DEBUG, "none", DMEM_DEBUG_NONE },
	{ DMEM_SETTING_DEBUG, "warn", DMEM_DEBUG_WARN },
	{ DMEM_SETTING_DEBUG, "trap", DMEM_DEBUG_TRAP },
	{ DMEM_SETTING_DEBUG, "abort", DMEM_DEBUG_ABORT },
	{ DMEM_SETTING_CONTROL, "on", DMEM_CONTROL_ON },
	{ DMEM_SETTING_CONTROL, "off", DMEM_CONTROL_OFF },
	{ DMEM_SETTING_CONTROL, "thread", DMEM_CONTROL_THREAD },
	{ DMEM_SETTING_ZERO_POLICY, "auto", DMEM_ZERO_AUTO },
	{ DMEM_SETTING_ZERO_POLICY, "lazy", DMEM_ZERO_LAZY },
	{ DMEM_SETTING_ZERO_POLICY, "eager", DMEM_ZERO_EAGER },
};

START_TEST(words_have_the_index_of_their_constant)
{
	ck_assert_int_eq(datamem_setting_set(
			dmem_setting_name(choices[_i].id), choices[_i].word),
			0);
	ck_assert_uint_eq(dmem_setting_value(choices[_i].id),
			  choices[_i].value);
	ck_assert_str_eq(text_of(choices[_i].id), choices[_i].word);
}
END_TEST

/* Text and value */

static const struct {
	const char *name, *text;
	int err;
	uint64_t value;
	const char *normal;
} texts[] = {
	{ "cache.max", "0", 0, 0, "0" },
	{ "cache.max", "1", 0, 1, "1" },
	{ "cache.max", "1023", 0, 1023, "1023" },
	{ "cache.max", "1024", 0, 1024, "1K" },
	{ "cache.max", "64k", 0, 65536, "64K" },
	{ "cache.max", "1536K", 0, 1536 << 10, "1536K" },
	{ "cache.max", "65536K", 0, 64 << 20, "64M" },
	{ "cache.max", "3m", 0, 3 << 20, "3M" },
	{ "cache.max", "5G", 0, 5ull << 30, "5G" },
	{ "cache.max", "2t", 0, 2ull << 40, "2T" },
	{ "cache.max", "2048T", 0, 2048ull << 40, "2048T" },
	{ "cache.max", "9223372036854775807", 0, INT64_MAX,
	  "9223372036854775807" },
	{ "cache.max", "9223372036854775808", -EINVAL, 0, NULL },
	{ "cache.max", "8388608T", -EINVAL, 0, NULL },
	{ "cache.max", "16777216T", -EINVAL, 0, NULL },
	{ "cache.max", "18446744073709551616", -EINVAL, 0, NULL },
	{ "cache.max", "99999999999999999999999999", -EINVAL, 0, NULL },
	{ "cache.max", "", -EINVAL, 0, NULL },
	{ "cache.max", "K", -EINVAL, 0, NULL },
	{ "cache.max", "-1", -EINVAL, 0, NULL },
	{ "cache.max", "+1", -EINVAL, 0, NULL },
	{ "cache.max", " 1", -EINVAL, 0, NULL },
	{ "cache.max", "1 ", -EINVAL, 0, NULL },
	{ "cache.max", "1KB", -EINVAL, 0, NULL },
	{ "cache.max", "1P", -EINVAL, 0, NULL },
	{ "cache.max", "0x10", -EINVAL, 0, NULL },
	{ "cache.max", "1.5M", -EINVAL, 0, NULL },
	{ "cache.max", "auto", -EINVAL, 0, NULL },
	{ "retain.max", "auto", 0, DMEM_SIZE_AUTO, "auto" },
	{ "retain.max", "AUTO", 0, DMEM_SIZE_AUTO, "auto" },
	{ "retain.max", "0", 0, 0, "0" },
	{ "cache.depth", "1", 0, 1, "1" },
	{ "cache.depth", "128", 0, 128, "128" },
	{ "cache.depth", "007", 0, 7, "7" },
	{ "cache.depth", "0", -EINVAL, 0, NULL },
	{ "cache.depth", "129", -EINVAL, 0, NULL },
	{ "cache.depth", "1K", -EINVAL, 0, NULL },
	{ "cache.enabled", "on", 0, 1, "on" },
	{ "cache.enabled", "1", 0, 1, "on" },
	{ "cache.enabled", "Yes", 0, 1, "on" },
	{ "cache.enabled", "TRUE", 0, 1, "on" },
	{ "cache.enabled", "off", 0, 0, "off" },
	{ "cache.enabled", "0", 0, 0, "off" },
	{ "cache.enabled", "no", 0, 0, "off" },
	{ "cache.enabled", "false", 0, 0, "off" },
	{ "cache.enabled", "2", -EINVAL, 0, NULL },
	{ "cache.enabled", "", -EINVAL, 0, NULL },
	{ "hugepage", "1", 0, DMEM_HUGEPAGE_ON, "on" },
	{ "hugepage", "0", 0, DMEM_HUGEPAGE_OFF, "off" },
	{ "hugepage", "Auto", 0, DMEM_HUGEPAGE_AUTO, "auto" },
	{ "hugepage", "au", -EINVAL, 0, NULL },
	{ "hugepage", "auto|on", -EINVAL, 0, NULL },
	{ "hugepage", "", -EINVAL, 0, NULL },
	{ "debug", "1", -EINVAL, 0, NULL },
	{ "debug", "on", -EINVAL, 0, NULL },
	{ "handler", "", -EINVAL, 0, NULL },
	{ "handler", "a\nb", -EINVAL, 0, NULL },
	{ "handler", "my handler", 0, 10, "my handler" },
	{ "stats.exit", "", 0, 0, "" },
	{ "no.such", "1", -ENOENT, 0, NULL },
	{ "cache", "1", -ENOENT, 0, NULL },
	{ "", "1", -ENOENT, 0, NULL },
};

START_TEST(text_is_taken_or_refused)
{
	const char *name = texts[_i].name;
	char text[DMEM_SETTING_TEXT_MAX] = "untouched", old[sizeof(text)];
	int known = datamem_setting_get(name, old, sizeof(old));

	ck_assert_int_eq(datamem_setting_set(name, texts[_i].text),
			 texts[_i].err);
	ck_assert_int_eq(datamem_setting_get(name, text, sizeof(text)), known);
	if (texts[_i].err == -ENOENT) {
		ck_assert_str_eq(text, "untouched");
		return;
	}
	ck_assert_str_eq(text, texts[_i].err ? old : texts[_i].normal);
	if (!texts[_i].err)
		ck_assert_uint_eq(dmem_setting_value(dmem_definition_find(
				name, strlen(name))), texts[_i].value);
}
END_TEST

START_TEST(strings_have_a_longest_length)
{
	char text[300], got[DMEM_SETTING_TEXT_MAX];

	memset(text, 'n', sizeof(text));
	text[127] = '\0';
	ck_assert_int_eq(datamem_setting_set("handler", text), -EINVAL);
	text[126] = '\0';
	ck_assert_int_eq(datamem_setting_set("handler", text), 0);
	ck_assert_int_eq(datamem_setting_get("handler", got, 126), -ERANGE);
	ck_assert_int_eq(datamem_setting_get("handler", got, 127), 0);
	ck_assert_str_eq(got, text);
	memset(text, 'n', sizeof(text));
	text[256] = '\0';
	ck_assert_int_eq(datamem_setting_set("stats.exit", text), -EINVAL);
	text[255] = '\0';
	ck_assert_int_eq(datamem_setting_set("stats.exit", text), 0);
	dmem_setting_string(DMEM_SETTING_STATS_EXIT, got, 5);
	ck_assert_str_eq(got, "nnnn");
}
END_TEST

START_TEST(null_arguments_are_refused)
{
	char text[8];

	ck_assert_int_eq(datamem_setting_set(NULL, "1"), -EINVAL);
	ck_assert_int_eq(datamem_setting_set("debug", NULL), -EINVAL);
	ck_assert_int_eq(datamem_setting_get(NULL, text, 8), -EINVAL);
	ck_assert_int_eq(datamem_setting_get("debug", NULL, 8), -EINVAL);
	ck_assert_int_eq(datamem_setting_get("debug", text, 0), -ERANGE);
	ck_assert_int_eq(datamem_setting_get("nope", text, 8), -ENOENT);
	ck_assert_int_eq(datamem_setting_foreach(NULL, NULL), -EINVAL);
}
END_TEST

/* Precedence */

START_TEST(later_origin_wins_and_lower_is_refused)
{
	ck_assert_int_eq(dmem_setting_set_from("debug", "warn", ENVIRONMENT),
			 0);
	ck_assert_int_eq(datamem_setting_set("debug", "trap"), 0);
	ck_assert_int_eq(dmem_setting_origin(DMEM_SETTING_DEBUG), API);
	ck_assert_int_eq(datamem_setting_set("debug", "abort"), 0);
	ck_assert_int_eq(dmem_setting_set_from("debug", "warn", CONTROL), 0);
	ck_assert_int_eq(datamem_setting_set("debug", "trap"), -EPERM);
	ck_assert_int_eq(datamem_setting_set("debug", "bad"), -EINVAL);
	ck_assert_str_eq(text_of(DMEM_SETTING_DEBUG), "warn");
	ck_assert_int_eq(dmem_setting_origin(DMEM_SETTING_DEBUG), CONTROL);
	ck_assert_int_eq(dmem_setting_set_from("debug", "none", CONTROL), 0);
	ck_assert_str_eq(text_of(DMEM_SETTING_DEBUG), "none");
	/* The same value from a higher origin takes hold of it, too. */
	ck_assert_int_eq(datamem_setting_set("cache.depth", "9"), 0);
	ck_assert_int_eq(dmem_setting_set_from("cache.depth", "9", CONTROL), 0);
	ck_assert_int_eq(datamem_setting_set("cache.depth", "9"), -EPERM);
}
END_TEST

/* Watchers and guards; with a lock held, reading a text would hang. */

static int changes;
static char seen[DMEM_SETTING_TEXT_MAX];

static void changed(enum dmem_setting_id id)
{
	changes++;
	strcpy(seen, text_of(id));
	ck_assert_int_eq(datamem_setting_set("retain.age", "77"), 0);
}

START_TEST(watcher_is_told_of_changes_only)
{
	dmem_setting_watch(DMEM_SETTING_CACHE_MAX, changed);
	dmem_setting_watch(DMEM_SETTING_HANDLER, changed);
	ck_assert_int_eq(datamem_setting_set("cache.max", "1M"), 0);
	ck_assert_int_eq(changes, 1);
	ck_assert_str_eq(seen, "1M");
	ck_assert_int_eq(datamem_setting_set("cache.max", "1024K"), 0);
	ck_assert_int_eq(datamem_setting_set("cache.max", "x"), -EINVAL);
	ck_assert_int_eq(datamem_setting_set("cache.depth", "5"), 0);
	ck_assert_int_eq(changes, 1);
	/* Two strings of one length. */
	ck_assert_int_eq(datamem_setting_set("handler", "aaa"), 0);
	ck_assert_int_eq(datamem_setting_set("handler", "bbb"), 0);
	ck_assert_int_eq(datamem_setting_set("handler", "bbb"), 0);
	ck_assert_int_eq(changes, 3);
	ck_assert_str_eq(seen, "bbb");
}
END_TEST

static int only_known(enum dmem_setting_id id, const char *text)
{
	text_of(id);
	return strcmp(text, "known") ? -ENOENT : 0;
}

static void waiting(enum dmem_setting_id id, bool look, char *out,
		    size_t out_size)
{
	ck_assert(look);
	snprintf(out, out_size, strcmp(text_of(id), "known") ? "waiting" : "");
}

static int find_note(const struct datamem_setting *setting, void *arg)
{
	if (!strcmp(setting->name, "handler"))
		strcpy(arg, setting->note ? setting->note : "none");
	return 0;
}

START_TEST(guard_refuses_and_notes)
{
	char note[DMEM_SETTING_TEXT_MAX];

	dmem_setting_guard(DMEM_SETTING_HANDLER, only_known, waiting);
	dmem_setting_watch(DMEM_SETTING_HANDLER, changed);
	ck_assert_int_eq(datamem_setting_set("handler", "other"), -ENOENT);
	ck_assert_str_eq(text_of(DMEM_SETTING_HANDLER), "default_allocator");
	ck_assert_int_eq(changes, 0);
	datamem_setting_foreach(find_note, note);
	ck_assert_str_eq(note, "waiting");
	ck_assert_int_eq(datamem_setting_set("handler", "known"), 0);
	ck_assert_int_eq(changes, 1);
	datamem_setting_foreach(find_note, note);
	ck_assert_str_eq(note, "none");
}
END_TEST

static int overtaken(enum dmem_setting_id id, const char *text DMEM_UNUSED)
{
	dmem_setting_guard(id, NULL, NULL);
	return dmem_setting_set_from("handler", "operator", CONTROL);
}

START_TEST(origin_is_looked_at_again_after_the_guard)
{
	dmem_setting_guard(DMEM_SETTING_HANDLER, overtaken, NULL);
	ck_assert_int_eq(datamem_setting_set("handler", "program"), -EPERM);
	ck_assert_str_eq(text_of(DMEM_SETTING_HANDLER), "operator");
}
END_TEST

/* Walk */

struct walk {
	int visited;
	int stop_at;
};

static int visit(const struct datamem_setting *setting, void *arg)
{
	struct walk *walk = arg;
	int id = walk->visited++;

	ck_assert_str_eq(setting->name, dmem_setting_name(id));
	ck_assert_str_eq(setting->default_value, dmem_definitions[id].builtin);
	if (id == DMEM_SETTING_CACHE_MAX) {
		ck_assert_str_eq(setting->value, "3M");
		ck_assert_int_eq(setting->origin, API);
		ck_assert_str_eq(setting->environment, "DATAMEM_CONF");
	}
	if (id == DMEM_SETTING_DEBUG)
		ck_assert_str_eq(setting->environment, "DATAMEM_DEBUG");
	/* No lock is held. */
	ck_assert_int_eq(datamem_setting_set("retain.age", "1"), 0);
	return walk->visited == walk->stop_at ? 42 : 0;
}

START_TEST(walk_shows_all_in_order_and_can_be_ended)
{
	struct walk walk = { 0, 0 };

	ck_assert_int_eq(datamem_setting_set("cache.max", "3072k"), 0);
	ck_assert_int_eq(datamem_setting_foreach(visit, &walk), 0);
	ck_assert_int_eq(walk.visited, DMEM_SETTINGS_COUNT);
	walk = (struct walk) { 0, 3 };
	ck_assert_int_eq(datamem_setting_foreach(visit, &walk), 42);
	ck_assert_int_eq(walk.visited, 3);
}
END_TEST

/* Threads */

static void *write_values(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		datamem_setting_set("handler", i & 1 ? "aaaa" : "bbbbbbbb");
		datamem_setting_set("cache.depth", i & 1 ? "3" : "5");
	}
	return arg;
}

START_TEST(readers_see_whole_values)
{
	pthread_t threads[2];

	write_values(NULL);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_values,
						NULL), 0);
	for (int i = 0; i < 2000; i++) {
		const char *text = text_of(DMEM_SETTING_HANDLER);
		uint64_t depth = dmem_setting_value(DMEM_SETTING_CACHE_DEPTH);

		ck_assert(!strcmp(text, "aaaa") || !strcmp(text, "bbbbbbbb"));
		ck_assert(depth == 3 || depth == 5);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

static void reset(void)
{
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++) {
		dmem_setting_watch(id, NULL);
		dmem_setting_guard(id, NULL, NULL);
	}
	dmem_settings_reset();
	changes = 0;
}

#define COUNT(array) ((int)DMEM_ARRAY_SIZE(array))

int main(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_test(tc, table_is_consistent);
	tcase_add_loop_test(tc, words_have_the_index_of_their_constant, 0,
			    COUNT(choices));
	tcase_add_loop_test(tc, text_is_taken_or_refused, 0, COUNT(texts));
	tcase_add_test(tc, strings_have_a_longest_length);
	tcase_add_test(tc, null_arguments_are_refused);
	tcase_add_test(tc, later_origin_wins_and_lower_is_refused);
	tcase_add_test(tc, watcher_is_told_of_changes_only);
	tcase_add_test(tc, guard_refuses_and_notes);
	tcase_add_test(tc, origin_is_looked_at_again_after_the_guard);
	tcase_add_test(tc, walk_shows_all_in_order_and_can_be_ended);
	tcase_add_test(tc, readers_see_whole_values);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

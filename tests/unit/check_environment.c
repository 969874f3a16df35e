/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Settings from the environment: what is taken, what is said. */
#include "settings/environment.h"

#include <string.h>

#include "alone.h"
#include "settings/definition.h"
#include "harness.h"
#include "log.h"

static char messages[8][DMEM_LOG_MAX];
static int messages_used;

/* The first seven, and the last one. */
static void keep(void *arg DMEM_UNUSED, const char *message)
{
	strcpy(messages[DMEM_MIN(messages_used, 7)], message);
	messages_used++;
}

static const char *text_of(enum dmem_setting_id id)
{
	static char text[DMEM_SETTING_TEXT_MAX];

	dmem_setting_string(id, text, sizeof(text));
	return text;
}

/* As at the start of a process whose environment has this variable. */
static void start_with(const char *variable, const char *value)
{
	setenv(variable, value, 1);
	dmem_settings_init();
	ck_assert_int_eq(messages_used, 0);
	dmem_settings_report();
}

static const struct {
	const char *variable, *value;
	enum dmem_setting_id id;
	const char *text;
} good[] = {
	{ "DATAMEM_HUGEPAGE", "off", DMEM_SETTING_HUGEPAGE, "off" },
	{ "DATAMEM_HUGEPAGE", "1", DMEM_SETTING_HUGEPAGE, "on" },
	{ "DATAMEM_HANDLER", "debug", DMEM_SETTING_HANDLER, "debug" },
	{ "DATAMEM_DEBUG", "abort", DMEM_SETTING_DEBUG, "abort" },
	{ "DATAMEM_CONTROL", "thread", DMEM_SETTING_CONTROL, "thread" },
	{ "DATAMEM_CONF", "cache.depth=7", DMEM_SETTING_CACHE_DEPTH, "7" },
	{ "DATAMEM_CONF", "debug=warn", DMEM_SETTING_DEBUG, "warn" },
	{ "DATAMEM_CONF", ", cache.max = 1m ,retain.age=5,",
	  DMEM_SETTING_CACHE_MAX, "1M" },
	{ "DATAMEM_CONF", "cache.max=1M,retain.age=5",
	  DMEM_SETTING_RETAIN_AGE, "5" },
	{ "DATAMEM_CONF", "stats.exit=a=b", DMEM_SETTING_STATS_EXIT, "a=b" },
	{ "NUMPY_MADVISE_HUGEPAGE", "0", DMEM_SETTING_HUGEPAGE, "off" },
	{ "NUMPY_MADVISE_HUGEPAGE", "1", DMEM_SETTING_HUGEPAGE, "on" },
	{ "NUMPY_MADVISE_HUGEPAGE", " -2 ", DMEM_SETTING_HUGEPAGE, "on" },
	{ "NUMPY_MADVISE_HUGEPAGE", "+00", DMEM_SETTING_HUGEPAGE, "off" },
};

START_TEST(environment_sets)
{
	start_with(good[_i].variable, good[_i].value);
	ck_assert_str_eq(text_of(good[_i].id), good[_i].text);
	ck_assert_int_eq(dmem_setting_origin(good[_i].id),
			 DATAMEM_ORIGIN_ENVIRONMENT);
	ck_assert_int_eq(messages_used, 0);
}
END_TEST

static const struct {
	const char *variable, *value, *message;
} bad[] = {
	{ "DATAMEM_HUGEPAGE", "maybe", "DATAMEM_HUGEPAGE: \"maybe\" is not a "
	  "value of hugepage, which accepts auto, on, off" },
	{ "DATAMEM_HUGEPAGE", "", "DATAMEM_HUGEPAGE: \"\" is not a value of "
	  "hugepage, which accepts auto, on, off" },
	{ "DATAMEM_HUGEPAGE", "4.19-ovh", "DATAMEM_HUGEPAGE: \"4.19-ovh\" is "
	  "not a value of hugepage, which accepts auto, on, off" },
	{ "DATAMEM_DEBUG", "yes\n", "DATAMEM_DEBUG: \"yes?\" is not a value of "
	  "debug, which accepts none, warn, trap, abort" },
	{ "DATAMEM_HANDLER", "", "DATAMEM_HANDLER: \"\" is not a value of "
	  "handler, which accepts name of a handler" },
	{ "DATAMEM_CONF", "cache.depht=7", "DATAMEM_CONF: no setting "
	  "\"cache.depht\"; there are hugepage, handler, debug, control, "
	  "cache.enabled, cache.depth, " },
	{ "DATAMEM_CONF", "cache.depth=0", "DATAMEM_CONF: \"0\" is not a value "
	  "of cache.depth, which accepts 1 to 128" },
	{ "DATAMEM_CONF", "cache.max=many", "DATAMEM_CONF: \"many\" is not a "
	  "value of cache.max, which accepts bytes, also 64K, 2M, 1G" },
	{ "DATAMEM_CONF", "cache.max", "DATAMEM_CONF: \"cache.max\" is not "
	  "NAME=VALUE" },
	{ "DATAMEM_CONF", "=1", "DATAMEM_CONF: no setting \"\"; there are " },
	{ "DATAMEM_CONF", "cache.depth=3,cache.depth=4", "DATAMEM_CONF: "
	  "cache.depth=4 replaces 3, given before in DATAMEM_CONF" },
	{ "NUMPY_MADVISE_HUGEPAGE", "yes", "NUMPY_MADVISE_HUGEPAGE: \"yes\" is "
	  "not a number; it accepts 0, 1" },
	{ "NUMPY_MADVISE_HUGEPAGE", "", "NUMPY_MADVISE_HUGEPAGE: \"\" is not a "
	  "number; it accepts 0, 1" },
	{ "NUMPY_MADVISE_HUGEPAGE", "1.5", "NUMPY_MADVISE_HUGEPAGE: \"1.5\" is "
	  "not a number; it accepts 0, 1" },
	{ "DATAMEM_HUGEPAGES", "on", "DATAMEM_HUGEPAGES: no such variable; "
	  "settings without one of their own go into DATAMEM_CONF" },
};

START_TEST(mistake_is_said_once_and_the_rest_is_used)
{
	setenv("DATAMEM_CONTROL", "off", 1);
	start_with(bad[_i].variable, bad[_i].value);
	ck_assert_int_eq(messages_used, 1);
	/* A list of all settings is compared as far as the case has it. */
	if (strstr(bad[_i].message, "there are"))
		messages[0][strlen(bad[_i].message)] = '\0';
	ck_assert_str_eq(messages[0], bad[_i].message);
	ck_assert_int_eq(dmem_setting_origin(DMEM_SETTING_HUGEPAGE),
			 DATAMEM_ORIGIN_BUILTIN);
	ck_assert_str_eq(text_of(DMEM_SETTING_CONTROL), "off");
	dmem_settings_report();
	ck_assert_int_eq(messages_used, 1);
}
END_TEST

START_TEST(good_items_of_conf_are_used_beside_bad_ones)
{
	start_with("DATAMEM_CONF", "x=1,cache.depth=9,debug=loud,retain.age=2");
	ck_assert_int_eq(messages_used, 2);
	ck_assert_uint_eq(dmem_setting_value(DMEM_SETTING_CACHE_DEPTH), 9);
	ck_assert_uint_eq(dmem_setting_value(DMEM_SETTING_RETAIN_AGE), 2);
	ck_assert_uint_eq(dmem_setting_value(DMEM_SETTING_DEBUG),
			  DMEM_DEBUG_NONE);
}
END_TEST

START_TEST(own_variable_wins_over_conf_and_says_so)
{
	setenv("DATAMEM_CONF", "debug=warn", 1);
	start_with("DATAMEM_DEBUG", "trap");
	ck_assert_str_eq(text_of(DMEM_SETTING_DEBUG), "trap");
	ck_assert_int_eq(messages_used, 1);
	ck_assert_str_eq(messages[0], "DATAMEM_DEBUG: debug=trap replaces "
			 "warn, given before in DATAMEM_CONF");
	messages_used = 0;
	start_with("DATAMEM_DEBUG", "warn");
	ck_assert_int_eq(messages_used, 0);
}
END_TEST

START_TEST(numpy_variable_counts_only_alone)
{
	setenv("NUMPY_MADVISE_HUGEPAGE", "nonsense", 1);
	start_with("DATAMEM_HUGEPAGE", "on");
	ck_assert_str_eq(text_of(DMEM_SETTING_HUGEPAGE), "on");
	unsetenv("DATAMEM_HUGEPAGE");
	setenv("NUMPY_MADVISE_HUGEPAGE", "0", 1);
	start_with("DATAMEM_CONF", "hugepage=auto");
	ck_assert_str_eq(text_of(DMEM_SETTING_HUGEPAGE), "auto");
	ck_assert_int_eq(messages_used, 0);
}
END_TEST

START_TEST(endless_mistakes_are_counted)
{
	char conf[8192];
	size_t used = 0;

	while (used < sizeof(conf) - 16)
		used += (size_t)sprintf(conf + used, "nonsense,");
	setenv("DATAMEM_CONF", conf, 1);
	dmem_settings_init();
	dmem_settings_report();
	ck_assert_int_gt(messages_used, 8);
	/* keep() keeps the last one whatever their number is. */
	ck_assert_ptr_nonnull(strstr(messages[7], "more mistakes in the "));
	messages_used = 0;
	setenv("DATAMEM_CONF", "", 1);
	dmem_settings_init();
	dmem_settings_report();
	ck_assert_int_eq(messages_used, 0);
}
END_TEST

START_TEST(overlong_value_in_conf_is_said)
{
	char conf[600] = "stats.exit=";

	memset(conf + 11, 'f', 400);
	start_with("DATAMEM_CONF", conf);
	ck_assert_int_eq(messages_used, 1);
	ck_assert_str_eq(messages[0], "DATAMEM_CONF: value of stats.exit is "
			 "longer than 255 bytes");
	ck_assert_str_eq(text_of(DMEM_SETTING_STATS_EXIT), "");
}
END_TEST

static void reset(void)
{
	for (int id = 0; id < DMEM_SETTINGS_COUNT; id++)
		if (dmem_definitions[id].env)
			unsetenv(dmem_definitions[id].env);
	unsetenv("DATAMEM_CONF");
	unsetenv("DATAMEM_HUGEPAGES");
	unsetenv("NUMPY_MADVISE_HUGEPAGE");
	dmem_settings_reset();
	datamem_log_set(keep, NULL);
	messages_used = 0;
}

#define COUNT(array) ((int)DMEM_ARRAY_SIZE(array))

int main(void)
{
	Suite *suite = suite_create("environment");
	TCase *tc = tcase_create("environment");

	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_loop_test(tc, environment_sets, 0, COUNT(good));
	tcase_add_loop_test(tc, mistake_is_said_once_and_the_rest_is_used, 0,
			    COUNT(bad));
	tcase_add_test(tc, good_items_of_conf_are_used_beside_bad_ones);
	tcase_add_test(tc, own_variable_wins_over_conf_and_says_so);
	tcase_add_test(tc, numpy_variable_counts_only_alone);
	tcase_add_test(tc, endless_mistakes_are_counted);
	tcase_add_test(tc, overlong_value_in_conf_is_said);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

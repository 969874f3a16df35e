/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Registered handlers, their uses, and the process-wide one. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-handler.h"
#include "library.h"
#include "no-memory.h"
#include "handler/builtins.h"
#include "handler/registry.h"

static struct datamem_handler handler, other;
static struct fake fake, other_fake;

static void setup(void)
{
	fake_init(&handler, &fake, "fake");
	fake_init(&other, &other_fake, "other");
	no_memory = false;
}

/* Cases must also hold one after the other in one process. */
static void teardown(void)
{
	no_memory = false;
	datamem_handler_set(NULL);
	datamem_setting_set("handler", "default_allocator");
	datamem_handler_unregister(&handler);
	datamem_handler_unregister(&other);
	ck_assert_uint_eq(fake.strays + other_fake.strays, 0);
}

START_TEST(builtin_handlers_are_there)
{
	static const char *const names[] = {
		"default_allocator", "datamem", "system", "debug",
		"shared"
	};
	const struct datamem_handler *def = datamem_handler_default(), *found;

	ck_assert_str_eq(def->name, "default_allocator");
	for (size_t i = 0; i < 5; i++) {
		found = datamem_handler_find(names[i]);
		ck_assert_ptr_nonnull(found);
		ck_assert_int_eq(found->version, 1);
		ck_assert(dmem_builtins_have(found));
		ck_assert_int_eq(datamem_handler_unregister(found), -EBUSY);
	}
	ck_assert_ptr_eq(datamem_handler_find("default_allocator"), def);
	found = datamem_handler_find("datamem");
	ck_assert_ptr_ne(found, def);
	/* The same allocator; what one makes, the other may free. */
	ck_assert_ptr_eq(found->allocator.free, def->allocator.free);
}
END_TEST

START_TEST(what_cannot_be_called_is_not_registered)
{
	struct datamem_handler bad[12];

	for (size_t i = 0; i < 12; i++)
		bad[i] = handler;
	memset(bad[0].name, 'x', sizeof(bad[0].name));
	bad[1].name[0] = '\0';
	bad[2].name[1] = '\n';
	bad[3].name[1] = '\x7f';
	bad[4].name[1] = '\xe9';
	bad[5].version = 0;
	bad[6].version = 2;
	bad[7].allocator.malloc = NULL;
	bad[8].allocator.calloc = NULL;
	bad[9].allocator.realloc = NULL;
	bad[10].allocator.free = NULL;

	for (size_t i = 0; i < 11; i++) {
		ck_assert_int_eq(datamem_handler_register(&bad[i]), -EINVAL);
		errno = 0;
		ck_assert_ptr_null(datamem_handler_set(&bad[i]));
		ck_assert_int_eq(errno, EINVAL);
		errno = 0;
		ck_assert_ptr_null(datamem_handler_alloc(&bad[i], 8));
		ck_assert_int_eq(errno, EINVAL);
		errno = 0;
		ck_assert_ptr_null(datamem_handler_alloc_zeroed(&bad[i], 1, 8));
		ck_assert_int_eq(errno, EINVAL);
	}
	ck_assert_uint_eq(fake.calls, 0);
	ck_assert_int_eq(datamem_handler_register(NULL), -EINVAL);

	memset(bad[11].name, 'x', DATAMEM_HANDLER_NAME_MAX);
	bad[11].name[DATAMEM_HANDLER_NAME_MAX] = '\0';
	ck_assert_int_eq(datamem_handler_register(&bad[11]), 0);
	ck_assert_ptr_eq(datamem_handler_find(bad[11].name), &bad[11]);
	ck_assert_int_eq(datamem_handler_unregister(&bad[11]), 0);
}
END_TEST

START_TEST(names_are_unique)
{
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&handler), -EEXIST);
	strcpy(other.name, "fake");
	ck_assert_int_eq(datamem_handler_register(&other), -EEXIST);
	strcpy(other.name, "system");
	ck_assert_int_eq(datamem_handler_register(&other), -EEXIST);
	ck_assert_int_eq(datamem_handler_unregister(&other), -ENOENT);
	/* A name is free again after its handler went. */
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	strcpy(other.name, "fake");
	ck_assert_int_eq(datamem_handler_register(&other), 0);
	ck_assert_ptr_eq(datamem_handler_find("fake"), &other);
}
END_TEST

START_TEST(find_tells_why_not)
{
	errno = 0;
	ck_assert_ptr_null(datamem_handler_find(NULL));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(datamem_handler_find("nobody"));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(datamem_handler_find(""));
	ck_assert_int_eq(errno, ENOENT);
	errno = 77;
	ck_assert_ptr_nonnull(datamem_handler_find("system"));
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(unregister_tells_why_not)
{
	ck_assert_int_eq(datamem_handler_unregister(NULL), -EINVAL);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -ENOENT);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_setting_set("handler", "fake"), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	ck_assert_int_eq(datamem_setting_set("handler", "system"), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -ENOENT);
}
END_TEST

/* Uses count whatever the order of use and registration. */
START_TEST(a_use_before_registration_counts)
{
	ck_assert_int_eq(dmem_registry_use(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	dmem_registry_unuse(&handler);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	/* One that was never counted, of a struct filled in by hand. */
	dmem_registry_unuse(&handler);
	dmem_registry_unuse(&other);
	ck_assert_int_eq(dmem_registry_use(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	dmem_registry_unuse(&handler);
}
END_TEST

static struct datamem_handler many[2000];

static void fill_many(void)
{
	for (size_t i = 0; i < 2000; i++) {
		many[i] = handler;
		snprintf(many[i].name, sizeof(many[i].name), "many-%zu", i);
	}
}

START_TEST(no_memory_for_an_entry)
{
	size_t n;
	int ret = 0;

	fill_many();
	datamem_handler_default();
	no_memory = true;
	for (n = 0; n < 2000 && !ret; n++)
		ret = datamem_handler_register(&many[n]);
	ck_assert_int_eq(ret, -ENOMEM);
	/* A use that has no entry yet fails as cleanly. */
	ck_assert_int_eq(dmem_registry_use(&many[1999]), -ENOMEM);
	ck_assert_ptr_null(datamem_handler_find(many[n - 1].name));
	no_memory = false;
	ck_assert_int_eq(datamem_handler_register(&many[n - 1]), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(datamem_handler_unregister(&many[i]), 0);
	ck_assert_uint_lt(n, 2000);
}
END_TEST

struct walk {
	size_t seen, stop_at;
	bool in_order;
};

static int visit(const struct datamem_handler *visited, void *arg)
{
	struct walk *walk = arg;

	/* The first 5 are built in. */
	if (walk->seen >= 5 && visited != &many[walk->seen - 5])
		walk->in_order = false;
	return ++walk->seen == walk->stop_at ? 42 : 0;
}

START_TEST(foreach_goes_in_order_and_stops)
{
	struct walk walk = { .in_order = true };

	fill_many();
	/* More than the snapshot has room for on the stack. */
	for (size_t i = 0; i < 100; i++)
		ck_assert_int_eq(datamem_handler_register(&many[i]), 0);
	ck_assert_int_eq(datamem_handler_foreach(visit, &walk), 0);
	ck_assert_uint_eq(walk.seen, 105);
	ck_assert(walk.in_order);
	walk = (struct walk){ .stop_at = 3 };
	ck_assert_int_eq(datamem_handler_foreach(visit, &walk), 42);
	ck_assert_uint_eq(walk.seen, 3);
	no_memory = true;
	walk.seen = 0;
	ck_assert_int_eq(datamem_handler_foreach(visit, &walk), -ENOMEM);
	ck_assert_uint_eq(walk.seen, 0);
	no_memory = false;
	ck_assert_int_eq(datamem_handler_foreach(NULL, NULL), -EINVAL);
	for (size_t i = 0; i < 100; i++)
		ck_assert_int_eq(datamem_handler_unregister(&many[i]), 0);
}
END_TEST

static int replace(const struct datamem_handler *visited, void *arg)
{
	size_t *seen = arg;

	(*seen)++;
	if (visited == &handler) {
		ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
		ck_assert_int_eq(datamem_handler_register(&other), 0);
	}
	ck_assert_ptr_ne(visited, &other);
	return 0;
}

START_TEST(foreach_visits_a_snapshot)
{
	size_t seen = 0;

	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_handler_foreach(replace, &seen), 0);
	ck_assert_uint_eq(seen, 6);
	ck_assert_ptr_null(datamem_handler_find("fake"));
	ck_assert_ptr_eq(datamem_handler_find("other"), &other);
}
END_TEST

static void write_to(void *arg, const char *message)
{
	ck_assert_int_ge(dprintf(*(int *)arg, "%s\n", message), 0);
}

/* What a process says as it ends with a handler that never came. */
static const char *said_at_exit(const char *name, const char *mode)
{
	static char text[200];
	static int ends[2];
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		datamem_log_set(write_to, &ends[1]);
		datamem_setting_set("handler", name);
		datamem_setting_set("debug", mode);
		exit(0);
	}
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return text;
}

/* A misspelt name is in the setting's note; at exit in debug mode only. */
START_TEST(a_name_that_never_came_is_said_at_exit)
{
	ck_assert_str_eq(said_at_exit("tpyo", "none"), "");
	ck_assert_str_eq(said_at_exit("tpyo", "warn"),
			 "handler=tpyo: no handler of this name was "
			 "registered; default_allocator stood in\n");
	ck_assert_str_eq(said_at_exit("system", "warn"), "");
}
END_TEST

START_TEST(a_name_that_is_not_registered_yet_binds_later)
{
	const struct datamem_handler *def = datamem_handler_default();

	ck_assert_str_eq(note_of("handler"), "");
	ck_assert_int_eq(datamem_setting_set("handler", "fake"), 0);
	ck_assert_ptr_eq(datamem_handler_get(), def);
	ck_assert_str_eq(note_of("handler"),
			 "waiting: no handler of this name yet");
	ck_assert_int_eq(datamem_handler_register(&other), 0);
	ck_assert_ptr_eq(datamem_handler_get(), def);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	ck_assert_str_eq(note_of("handler"), "");
	/* NULL goes back to the process-wide one. */
	ck_assert_ptr_eq(datamem_handler_set(&other), &handler);
	ck_assert_ptr_eq(datamem_handler_set(NULL), &other);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	/* What was fixed at first use is said, not hidden. */
	ck_assert_int_eq(datamem_setting_set("handler", "debug"), 0);
	ck_assert_ptr_nonnull(strstr(note_of("handler"),
				     "stays with default_allocator"));
	ck_assert_int_eq(datamem_setting_set("handler", "datamem"), 0);
	ck_assert_str_eq(note_of("handler"), "");
	ck_assert_int_eq(datamem_setting_set("handler", ""), -EINVAL);
	ck_assert_int_eq(datamem_setting_set("handler", "b\xe4" "d"), -EINVAL);
}
END_TEST

static int touch(const struct datamem_handler *visited, void *arg)
{
	(void)arg;
	return !visited->version;
}

/* What a thread returns when something was wrong. */
static void *failed(const char *what)
{
	return (void *)(uintptr_t)what;
}

/* All at once, for TSan; a lost update shows in the last asserts. */
static void *hammer(void *arg)
{
	struct datamem_handler *mine = arg;
	void *ptr;

	for (int i = 0; i < 500; i++) {
		if (datamem_handler_register(mine) ||
		    datamem_handler_find(mine->name) != mine)
			return failed("registered handler not found");
		datamem_handler_foreach(touch, NULL);
		dmem_registry_use(&handler);
		ptr = datamem_handler_alloc(&handler, 32);
		datamem_handler_free(&handler, ptr, 32);
		dmem_registry_unuse(&handler);
		if (datamem_handler_unregister(mine))
			return failed("busy without a use");
	}
	return NULL;
}

START_TEST(threads_share_the_registry)
{
	pthread_t threads[4];
	void *failure;

	fill_many();
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer,
						&many[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &failure);
		ck_assert_msg(!failure, "%s", (char *)failure);
	}
	ck_assert_uint_eq(fake.live, 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("registry");
	TCase *tcase = tcase_create("registry");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, builtin_handlers_are_there);
	tcase_add_test(tcase, what_cannot_be_called_is_not_registered);
	tcase_add_test(tcase, names_are_unique);
	tcase_add_test(tcase, find_tells_why_not);
	tcase_add_test(tcase, unregister_tells_why_not);
	tcase_add_test(tcase, a_use_before_registration_counts);
	tcase_add_test(tcase, no_memory_for_an_entry);
	tcase_add_test(tcase, foreach_goes_in_order_and_stops);
	tcase_add_test(tcase, foreach_visits_a_snapshot);
	tcase_add_test(tcase, a_name_that_is_not_registered_yet_binds_later);
	tcase_add_test(tcase, a_name_that_never_came_is_said_at_exit);
	tcase_add_test(tcase, threads_share_the_registry);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

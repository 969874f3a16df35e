/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The handler `debug`, and what it reports; for one source file of a program.
 */
#ifndef TESTS_DEBUG_REPORTS_H
#define TESTS_DEBUG_REPORTS_H

#include <stddef.h>

#include "handler/debug.h"
#include "harness.h"

static const struct datamem_allocator *const debug = &dmem_debug;
static char messages[4096];
static size_t nmessages;

static inline void keep_report(void *arg, const char *message)
{
	(void)arg;
	/* Reports are made without a lock: the log may use the handler. */
	debug->free(NULL, debug->malloc(NULL, 100), 1);
	strncat(messages, message,
		sizeof(messages) - strlen(messages) - 1);
	nmessages++;
}

static inline void reports_begin(void)
{
	messages[0] = '\0';
	nmessages = 0;
	datamem_log_set(keep_report, NULL);
	datamem_handler_default();
}

/* One report, with these words in it; then a clean sheet. */
static inline void expect(const char *what, const void *ptr, const char *rest)
{
	char address[32];

	snprintf(address, sizeof(address), "%p", ptr);
	ck_assert_msg(nmessages == 1, "%zu messages: %s", nmessages, messages);
	ck_assert_msg(strstr(messages, what), "%s: %s", what, messages);
	ck_assert_msg(strstr(messages, address), "%s: %s", address, messages);
	ck_assert_msg(strstr(messages, rest), "%s: %s", rest, messages);
	ck_assert_msg(strstr(messages, "debug"), "no handler: %s", messages);
	messages[0] = '\0';
	nmessages = 0;
}

/* A stray write, hidden from the compiler. */
static inline void poke(void *ptr, ptrdiff_t at, char value)
{
	((volatile char *)ptr)[at] = value;
}

#endif /* TESTS_DEBUG_REPORTS_H */

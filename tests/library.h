/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What tests of blocks share: sizes, statistics, settings. */
#ifndef TESTS_LIBRARY_H
#define TESTS_LIBRARY_H

#include <datamem.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline struct datamem_stats stats_now(void)
{
	struct datamem_stats stats;

	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	return stats;
}

static inline void set(const char *name, const char *value)
{
	ck_assert_int_eq(datamem_setting_set(name, value), 0);
}

struct note_of {
	const char *name;
	char note[100];
};

static inline int find_note_of(const struct datamem_setting *setting, void *arg)
{
	struct note_of *of = arg;

	if (!strcmp(setting->name, of->name))
		snprintf(of->note, sizeof(of->note), "%s",
			 setting->note ? setting->note : "");
	return 0;
}

/* What there is to say of a setting; until the next call. */
static inline const char *note_of(const char *name)
{
	static struct note_of of;

	of.name = name;
	of.note[0] = '\0';
	ck_assert_int_eq(datamem_setting_foreach(find_note_of, &of), 0);
	return of.note;
}

/*
 * Ask for all that a block could hold, which does not move it, and tell how much
 * that is. Bytes beyond those asked for are no part of the object. Volatile, as
 * clang takes one of two pointers that compare equal for the other.
 */
static inline void *take_usable(void *ptr, size_t *usable)
{
	volatile uintptr_t before = (uintptr_t)ptr;

	*usable = datamem_usable_size(ptr);
	ptr = datamem_realloc(ptr, *usable);
	ck_assert_uint_eq((uintptr_t)ptr, before);
	ck_assert_uint_eq(datamem_usable_size(ptr), *usable);
	return ptr;
}

#endif /* TESTS_LIBRARY_H */

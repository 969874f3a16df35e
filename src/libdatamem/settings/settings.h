/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of settings: it drives environment, API, live control, the man
 * page and `datamem-ctl settings`.
 *
 * A module reads its values with the typed getters (one relaxed load, any
 * thread, any lock) and may watch a setting to be told of changes. Settings
 * calls no module by name.
 */
#ifndef DMEM_SETTINGS_H
#define DMEM_SETTINGS_H

#include "base.h"

enum dmem_setting_type {
	DMEM_SETTING_BOOL,    /* on, off, also 1, 0, yes, no, true, false */
	DMEM_SETTING_COUNT,   /* a decimal number */
	DMEM_SETTING_SIZE,    /* bytes; K, M, G */
	DMEM_SETTING_RATE,    /* off: 0, or one in so many: 1/N */
	DMEM_SETTING_CHOICE,  /* a word out of a list; the value is its index */
	DMEM_SETTING_STRING,  /* up to 255 bytes, no control characters */
};

#define DMEM_SETTING_TEXT_MAX 256  /* bytes of a value as text, with its NUL */

/* The values that a SIZE accepts, in words. */
#define DMEM_SIZE_VALUES "bytes, also 64K, 2M, 1G"

/* The value of a size that is its word, such as "auto". */
#define DMEM_SIZE_AUTO UINT64_MAX

/* Indexes of the words of the choices, in the order of the table's lists. */
enum { DMEM_HUGEPAGE_AUTO, DMEM_HUGEPAGE_ON, DMEM_HUGEPAGE_OFF };
enum { DMEM_DEBUG_NONE, DMEM_DEBUG_WARN, DMEM_DEBUG_TRAP, DMEM_DEBUG_ABORT };
enum {
	DMEM_CONTROL_ON, DMEM_CONTROL_OFF, DMEM_CONTROL_THREAD,
	DMEM_CONTROL_PAGE,
};
enum { DMEM_ZERO_AUTO, DMEM_ZERO_LAZY, DMEM_ZERO_EAGER };

/* configure --enable-hugepage may choose another one. */
#ifndef DATAMEM_DEFAULT_HUGEPAGE
#define DATAMEM_DEFAULT_HUGEPAGE "auto"
#endif

/*
 * Variables with the prefix DATAMEM_ that are not for the library; any other
 * that it does not know is reported as a likely misspelling.
 */
#define DMEM_FOREIGN_VARIABLES "DATAMEM_LIBRARY", "DATAMEM_SYSROOT", \
	"DATAMEM_TEST_*"

/*
 * DMEM_SETTING(id, name, type, default, env, low, high, words, values, meaning)
 *
 * env     variable of its own, or NULL: only through DATAMEM_CONF
 * low, high  bounds of a number, of the length of a STRING; for CHOICE unused
 * words   of a CHOICE, separated by '|'; for SIZE, a word that is allowed
 * values  accepted ones, in words
 */
#define DMEM_SETTINGS(DMEM_SETTING)                                          \
DMEM_SETTING(HUGEPAGE, "hugepage", CHOICE, DATAMEM_DEFAULT_HUGEPAGE,         \
	"DATAMEM_HUGEPAGE", 0, 0, "auto|on|off", "auto, on, off",            \
	"ask the kernel for huge pages; auto: where a probe finds them to arrive") \
DMEM_SETTING(HANDLER, "handler", STRING, "default_allocator",                \
	"DATAMEM_HANDLER", 1, 126, NULL, "name of a handler",                \
	"process-wide handler that a thread starts with")                    \
DMEM_SETTING(DEBUG, "debug", CHOICE, "none", "DATAMEM_DEBUG", 0, 0,          \
	"none|warn|trap|abort", "none, warn, trap, abort",                   \
	"what to do about double frees, foreign pointers and too large hints") \
DMEM_SETTING(CONTROL, "control", CHOICE, "on", "DATAMEM_CONTROL", 0, 0,      \
	"on|off|thread|page", "on, off, thread, page",                       \
	"control page and service thread; thread: from the start; page: no thread") \
DMEM_SETTING(CACHE_ENABLED, "cache.enabled", BOOL, "on", NULL, 0, 1, NULL,   \
	"on, off", "keep freed blocks of up to 128 KiB per thread")           \
DMEM_SETTING(CACHE_DEPTH, "cache.depth", COUNT, "128", NULL, 1, 128, NULL,   \
	"1 to 128", "most freed blocks that a thread keeps of a class")      \
DMEM_SETTING(CACHE_MAX, "cache.max", SIZE, "8M", NULL, 0, DMEM_SIZE_MAX,     \
	NULL, DMEM_SIZE_VALUES, "most bytes that a thread's cache may keep") \
DMEM_SETTING(CACHE_TOTAL, "cache.total", SIZE, "auto", NULL, 0,              \
	DMEM_SIZE_MAX, "auto", "auto, " DMEM_SIZE_VALUES,                    \
	"most bytes that the caches of all threads may keep, but for 1/1024 each") \
DMEM_SETTING(LIMIT_MAX, "limit.max", SIZE, "0", NULL, 0, DMEM_SIZE_MAX,      \
	NULL, DMEM_SIZE_VALUES "; 0: no limit",                              \
	"bytes of live blocks beyond which allocations fail")                \
DMEM_SETTING(RETAIN_MAX, "retain.max", SIZE, "auto", NULL, 0, DMEM_SIZE_MAX, \
	"auto", "auto, " DMEM_SIZE_VALUES "; 0: keep none",                  \
	"most free bytes of large blocks kept for reuse")                    \
DMEM_SETTING(RETAIN_AGE, "retain.age", COUNT, "1000", NULL, 0, 3600000,      \
	NULL, "milliseconds, up to 3600000",                                 \
	"age at which kept memory is offered to the kernel; ten times this: given back") \
DMEM_SETTING(FORK_RETAINED, "fork.retained", SIZE, "64M", NULL, 0,           \
	DMEM_SIZE_MAX, NULL, DMEM_SIZE_VALUES,                               \
	"most free bytes of large blocks kept when the process forks")       \
DMEM_SETTING(SERVICE_RETAINED, "service.retained", SIZE, "64M", NULL, 0,     \
	DMEM_SIZE_MAX, NULL, DMEM_SIZE_VALUES,                               \
	"free bytes kept for which a program without threads gets a service thread") \
DMEM_SETTING(DUMP_FREE, "dump.free", BOOL, "off", NULL, 0, 1, NULL,          \
	"on, off", "leave kept memory in core dumps; off: not what has aged") \
DMEM_SETTING(ZERO_POLICY, "zero.policy", CHOICE, "auto", NULL, 0, 0,         \
	"auto|lazy|eager", "auto, lazy, eager",                              \
	"how large zeroed blocks are made: cleared, or of pages that are zero") \
DMEM_SETTING(PLACE_NUMA, "place.numa", STRING, "", NULL, 0, 255, NULL,       \
	"local, bind:NODES, interleave:NODES; empty: as the process",        \
	"memory nodes that new memory of the arena comes from")              \
DMEM_SETTING(PLACE_PREFAULT, "place.prefault", BOOL, "off", NULL, 0, 1, NULL,\
	"on, off", "fault fresh large blocks in when they are made")         \
DMEM_SETTING(PLACE_HUGETLB, "place.hugetlb", BOOL, "off", NULL, 0, 1, NULL,  \
	"on, off",                                                           \
	"take new memory from the pool of explicit huge pages while it lasts") \
DMEM_SETTING(GUARD, "guard", RATE, "off", NULL, 0, 1000000000, NULL,         \
	"off, 1/N with N from 1 to 1000000000",                              \
	"guard one block in N against accesses beside it and once it is freed") \
DMEM_SETTING(PROFILE, "profile", SIZE, "off", NULL, 1, (size_t)1 << 40,       \
	"off", "off, " DMEM_SIZE_VALUES,                                     \
	"bytes between samples of a profile of who holds and allocates memory") \
DMEM_SETTING(PROFILE_MAX, "profile.max", SIZE, "16M", NULL, 256 * DMEM_KIB,  \
	DMEM_GIB, NULL, DMEM_SIZE_VALUES "; 256K to 1G",                     \
	"most bytes of samples and stacks that a profile keeps")             \
DMEM_SETTING(STATS_EXIT, "stats.exit", STRING, "", NULL, 0, 255, NULL,       \
	"name of a file; empty: none",                                       \
	"file to which the final statistics are appended at exit, as JSON")  \
DMEM_SETTING(INSTALL, "install", CHOICE, "off", "DATAMEM", 0, 0,             \
	"off|numpy", "off, numpy",                                           \
	"read by Python when it starts; numpy: NumPy's arrays use the library")

enum dmem_setting_id {
#define DMEM_SETTING(id, ...) DMEM_SETTING_##id,
	DMEM_SETTINGS(DMEM_SETTING)
#undef DMEM_SETTING
	DMEM_SETTINGS_COUNT
};

/*
 * Take the built-in values, then read the environment: DATAMEM_CONF, then the
 * variables of their own, which win over it. NUMPY_MADVISE_HUGEPAGE counts
 * where nothing of ours sets `hugepage`. A comma of a value in DATAMEM_CONF is
 * written "\,". Called once, by dmem_library_init().
 */
void dmem_settings_init(void);

/*
 * Log what was wrong in the environment, a line for each mistake, once. Apart
 * from dmem_settings_init() because the log function may allocate: called when
 * the library is ready, with no lock held.
 */
void dmem_settings_report(void);

/* The value in force: bytes, number, index of a word, or 0 and 1. */
uint64_t dmem_setting_value(enum dmem_setting_id id);
/* enum datamem_setting_origin of the value in force. */
int dmem_setting_origin(enum dmem_setting_id id);
/*
 * The value in force as text, normalised, copied. Truncates, always terminates.
 * The way to a STRING, whose dmem_setting_value() is its length.
 */
void dmem_setting_string(enum dmem_setting_id id, char *out, size_t out_size);
const char *dmem_setting_name(enum dmem_setting_id id);
/* The values that it accepts, in words. */
const char *dmem_setting_values(enum dmem_setting_id id);
/* The enum dmem_setting_id of a name, or -ENOENT. */
int dmem_setting_find(const char *name);

/*
 * Call changed(id) after each change of the value, on the thread that changed
 * it and with no lock held. Changes that race are told in any order: changed()
 * reads the value itself, under a lock of its own where that matters. At most
 * one watcher a setting; set at init, after the environment was read.
 */
void dmem_setting_watch(enum dmem_setting_id id,
			void (*changed)(enum dmem_setting_id id));

/*
 * Have check(id, text) called, with no lock held, before a new text is taken;
 * it returns 0 or -errno (the setting is then refused). note(id, look, out,
 * size) writes what keeps the value from acting now, or ""; not look: as far as
 * is known without tests and files. Either may be NULL. The environment's
 * values were read before and are not checked.
 */
void dmem_setting_guard(enum dmem_setting_id id,
			int (*check)(enum dmem_setting_id id, const char *text),
			void (*note)(enum dmem_setting_id id, bool look,
				     char *out, size_t out_size));

/*
 * Have observe() called, with no lock held, after any setting was set, also to
 * the value that it had. One; set at init.
 */
void dmem_settings_observe(void (*observe)(void));

/*
 * Set from a given origin; errors of datamem_setting_set(). A write of the same
 * or a higher origin than the value in force has wins; one of a lower origin is
 * refused with -EPERM and leaves no trace, so that what an operator set through
 * live control is not undone by the program.
 */
int dmem_setting_set_from(const char *name, const char *value, int origin);

/* Back to the built-in values; watchers and guards stay. For unit tests. */
void dmem_settings_reset(void);

/* datamem_setting_foreach() for a visitor of ours; any lock may be held. look:
 * as notes have it. */
int dmem_settings_each(
	int (*visit)(const struct datamem_setting *setting, void *arg),
	void *arg, bool look);

void dmem_settings_fork_prepare(void);
void dmem_settings_fork_parent(void);
bool dmem_settings_idle(unsigned int *patience);

#endif /* DMEM_SETTINGS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reads the control page of a process. It may be anything, and may change while
 * it is read: every part is copied once, within the bounds of the file, and
 * only the copy is looked at. Numbers can be nonsense; nothing that is done
 * with them depends on their sense.
 */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../live-page.h"
#include "statistics.h"

/* Where a page is read from. */
struct ctl_source {
	/* Copy n bytes at an offset; false when they cannot be had. */
	bool (*read)(const struct ctl_source *source, void *out, size_t n,
		     uint64_t offset);
	uint64_t size;
	int fd;
	const void *bytes;
};

struct ctl_class {
	uint32_t size;
	uint64_t hits, misses, cached;
};

/*
 * Numbers that the page does not hold: sums over the slots, and what follows
 * from them.
 * Threads without a slot have counts of their slow paths.
 */
struct ctl_derived {
#define STATISTIC(column, member, ctype, unit, kind, place, help)            \
	STATISTIC_DERIVED_##place(uint64_t member;)
	STATISTICS(STATISTIC)
#undef STATISTIC
};

struct ctl_page {
	struct live_header header;
	struct live_numbers numbers;
	struct live_setting settings[LIVE_SETTINGS]; /* texts terminated */
	size_t nsettings;
	struct live_lock locks[LIVE_LOCKS];          /* names terminated */
	size_t nlocks;
	struct live_handler handlers[LIVE_HANDLERS]; /* names terminated */
	size_t nhandlers;
	struct live_domain domains[LIVE_DOMAINS];
	size_t ndomains;
	struct ctl_class classes[LIVE_CLASSES];
	size_t nclasses;
	struct ctl_derived derived;
	struct ctl_statistics statistics;
};

/* NULL, or why it is no page. The header alone is one read. */
const char *ctl_page_header(const struct ctl_source *source,
			    struct live_header *out);
const char *ctl_page_read(const struct ctl_source *source,
			  struct ctl_page *out);

/* For ctl_page_read(): the handlers that the program has registered, and the
 * accounts of domains; none where an older library has no such parts. */
void ctl_page_read_handlers(const struct ctl_source *source,
			    struct ctl_page *page);
void ctl_page_read_domains(const struct ctl_source *source,
			   struct ctl_page *page);

/* NULL when the page has no such setting. */
const struct live_setting *ctl_page_setting(const struct ctl_page *page,
					    const char *name);

/* Sources. */
struct ctl_source ctl_source_file(int fd, uint64_t size);
struct ctl_source ctl_source_memory(const void *bytes, uint64_t size);

#endif /* CTL_PAGE_H */

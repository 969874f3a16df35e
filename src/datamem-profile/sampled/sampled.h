/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A profile in the tool's own memory: sites (stacks with a handler and a
 * domain) and live blocks that were sampled, each with what it stands for.
 * profile-page.h has the layout it is read from, and the estimate.
 */
#ifndef SAMPLED_H
#define SAMPLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../profile-page.h"

#define SAMPLED_NONE SIZE_MAX

/* Of source code; texts are NULL where they are not known. */
struct sampled_line {
	const char *function, *file;
	unsigned int line;
};

/* A frame. Native code has several lines where functions were inlined. */
struct sampled_place {
	bool python;
	uint64_t address;         /* native: that of the instruction behind */
	size_t mapping;           /* native; SAMPLED_NONE: none is known */
	const struct sampled_line *lines;  /* innermost first */
	size_t nlines;
	struct sampled_line own;  /* where lines is one of Python */
};

struct sampled_site {
	size_t first, n;          /* places, innermost first */
	size_t natives;           /* so many of them */
	const char *handler;
	uint32_t domain;
	unsigned int flags;       /* enum profile_stack_flags */
	double alloc_count, alloc_bytes, peak;
};

struct sampled_block {
	size_t site;
	uint64_t address, size, interval;
	double age;               /* seconds */
	double weight;            /* blocks that it stands for: 1 / p */
	double resident, huge;    /* parts of its bytes, 0 to 1 */
};

struct sampled_mapping {
	uint64_t start, end, bias, offset;
	size_t stacks;
	const char *path;
	size_t build_id_bytes;
	uint8_t build_id[20];
};

struct sampled {
	struct profile_header header;
	pid_t pid;                /* 0: from a file */
	char *strings;            /* printable, each ends */
	struct sampled_place *places;
	struct sampled_site *sites;
	struct sampled_block *blocks;
	struct sampled_mapping *mappings;
	size_t nplaces, nsites, nblocks, nmappings;
	size_t unread;            /* entries that never were whole */
	bool resident_known, huge_known;
	double sign;              /* 1, or -1: what others are compared with */
};

/*
 * A process's profile, or a file's, as the argument of a command names it:
 * digits are a PID, what begins with a letter is a process's name unless there
 * is such a file. NULL, or why there is none; the caller frees that.
 */
char *sampled_open(const char *name, struct sampled *out);
char *sampled_open_process(pid_t pid, struct sampled *out);
bool sampled_is_file(const char *name);
/* The one process of this name; NULL, or why not. */
char *sampled_named(const char *name, pid_t *pid);
/*
 * The profiles of all processes that were chosen, *n of them; of several, those
 * that have one. False: there is none; *error says why, or is NULL where that
 * has been said. The caller frees the array.
 */
struct ctl_targets;
bool sampled_open_chosen(struct ctl_targets *targets, struct sampled **out,
			 size_t *n, char **error);
void sampled_free(struct sampled *profile);
/* Write the profile of a process or file, unread, to another file, which stays as
 * it is where there is nothing to copy. */
char *sampled_copy(const char *name, const char *path);

/* The same from memory, whatever it holds; NULL, or why not. */
struct ctl_source;
const char *sampled_read(const struct ctl_source *source, uint64_t now,
			 struct sampled *out);
/* Ask the kernel which parts of the live blocks are resident and huge. */
void sampled_residency(struct sampled *profile);

/* The line of the program itself that a site stands for; NULL: none. */
const struct sampled_line *sampled_own_line(const struct sampled *profile,
					    const struct sampled_site *site);

/* Estimates; `variance` is that of live bytes. */
struct sampled_numbers {
	double live, peak, allocated, resident, huge, variance;
	double live_count, alloc_count;
};

enum sampled_by {
	SAMPLED_LINE, SAMPLED_FUNCTION, SAMPLED_HANDLER, SAMPLED_DOMAIN,
	SAMPLED_AGE, SAMPLED_STACK, SAMPLED_WAYS
};

struct sampled_row {
	char *key;
	const struct sampled *profile;    /* a site of the row */
	const struct sampled_site *site;
	struct sampled_numbers numbers;
};

struct sampled_rows {
	struct sampled_row *rows;
	size_t n;
	/* What is known of all of them. */
	bool whole;               /* allocated, peak */
	bool resident, huge;
};

/*
 * One row for all sites of a line, a handler ..., the largest first. Blocks
 * younger than `older` seconds are left out; with several profiles, their
 * signs count.
 */
struct sampled_rows sampled_rows_make(const struct sampled *profiles, size_t n,
				      enum sampled_by by, double older);
void sampled_rows_free(struct sampled_rows *rows);
/* The live numbers of each site, an array of profile->nsites. */
struct sampled_numbers *sampled_sites(const struct sampled *profile,
				      double older);

/* A line as text, "file:line(function)"; the caller frees it. */
char *sampled_line_text(const struct sampled_line *line);

/* Texts by number: equal ones have one. All zero: none. */
struct sampled_texts {
	char **texts;
	size_t n, room, nbytes;
	size_t *slots;            /* number + 1 */
	size_t nslots;
};
size_t sampled_texts_add(struct sampled_texts *texts, const char *text);
/* A table beside the texts, of *room items of `size` bytes, with an item for each
 * text from now on; what is new is zero. NULL with no room: none yet. */
void *sampled_texts_beside(const struct sampled_texts *texts, void *items,
			   size_t *room, size_t size);
void sampled_texts_free(struct sampled_texts *texts);

#endif /* SAMPLED_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Adds up what sites and blocks stand for, by line, handler, age ... */
#include "tool.h"
#include "sampled.h"

#include <math.h>

static const struct {
	double seconds;
	const char *name;
} ages[] = {
	{ 1, "below 1s" }, { 10, "1s to 10s" }, { 60, "10s to 1m" },
	{ 600, "1m to 10m" }, { 3600, "10m to 1h" }, { 86400, "1h to 1d" },
	{ INFINITY, "1d and more" },
};

/* Of packages, not of the program: what it calls to have memory. */
static bool is_package(const char *file)
{
	static const char *const parts[] = {
		"/site-packages/", "/dist-packages/", "/lib/python3",
		"/lib64/python3", "/datamem/_", "/usr/include/",
		"/datamem.hpp", "/usr/lib/", "/usr/lib64/",
		/* clang: /usr/bin/../lib/gcc/.../include/c++/12 */
		"/include/c++/",
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(parts); i++)
		if (strstr(file, parts[i]))
			return true;
	/* "<frozen runpy>", "<__array_function__ internals>" of NumPy; those of
	 * a session, "<stdin>", are its own. */
	return strncmp(file, "<frozen", 7) == 0 || strncmp(file, "<__", 3) == 0;
}

/* "std::vector<int>::reserve(...)", "void std::sort<...>(...)": by name alone. */
static bool is_standard(const char *function)
{
	const char *at = strstr(function, "std::");

	return at && at < function + strcspn(function, "<(");
}

/* A file of the program's own, or an object without source outside of /lib. */
static bool is_own(const struct sampled *profile,
		   const struct sampled_place *place,
		   const struct sampled_line *line)
{
	const char *path;

	if (line->file)
		return !is_package(line->file);
	if (place->python || place->mapping == SAMPLED_NONE ||
	    (line->function && is_standard(line->function)))
		return false;
	path = profile->mappings[place->mapping].path;
	return path[0] == '/' && !is_package(path) &&
	       strncmp(path, "/lib", 4) != 0;
}

const struct sampled_line *sampled_own_line(const struct sampled *profile,
					    const struct sampled_site *site)
{
	/* Where there is a line of Python, it says more than those of C. */
	size_t skip = site->n > site->natives ? site->natives : 0;
	const struct sampled_line *innermost = NULL;

	for (size_t i = skip; i < site->n; i++) {
		const struct sampled_place *place =
			&profile->places[site->first + i];

		for (size_t k = 0; k < place->nlines; k++) {
			if (!innermost)
				innermost = &place->lines[k];
			if (is_own(profile, place, &place->lines[k]))
				return &place->lines[k];
		}
	}
	return innermost;
}

char *sampled_line_text(const struct sampled_line *line)
{
	if (!line)
		return ctl_strdup("(no stack)");
	if (!line->file)
		return ctl_strdup(line->function ? line->function : "?");
	if (line->line == 0)
		return ctl_printf("%s(%s)", line->file,
				  line->function ? line->function : "?");
	return ctl_printf("%s:%u(%s)", line->file, line->line,
			  line->function ? line->function : "?");
}

/* The name at the end of a path. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *function_key(const struct sampled_line *line)
{
	if (!line || !line->function || !line->file)
		return sampled_line_text(line);
	return ctl_printf("%s (%s)", line->function, base_name(line->file));
}

/* All frames, innermost first, by what is known of them. */
static char *stack_key(const struct sampled *profile,
		       const struct sampled_site *site)
{
	char *key = NULL;
	size_t size;
	FILE *stream = open_memstream(&key, &size);

	if (!stream)
		ctl_die("%s", strerror(errno));
	for (size_t i = 0; i < site->n; i++) {
		const struct sampled_place *place =
			&profile->places[site->first + i];

		for (size_t k = 0; k < place->nlines; k++) {
			char *text = sampled_line_text(&place->lines[k]);

			fprintf(stream, "%s\n", text);
			free(text);
		}
	}
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(ENOMEM));
	return key;
}

static char *site_key(const struct sampled *profile,
		      const struct sampled_site *site, enum sampled_by by)
{
	switch (by) {
	case SAMPLED_HANDLER:
		return ctl_strdup(site->handler[0] != '\0' ? site->handler
							   : "?");
	case SAMPLED_DOMAIN:
		return ctl_printf("%u", site->domain);
	case SAMPLED_FUNCTION:
		return function_key(sampled_own_line(profile, site));
	case SAMPLED_STACK:
		return stack_key(profile, site);
	default:
		return sampled_line_text(sampled_own_line(profile, site));
	}
}

static void add_numbers(struct sampled_numbers *to,
			const struct sampled_numbers *n, double sign)
{
	to->live += sign * n->live;
	to->peak += sign * n->peak;
	to->allocated += sign * n->allocated;
	to->resident += sign * n->resident;
	to->huge += sign * n->huge;
	to->variance += n->variance;
	to->live_count += sign * n->live_count;
	to->alloc_count += sign * n->alloc_count;
}

static void add_block(struct sampled_numbers *to,
		      const struct sampled_block *block, double sign)
{
	double nbytes = (double)block->size * block->weight;
	struct sampled_numbers n = {
		.live = nbytes,
		.resident = nbytes * block->resident,
		.huge = nbytes * block->huge,
		.variance = nbytes * nbytes * (1 - 1 / block->weight),
		.live_count = block->weight,
	};

	add_numbers(to, &n, sign);
}

struct sampled_numbers *sampled_sites(const struct sampled *profile,
				      double older)
{
	struct sampled_numbers *numbers = ctl_alloc(profile->nsites,
						    sizeof(*numbers));

	for (size_t i = 0; i < profile->nblocks; i++)
		if (profile->blocks[i].age >= older)
			add_block(&numbers[profile->blocks[i].site],
				  &profile->blocks[i], 1);
	for (size_t i = 0; i < profile->nsites && older == 0; i++) {
		numbers[i].allocated = profile->sites[i].alloc_bytes;
		numbers[i].alloc_count = profile->sites[i].alloc_count;
		numbers[i].peak = profile->sites[i].peak;
	}
	return numbers;
}

/* Rows by key, in the order in which they were met. */
struct table {
	struct sampled_texts keys;
	struct sampled_row *rows;
	size_t room;
};

static struct sampled_row *find_row(struct table *table, const char *key)
{
	size_t i = sampled_texts_add(&table->keys, key);

	table->rows = sampled_texts_beside(&table->keys, table->rows,
					   &table->room, sizeof(*table->rows));
	return &table->rows[i];
}

static void add_sites(struct table *table, const struct sampled *profile,
		      enum sampled_by by, double older)
{
	struct sampled_numbers *numbers = sampled_sites(profile, older);

	for (size_t i = 0; i < profile->nsites; i++) {
		const struct sampled_site *site = &profile->sites[i];
		struct sampled_row *row;
		char *key;

		if (numbers[i].live == 0 && numbers[i].allocated == 0)
			continue;
		key = site_key(profile, site, by);
		row = find_row(table, key);
		free(key);
		if (!row->site) {
			row->site = site;
			row->profile = profile;
		}
		add_numbers(&row->numbers, &numbers[i], profile->sign);
	}
	free(numbers);
}

static void add_ages(struct table *table, const struct sampled *profile,
		     double older)
{
	for (size_t i = 0; i < profile->nblocks; i++) {
		const struct sampled_block *block = &profile->blocks[i];
		size_t age = 0;

		while (block->age >= ages[age].seconds)
			age++;
		if (block->age >= older)
			add_block(&find_row(table, ages[age].name)->numbers,
				  block, profile->sign);
	}
}

static int by_size(const void *a, const void *b)
{
	const struct sampled_row *first = a, *second = b;
	const struct sampled_numbers *x = &first->numbers;
	const struct sampled_numbers *y = &second->numbers;
	double live = fabs(y->live) - fabs(x->live);
	double allocated = fabs(y->allocated) - fabs(x->allocated);

	if (live != 0)
		return live > 0 ? 1 : -1;
	return (allocated > 0) - (allocated < 0);
}

struct sampled_rows sampled_rows_make(const struct sampled *profiles, size_t n,
				      enum sampled_by by, double older)
{
	struct sampled_rows rows = {
		.whole = by != SAMPLED_AGE && older == 0,
		.resident = true, .huge = true,
	};
	struct table table = { .rows = NULL };

	for (size_t i = 0; i < n; i++) {
		rows.resident = rows.resident && profiles[i].resident_known;
		rows.huge = rows.huge && profiles[i].huge_known;
		if (by == SAMPLED_AGE)
			add_ages(&table, &profiles[i], older);
		else
			add_sites(&table, &profiles[i], by, older);
	}
	rows.rows = table.rows;
	rows.n = table.keys.n;
	for (size_t i = 0; i < rows.n; i++)
		rows.rows[i].key = ctl_strdup(table.keys.texts[i]);
	sampled_texts_free(&table.keys);
	if (rows.n > 1)
		qsort(rows.rows, rows.n, sizeof(*rows.rows), by_size);
	return rows;
}

void sampled_rows_free(struct sampled_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->rows[i].key);
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}

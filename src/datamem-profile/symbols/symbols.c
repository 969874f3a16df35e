/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Names every native place of a profile, each address once. */
#include "tool.h"
#include "symbols.h"

#include "demangle.h"
#include "object.h"
#include "output/output.h"

/* Programs and libraries that are opened for one profile. */
#define OBJECTS_MOST 1024

/* What is known of an address. */
struct known {
	struct sampled_line *lines;
	size_t n;
};

/* Kept for the life of the tool: texts that lines refer to, and the lines. */
static struct sampled_texts names;
static struct known *known;
static size_t nknown;

struct objects {
	struct sampled_texts keys;  /* path and bias */
	struct object *opened[OBJECTS_MOST];
};

struct collected {
	struct sampled_line *lines;
	size_t n;
};

/* The number of a text is stable, its address, too. */
static const char *keep(const char *text)
{
	size_t i = sampled_texts_add(&names, text);

	return names.texts[i];
}

/* Symbols of a file, too, may hold anything. */
static const char *keep_printable(const char *text)
{
	char *copy = ctl_printable(text);
	const char *kept = keep(copy);

	free(copy);
	return kept;
}

static const char *keep_function(const char *symbol)
{
	char *name = demangle(symbol);
	const char *kept = keep_printable(name);

	free(name);
	return kept;
}

static void collect(void *arg, const struct sampled_line *line)
{
	struct collected *to = arg;

	to->lines = ctl_realloc(to->lines, to->n + 1, sizeof(*to->lines));
	to->lines[to->n++] = (struct sampled_line){
		.function = line->function ? keep_function(line->function)
					   : "?",
		.file = line->file ? keep_printable(line->file) : NULL,
		.line = line->line,
	};
}

/* "libfoo.so.1+0x12ab", the address as in the file; in no file, as it was. */
static void collect_address(const struct sampled *profile,
			    const struct sampled_place *place,
			    struct collected *to)
{
	const struct sampled_mapping *m;
	const char *slash;
	char *text;

	if (place->mapping == SAMPLED_NONE) {
		text = ctl_printf("0x%llx",
				  (unsigned long long)place->address);
	} else {
		m = &profile->mappings[place->mapping];
		slash = strrchr(m->path, '/');
		text = ctl_printf("%s+0x%llx",
				  slash ? slash + 1 : m->path[0] != '\0' ?
					  m->path : "[kernel]",
				  (unsigned long long)(place->address - 1 -
						       m->bias));
	}
	collect(to, &(struct sampled_line){ text, NULL, 0 });
	free(text);
}

static struct object *find_object(const struct sampled *profile,
				  struct objects *objects, size_t mapping)
{
	const struct sampled_mapping *m = &profile->mappings[mapping];
	size_t before = objects->keys.n, i;
	char *key;

	if (before == OBJECTS_MOST)
		return NULL;
	key = ctl_printf("%llx %s", (unsigned long long)m->bias, m->path);
	i = sampled_texts_add(&objects->keys, key);
	free(key);
	if (objects->keys.n > before)
		objects->opened[i] = object_open(m, profile->pid);
	return objects->opened[i];
}

static void find_lines(const struct sampled *profile, struct objects *objects,
		       const struct sampled_place *place, struct known *to)
{
	struct collected collected = { NULL, 0 };
	struct object *object = NULL;

	if (place->mapping != SAMPLED_NONE)
		object = find_object(profile, objects, place->mapping);
	/* The call is before the address that it returns to. */
	if (!object || object_lines(object, place->address - 1, collect,
				    &collected) == 0)
		collect_address(profile, place, &collected);
	to->lines = collected.lines;
	to->n = collected.n;
}

/* The number of what is known of a place; found out once. */
static size_t look_up(const struct sampled *profile,
		      struct sampled_texts *addresses, size_t first,
		      struct objects *objects,
		      const struct sampled_place *place)
{
	size_t before = addresses->n, i;
	char key[64];

	snprintf(key, sizeof(key), "%zx %llx", place->mapping,
		 (unsigned long long)place->address);
	i = first + sampled_texts_add(addresses, key);
	if (addresses->n > before) {
		if ((nknown & (nknown - 1)) == 0)
			known = ctl_realloc(known, nknown > 0 ? 2 * nknown : 1,
					    sizeof(*known));
		nknown++;
		find_lines(profile, objects, place, &known[i]);
	}
	return i;
}

void symbols_resolve(struct sampled *profile)
{
	struct sampled_texts addresses = { .n = 0 };
	struct objects *objects = ctl_alloc(1, sizeof(*objects));
	size_t first = nknown;

	for (size_t i = 0; i < profile->nplaces; i++) {
		struct sampled_place *place = &profile->places[i];
		size_t at;

		if (place->python)
			continue;
		at = look_up(profile, &addresses, first, objects, place);
		place->lines = known[at].lines;
		place->nlines = known[at].n;
	}
	for (size_t i = 0; i < objects->keys.n; i++)
		if (objects->opened[i])
			object_close(objects->opened[i]);
	sampled_texts_free(&objects->keys);
	sampled_texts_free(&addresses);
	free(objects);
}

void symbols_free(void)
{
	for (size_t i = 0; i < nknown; i++)
		free(known[i].lines);
	free(known);
	known = NULL;
	nknown = 0;
	sampled_texts_free(&names);
}

const char *symbols_missing(void)
{
	return object_missing();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reads a profile, whatever it holds, while it changes: every part is copied
 * (part.c), and only the copy is looked at.
 */
#include "tool.h"
#include "sampled.h"

#include <math.h>

#include "process/process.h"
#include "part.h"

/* More than any setting of profile.max gives. */
#define SIZE_MOST ((uint64_t)1 << 30)
/* A text is cut there: paths are not longer. */
#define TEXT_MOST 4096u
/* Mappings looked at for addresses: 100,000 frames in 10,000 of them. */
#define SEARCH_MOST 1000000000u

static const char *check_header(const struct ctl_source *source,
				const struct profile_header *h)
{
	if (memcmp(h->magic, PROFILE_MAGIC, sizeof(h->magic)) != 0)
		return "it is not (yet) a profile of libdatamem";
	if (h->layout != PROFILE_LAYOUT)
		return "the profile has a layout that this tool does not know";
	if (h->header_bytes < sizeof(*h) || h->file_bytes != source->size ||
	    source->size > SIZE_MOST ||
	    h->strings_used > h->strings_bytes ||
	    h->strings_offset > source->size ||
	    h->strings_bytes > source->size - h->strings_offset)
		return "the header of the profile is damaged";
	return NULL;
}

/* Bytes of a character of UTF-8 that is well-formed and no control; 0: none. */
static size_t character(const unsigned char *c)
{
	size_t n = *c < 0x80 ? 1 : *c >= 0xc2 && *c < 0xe0 ? 2 :
		   *c >= 0xe0 && *c < 0xf0 ? 3 : *c >= 0xf0 && *c < 0xf5 ? 4 : 0;

	if (n <= 1)
		return *c >= ' ' && *c != 0x7f ? n : 0;
	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong, surrogates, controls of Latin-1, beyond Unicode, and what
	 * XML does not take. */
	if ((c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xe0 && c[1] < 0xa0) ||
	    (c[0] == 0xed && c[1] >= 0xa0) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] >= 0x90) ||
	    (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe))
		return 0;
	return n;
}

/* Texts that a terminal, an XML and a JSON reader can be given. */
static void make_printable(char *strings, size_t nbytes)
{
	size_t length = 0;

	for (size_t i = 0; i < nbytes;) {
		unsigned char *c = (unsigned char *)strings + i;
		size_t n = *c == '\0' ? 0 : character(c);

		length = *c == '\0' ? 0 : length + n + (n == 0);
		if (length + 4 > TEXT_MOST) {
			*c = '\0';
			length = 0;
		} else if (n == 0 && *c != '\0') {
			*c = '?';
		}
		i += n > 0 && *c != '\0' ? n : 1;
	}
}

static bool read_strings(const struct ctl_source *source, struct sampled *out)
{
	size_t nbytes = out->header.strings_used;

	/* Zeros behind it end the last one. */
	out->strings = ctl_alloc(nbytes + 8, 1);
	if (!source->read(source, out->strings, nbytes,
			  out->header.strings_offset))
		return false;
	make_printable(out->strings, nbytes);
	return true;
}

static const char *text_at(const struct sampled *profile, uint32_t offset)
{
	/* The zero behind the last text is one of its own. */
	return profile->strings + (offset < profile->header.strings_used ?
				   offset : profile->header.strings_used);
}

static bool read_mappings(const struct ctl_source *source, struct sampled *out)
{
	struct sampled_part part = SAMPLED_PART(&out->header, mapping,
						mappings,
						struct profile_mapping);
	struct profile_mapping *from = (void *)sampled_part_read(source, &part);

	if (!from)
		return false;
	out->nmappings = part.used;
	out->mappings = ctl_alloc(part.used, sizeof(*out->mappings));
	for (size_t i = 0; i < out->nmappings; i++) {
		struct sampled_mapping *to = &out->mappings[i];

		to->start = from[i].start;
		to->end = from[i].end;
		to->bias = from[i].bias;
		to->offset = from[i].offset;
		to->stacks = from[i].stacks;
		to->path = text_at(out, from[i].path);
		to->build_id_bytes = from[i].build_id_bytes;
		if (to->build_id_bytes > sizeof(to->build_id))
			to->build_id_bytes = 0;
		memcpy(to->build_id, from[i].build_id, sizeof(to->build_id));
	}
	free(from);
	return true;
}

static bool read_places(const struct ctl_source *source, struct sampled *out)
{
	struct sampled_part part = SAMPLED_PART(&out->header, frame, frames,
						struct profile_frame);
	struct profile_frame *from = (void *)sampled_part_read(source, &part);

	if (!from)
		return false;
	out->nplaces = part.used;
	out->places = ctl_alloc(part.used, sizeof(*out->places));
	for (size_t i = 0; i < out->nplaces; i++) {
		struct sampled_place *to = &out->places[i];

		to->mapping = SAMPLED_NONE;
		to->python = from[i].kind == PROFILE_PYTHON;
		if (!to->python) {
			to->address = from[i].u.address;
			continue;
		}
		to->own.function = text_at(out, from[i].u.python.function);
		to->own.file = text_at(out, from[i].u.python.file);
		to->own.line = from[i].line;
		to->lines = &to->own;
		to->nlines = 1;
	}
	free(from);
	return true;
}

/*
 * Later mappings hold for later stacks. Looks into `budget` of them at most, for
 * all stacks together, so that a table made to be slow is not.
 */
static size_t find_mapping(const struct sampled *profile, size_t site,
			   uint64_t address, size_t *budget)
{
	for (size_t i = profile->nmappings; i-- > 0 && *budget > 0; --*budget) {
		const struct sampled_mapping *m = &profile->mappings[i];

		/* Of a call at the very end, the address is behind it. */
		if (m->stacks <= site && address > m->start &&
		    address <= m->end)
			return i;
	}
	return SAMPLED_NONE;
}

/* Python's way to a script and that of `python3 -m datamem`. */
static bool begins_program(const struct sampled_place *place)
{
	static const char *const files[] = {
		"<frozen runpy>", "/datamem/__main__.py", "/datamem/_run.py",
		"/lib/python3.9/runpy.py", "/lib/python3.10/runpy.py",
	};

	for (size_t i = 0; place->python && i < CTL_ARRAY_SIZE(files); i++)
		if (strstr(place->own.file, files[i]))
			return true;
	return false;
}

/* They are in every stack of a program, and say nothing. */
static void cut_beginning(const struct sampled *profile,
			  struct sampled_site *site)
{
	size_t n = site->n;

	while (n > site->natives &&
	       begins_program(&profile->places[site->first + n - 1]))
		n--;
	if (n > site->natives)
		site->n = n;
}

static void fill_site(struct sampled *out, size_t i,
		      const struct profile_stack *from, size_t *budget)
{
	struct sampled_site *to = &out->sites[i];

	to->handler = text_at(out, from->handler);
	to->domain = from->domain;
	to->flags = from->flags;
	to->alloc_count = (double)from->allocated.count / PROFILE_COUNT_UNIT;
	to->alloc_bytes = (double)from->allocated.bytes;
	to->peak = (double)from->peak;
	if (from->natives > PROFILE_NATIVE_MAX ||
	    from->pythons > PROFILE_PYTHON_MAX ||
	    from->frames_first > out->nplaces ||
	    (size_t)from->natives + from->pythons >
		    out->nplaces - from->frames_first)
		return;
	to->first = from->frames_first;
	to->natives = from->natives;
	to->n = (size_t)from->natives + from->pythons;
	for (size_t k = to->first; k < to->first + to->n; k++) {
		struct sampled_place *place = &out->places[k];

		if (!place->python && place->mapping == SAMPLED_NONE)
			place->mapping = find_mapping(out, i,
						      place->address, budget);
	}
	cut_beginning(out, to);
}

static bool read_sites(const struct ctl_source *source, struct sampled *out)
{
	struct sampled_part part = SAMPLED_PART(&out->header, stack, stacks,
						struct profile_stack);
	struct profile_stack *from =
		(void *)sampled_part_read_changing(source, &part, &out->unread);
	size_t budget = SEARCH_MOST;

	if (!from)
		return false;
	out->nsites = part.used;
	out->sites = ctl_alloc(part.used, sizeof(*out->sites));
	for (size_t i = 0; i < out->nsites; i++)
		fill_site(out, i, &from[i], &budget);
	free(from);
	return true;
}

static void add_block(struct sampled *out, const struct profile_sample *from,
		      uint64_t now)
{
	struct sampled_block *to = &out->blocks[out->nblocks];
	double ratio;

	if (from->address == 0 || from->size == 0 || from->interval == 0 ||
	    from->stack >= out->nsites || from->size > INT64_MAX)
		return;
	ratio = (double)from->size / (double)from->interval;
	to->site = from->stack;
	to->address = from->address;
	to->size = from->size;
	to->interval = from->interval;
	to->age = now > from->time ? (double)(now - from->time) * 1e-9 : 0;
	to->weight = -1 / expm1(-ratio);
	out->nblocks++;
}

static bool read_blocks(const struct ctl_source *source, uint64_t now,
			struct sampled *out)
{
	struct sampled_part part = SAMPLED_PART(&out->header, sample, samples,
						struct profile_sample);
	struct profile_sample *from =
		(void *)sampled_part_read_changing(source, &part, &out->unread);

	if (!from)
		return false;
	if (out->header.state == PROFILE_COPY)
		now = out->header.written;
	out->blocks = ctl_alloc(part.used, sizeof(*out->blocks));
	for (size_t i = 0; i < part.used; i++)
		add_block(out, &from[i], now);
	free(from);
	return true;
}

/* What came after the header was read is left out, and who refers to it. */
const char *sampled_read(const struct ctl_source *source, uint64_t now,
			 struct sampled *out)
{
	const char *error;

	memset(out, 0, sizeof(*out));
	out->sign = 1;
	if (!source->read(source, &out->header, sizeof(out->header), 0))
		return "it is too short for a profile of libdatamem";
	error = check_header(source, &out->header);
	if (error)
		return error;
	if (!read_strings(source, out) || !read_mappings(source, out) ||
	    !read_places(source, out) || !read_sites(source, out) ||
	    !read_blocks(source, now, out)) {
		sampled_free(out);
		return "the profile is damaged";
	}
	return NULL;
}

void sampled_free(struct sampled *profile)
{
	free(profile->strings);
	free(profile->places);
	free(profile->sites);
	free(profile->blocks);
	free(profile->mappings);
	memset(profile, 0, sizeof(*profile));
}

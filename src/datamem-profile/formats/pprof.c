/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * profile.proto of github.com/google/pprof, which pprof, Pyroscope and others
 * read. Names of messages and numbers of fields are those of its definition.
 */
#include "tool.h"
#include "formats.h"

#include "protobuf.h"
#include "stack.h"

enum pprof_field {
	PPROF_SAMPLE_TYPE = 1, PPROF_SAMPLE = 2, PPROF_MAPPING = 3,
	PPROF_LOCATION = 4, PPROF_FUNCTION = 5, PPROF_STRING_TABLE = 6,
	PPROF_TIME_NANOS = 9, PPROF_DURATION_NANOS = 10,
	PPROF_PERIOD_TYPE = 11, PPROF_PERIOD = 12,
	PPROF_DEFAULT_SAMPLE_TYPE = 14,
};
enum { VALUE_TYPE = 1, VALUE_UNIT = 2 };
enum { SAMPLE_LOCATION_ID = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STR = 2, LABEL_NUM = 3 };
enum {
	MAPPING_ID = 1, MAPPING_START = 2, MAPPING_LIMIT = 3,
	MAPPING_OFFSET = 4, MAPPING_FILENAME = 5, MAPPING_BUILD_ID = 6,
	MAPPING_HAS_FUNCTIONS = 7, MAPPING_HAS_FILENAMES = 8,
	MAPPING_HAS_LINE_NUMBERS = 9, MAPPING_HAS_INLINE_FRAMES = 10,
};
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3,
       LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3,
       FUNCTION_FILENAME = 4 };

static const struct {
	const char *type, *unit;
} values[] = {
	{ "alloc_objects", "count" }, { "alloc_space", "bytes" },
	{ "inuse_objects", "count" }, { "inuse_space", "bytes" },
	{ "resident_space", "bytes" }, { "huge_space", "bytes" },
};

#define DEFAULT_VALUE "inuse_space"

struct writer {
	struct protobuf profile;
	/* Ids are numbers of keys and begin with 1. */
	struct sampled_texts strings, functions, locations;
	size_t nmappings;         /* of the profiles before this one */
};

static uint64_t string(struct writer *w, const char *text)
{
	return sampled_texts_add(&w->strings, text);
}

static void put_value_type(struct writer *w, unsigned int field,
			   const char *type, const char *unit)
{
	struct protobuf value = { 0 };

	protobuf_number(&value, VALUE_TYPE, string(w, type));
	protobuf_number(&value, VALUE_UNIT, string(w, unit));
	protobuf_put(&w->profile, field, &value);
	free(value.bytes);
}

static void put_mapping(struct writer *w, const struct sampled_mapping *m,
			size_t id)
{
	char build_id[2 * sizeof(m->build_id) + 1] = "";
	struct protobuf mapping = { 0 };

	for (size_t i = 0; i < m->build_id_bytes; i++)
		snprintf(build_id + 2 * i, 3, "%02x", m->build_id[i]);
	protobuf_number(&mapping, MAPPING_ID, id);
	protobuf_number(&mapping, MAPPING_START, m->start);
	protobuf_number(&mapping, MAPPING_LIMIT, m->end);
	protobuf_number(&mapping, MAPPING_OFFSET, m->offset);
	protobuf_number(&mapping, MAPPING_FILENAME, string(w, m->path));
	protobuf_number(&mapping, MAPPING_BUILD_ID, string(w, build_id));
	/* So that readers do not look for names again. */
	protobuf_number(&mapping, MAPPING_HAS_FUNCTIONS, 1);
	protobuf_number(&mapping, MAPPING_HAS_FILENAMES, 1);
	protobuf_number(&mapping, MAPPING_HAS_LINE_NUMBERS, 1);
	protobuf_number(&mapping, MAPPING_HAS_INLINE_FRAMES, 1);
	protobuf_put(&w->profile, PPROF_MAPPING, &mapping);
	free(mapping.bytes);
}

static uint64_t function_id(struct writer *w, const struct sampled_line *line)
{
	const char *name = line->function ? line->function : "?";
	char *key = ctl_printf("%s\n%s", name, line->file ? line->file : "");
	size_t before = w->functions.n;
	uint64_t id = sampled_texts_add(&w->functions, key) + 1;
	struct protobuf function = { 0 };

	free(key);
	if (w->functions.n == before)
		return id;
	protobuf_number(&function, FUNCTION_ID, id);
	protobuf_number(&function, FUNCTION_NAME, string(w, name));
	protobuf_number(&function, FUNCTION_SYSTEM_NAME, string(w, name));
	if (line->file)
		protobuf_number(&function, FUNCTION_FILENAME,
				string(w, line->file));
	protobuf_put(&w->profile, PPROF_FUNCTION, &function);
	free(function.bytes);
	return id;
}

static char *location_key(struct writer *w, const struct sampled_place *place)
{
	if (place->python)
		return ctl_printf("%s\n%s\n%u", place->own.file,
				  place->own.function, place->own.line);
	return ctl_printf("%zu %llx", w->nmappings,
			  (unsigned long long)place->address);
}

/* The lines of a location: the innermost first. */
static void put_location(struct writer *w, const struct sampled_place *place,
			 uint64_t id)
{
	struct protobuf location = { 0 }, line = { 0 };

	protobuf_number(&location, LOCATION_ID, id);
	if (place->mapping != SAMPLED_NONE)
		protobuf_number(&location, LOCATION_MAPPING,
				w->nmappings + place->mapping + 1);
	protobuf_number(&location, LOCATION_ADDRESS, place->address);
	for (size_t i = 0; i < place->nlines; i++) {
		protobuf_number(&line, LINE_FUNCTION,
				function_id(w, &place->lines[i]));
		protobuf_number(&line, LINE_LINE, place->lines[i].line);
		protobuf_put(&location, LOCATION_LINE, &line);
	}
	protobuf_put(&w->profile, PPROF_LOCATION, &location);
	free(line.bytes);
	free(location.bytes);
}

static uint64_t location_id(struct writer *w, const struct sampled_place *place)
{
	char *key = location_key(w, place);
	size_t before = w->locations.n;
	uint64_t id = sampled_texts_add(&w->locations, key) + 1;

	free(key);
	if (w->locations.n > before)
		put_location(w, place, id);
	return id;
}

static void put_label(struct writer *w, struct protobuf *sample,
		      const char *key, const char *text, uint64_t number)
{
	struct protobuf label = { 0 };

	protobuf_number(&label, LABEL_KEY, string(w, key));
	if (text)
		protobuf_number(&label, LABEL_STR, string(w, text));
	else
		protobuf_number(&label, LABEL_NUM, number);
	protobuf_put(sample, SAMPLE_LABEL, &label);
	free(label.bytes);
}

static void put_sample(struct writer *w, const struct sampled *profile,
		       const struct sampled_site *site,
		       const struct sampled_numbers *n)
{
	const double numbers[] = {
		n->alloc_count, n->allocated, n->live_count, n->live,
		n->resident, n->huge,
	};
	struct protobuf sample = { 0 }, packed = { 0 };

	for (size_t i = 0; i < site->n; i++)
		protobuf_packed(&packed,
				location_id(w, &profile->places[site->first +
								i]));
	protobuf_put(&sample, SAMPLE_LOCATION_ID, &packed);
	for (size_t i = 0; i < CTL_ARRAY_SIZE(numbers); i++)
		protobuf_packed(&packed, (uint64_t)stack_round(profile->sign *
							       numbers[i]));
	protobuf_put(&sample, SAMPLE_VALUE, &packed);
	if (site->handler[0] != '\0')
		put_label(w, &sample, "handler", site->handler, 0);
	if (site->domain != 0)
		put_label(w, &sample, "domain", NULL, site->domain);
	protobuf_put(&w->profile, PPROF_SAMPLE, &sample);
	free(packed.bytes);
	free(sample.bytes);
}

static void put_profile(struct writer *w, const struct sampled *profile,
			double older)
{
	struct sampled_numbers *numbers = sampled_sites(profile, older);

	for (size_t i = 0; i < profile->nmappings; i++)
		put_mapping(w, &profile->mappings[i], w->nmappings + i + 1);
	for (size_t i = 0; i < profile->nsites; i++)
		if (numbers[i].live != 0 || numbers[i].allocated != 0)
			put_sample(w, profile, &profile->sites[i],
				   &numbers[i]);
	w->nmappings += profile->nmappings;
	free(numbers);
}

void formats_pprof(FILE *stream, const struct formats_input *input)
{
	const struct profile_header *h = &input->profiles[0].header;
	struct writer w = { .nmappings = 0 };

	string(&w, "");
	for (size_t i = 0; i < CTL_ARRAY_SIZE(values); i++)
		put_value_type(&w, PPROF_SAMPLE_TYPE, values[i].type,
			       values[i].unit);
	for (size_t i = 0; i < input->n; i++)
		put_profile(&w, &input->profiles[i], input->older);
	put_value_type(&w, PPROF_PERIOD_TYPE, "space", "bytes");
	protobuf_number(&w.profile, PPROF_PERIOD, h->interval);
	protobuf_number(&w.profile, PPROF_TIME_NANOS, h->made_realtime);
	if (h->state == PROFILE_COPY && h->written > h->made)
		protobuf_number(&w.profile, PPROF_DURATION_NANOS,
				h->written - h->made);
	protobuf_number(&w.profile, PPROF_DEFAULT_SAMPLE_TYPE,
			string(&w, DEFAULT_VALUE));
	for (size_t i = 0; i < w.strings.n; i++)
		protobuf_text(&w.profile, PPROF_STRING_TABLE,
			      w.strings.texts[i]);
	protobuf_gzip(&w.profile, stream);
	sampled_texts_free(&w.strings);
	sampled_texts_free(&w.functions);
	sampled_texts_free(&w.locations);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reads and checks recordings of allocations. */

#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block-names.h"
#include "reader.h"

static const char header[] = "# datamem-trace 1";

struct parser {
	struct reader *reader;
	struct recording recording;
	size_t room;            /* events that fit */
	struct block_names names;
	uint64_t *sizes;        /* of each block; 0: freed */
	size_t sizes_room;
	size_t live_bytes;
	/* Numbers in order of appearance, plus 1, by the file's numbers. */
	uint16_t threads[RECORDING_MAX_THREADS];
};

static int take_op(struct reader *r, char **text, uint8_t *op)
{
	switch ((*text)[0]) {
	case 'a':
		*op = RECORDING_ALLOC;
		break;
	case 'z':
		*op = RECORDING_ZEROED;
		break;
	case 'r':
		*op = RECORDING_RESIZE;
		break;
	case 'f':
		*op = RECORDING_FREE;
		break;
	default:
		return reader_fail(r, -EBADMSG, "no event (a, z, r or f) here");
	}
	if ((*text)[1] != ' ')
		return reader_fail(r, -EBADMSG,
				   "the event is not followed by a single "
				   "space");
	*text += 2;
	return 0;
}

/* Makes room for twice as many elements; NULL: no memory, nothing changed. */
static void *grow_array(void *array, size_t *room, size_t element_size)
{
	size_t bigger = *room ? 2 * *room : 1024;
	void *grown = reallocarray(array, bigger, element_size);

	if (grown)
		*room = bigger;
	return grown;
}

static int no_memory(struct reader *r)
{
	return reader_fail(r, -ENOMEM, "no memory for this many events");
}

static int new_block(struct parser *p, uint64_t name, uint32_t *block)
{
	struct reader *r = p->reader;

	if (block_names_find(&p->names, name) != BLOCK_NAMES_NONE)
		return reader_fail(r, -EBADMSG,
				   "block %llu was allocated before",
				   (unsigned long long)name);
	if (p->recording.n_blocks == p->sizes_room) {
		uint64_t *sizes = grow_array(p->sizes, &p->sizes_room,
					     sizeof(*sizes));

		if (!sizes)
			return no_memory(r);
		p->sizes = sizes;
	}
	if (block_names_add(&p->names, name))
		return no_memory(r);
	*block = (uint32_t)p->recording.n_blocks++;
	p->sizes[*block] = 0;
	return 0;
}

static int live_block(struct parser *p, uint64_t name, uint32_t *block)
{
	*block = block_names_find(&p->names, name);
	if (*block == BLOCK_NAMES_NONE)
		return reader_fail(p->reader, -EBADMSG,
				   "block %llu was never allocated",
				   (unsigned long long)name);
	if (!p->sizes[*block])
		return reader_fail(p->reader, -EBADMSG,
				   "block %llu was freed before",
				   (unsigned long long)name);
	return 0;
}

static uint16_t number_thread(struct parser *p, uint64_t thread)
{
	if (!p->threads[thread])
		p->threads[thread] = (uint16_t)++p->recording.n_threads;
	return (uint16_t)(p->threads[thread] - 1);
}

/* Follows the sizes of live blocks; event->nbytes is the file's. */
static int account(struct parser *p, struct recording_event *event)
{
	struct recording *t = &p->recording;
	size_t live = p->live_bytes - p->sizes[event->block];

	/* NumPy and C programs may ask for nothing; all count it as one. */
	if (!event->nbytes)
		event->nbytes = 1;
	if (event->op == RECORDING_FREE) {
		p->sizes[event->block] = 0;
	} else {
		if (__builtin_add_overflow(live, event->nbytes, &live))
			return reader_fail(p->reader, -EBADMSG,
					   "the sizes of live blocks overflow");
		p->sizes[event->block] = event->nbytes;
	}
	p->live_bytes = live;
	if (live > t->peak_bytes) {
		t->peak_bytes = live;
		t->peak_event = t->n_events;
	}
	return 0;
}

static int parse_event(struct parser *p, char *text)
{
	struct reader *r = p->reader;
	struct recording_event event = { 0 };
	uint64_t thread, name, ns;
	int err;

	err = take_op(r, &text, &event.op);
	if (!err)
		err = reader_take_number(r, &text, ' ',
					 RECORDING_MAX_THREADS - 1,
					 "the thread", &thread);
	if (!err)
		err = reader_take_number(r, &text, ' ', INT64_MAX, "the block",
					 &name);
	if (!err)
		err = reader_take_number(r, &text, ' ', PTRDIFF_MAX, "the size",
					 &event.nbytes);
	if (!err)
		err = reader_take_number(r, &text, '\0', UINT64_MAX, "the time",
					 &ns);
	if (err)
		return err;
	if (!name)
		return reader_fail(r, -EBADMSG, "blocks are numbered from 1");
	if (p->recording.n_events == RECORDING_MAX_EVENTS)
		return reader_fail(r, -E2BIG, "more than %zu events",
				   RECORDING_MAX_EVENTS);
	if (event.op == RECORDING_ALLOC || event.op == RECORDING_ZEROED)
		err = new_block(p, name, &event.block);
	else
		err = live_block(p, name, &event.block);
	if (err)
		return err;
	event.thread = number_thread(p, thread);
	err = account(p, &event);
	if (err)
		return err;
	if (p->recording.n_events == p->room) {
		struct recording_event *events = grow_array(
			p->recording.events, &p->room, sizeof(*events));

		if (!events)
			return no_memory(r);
		p->recording.events = events;
	}
	p->recording.events[p->recording.n_events++] = event;
	if (__builtin_add_overflow(p->recording.recorded_ns, ns,
				   &p->recording.recorded_ns))
		p->recording.recorded_ns = UINT64_MAX;
	return 0;
}

/* At most what sums of two have room for. */
static uint64_t fact_number(const char *text)
{
	unsigned long long number = strtoull(text, NULL, 10);

	return number <= INT64_MAX ? number : INT64_MAX;
}

static void take_fact(struct recording_facts *facts, const char *line)
{
	const struct {
		const char *name;
		uint64_t *number;
		bool *flag;
		char *text;
	} known[] = {
		{ "cpu-ns", &facts->cpu_ns, NULL, NULL },
		{ "system-ns", &facts->system_ns, NULL, NULL },
		{ "wall-ns", &facts->wall_ns, NULL, NULL },
		{ "faults", &facts->faults, NULL, NULL },
		{ "peak-rss", &facts->peak_rss, NULL, NULL },
		{ "min-bytes", &facts->min_bytes, NULL, NULL },
		{ "hugepage-advice", &facts->hugepage_advice, NULL, NULL },
		{ "libdatamem", NULL, &facts->libdatamem, NULL },
		{ "cut", NULL, &facts->cut, NULL },
		{ "program", NULL, NULL, facts->program },
		{ "allocator", NULL, NULL, facts->allocator },
		{ "tunables", NULL, NULL, facts->tunables },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t length = strlen(known[i].name);
		const char *value = line + 2 + length;

		if (line[1] != ' ' ||
		    strncmp(line + 2, known[i].name, length) ||
		    value[0] != ':' || value[1] != ' ')
			continue;
		value += 2;
		if (known[i].flag)
			*known[i].flag = true;
		else if (known[i].text)
			snprintf(known[i].text, sizeof(facts->program), "%s",
				 value);
		else if (*value >= '0' && *value <= '9')
			*known[i].number = fact_number(value);
		return;
	}
}

/* A file of another kind, a program for example, may have no lines at all. */
static bool begins_otherwise(const struct reader *r)
{
	return r->end > 0 && gzdirect(r->gz) &&
	       strncmp(r->buffer, header, sizeof(header) - 1);
}

static int parse_header(struct reader *r)
{
	char *line;
	int got = reader_next_line(r, &line);

	if (got < 0 && (got != -EBADMSG || !begins_otherwise(r)))
		return got;
	if (got > 0 && !strcmp(line, header))
		return 0;
	r->line = 1;
	return reader_fail(r, -ENOEXEC, "not a recording: the first line is "
			   "not \"%s\"", header);
}

static int parse(struct parser *p)
{
	struct reader *r = p->reader;
	char *line;
	int got = parse_header(r);

	if (got)
		return got;
	while ((got = reader_next_line(r, &line)) > 0) {
		if (line[0] != '#') {
			got = parse_event(p, line);
			if (got)
				return got;
			continue;
		}
		take_fact(&p->recording.facts, line);
		if (++r->comments > RECORDING_MAX_COMMENTS)
			return reader_fail(r, -E2BIG, "more than %u comments",
					   RECORDING_MAX_COMMENTS);
	}
	if (!got && !p->recording.n_events)
		return reader_fail(r, -EBADMSG, "no events");
	return got;
}

int recording_read_fd(int fd, const char *name, struct recording *out,
		      char *error, size_t error_size)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct parser *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	errno = 0;
	if (r && p)
		r->gz = gzdopen(fd, "rb");
	if (!r || !p || !r->gz) {
		snprintf(error, error_size, "%s: %s", name, strerror(ENOMEM));
		close(fd);
		goto out;
	}
	r->name = name;
	r->error = error;
	r->error_size = error_size;
	p->reader = r;
	block_names_init(&p->names);
	err = parse(p);
	gzclose(r->gz);
	block_names_release(&p->names);
	free(p->sizes);
	if (err)
		free(p->recording.events);
	else
		*out = p->recording;
out:
	free(p);
	free(r);
	return err;
}

int recording_read(const char *path, struct recording *out, char *error,
		   size_t error_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		int err = -errno;

		snprintf(error, error_size, "%s: %s", path, strerror(-err));
		return err;
	}
	return recording_read_fd(fd, path, out, error, error_size);
}

void recording_release(struct recording *recording)
{
	free(recording->events);
	*recording = (struct recording){ 0 };
}

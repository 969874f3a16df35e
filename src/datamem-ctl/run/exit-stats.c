/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A small, strict JSON reader for lines of numbers with known names. */
#include "exit-stats.h"

#include <string.h>

/* The library's longest line is about half of this. */
#define LINE_MAX_BYTES (64 * 1024)
/* Lists and objects inside each other that are passed over. */
#define DEPTH_MAX 8

struct cursor {
	const char *at;
	const char *end;
};

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end &&
	       (*cursor->at == ' ' || *cursor->at == '\t' ||
		*cursor->at == '\r' || *cursor->at == '\n'))
		cursor->at++;
}

static bool take(struct cursor *cursor, char wanted)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at != wanted)
		return false;
	cursor->at++;
	return true;
}

static char peek(struct cursor *cursor)
{
	skip_blanks(cursor);
	return cursor->at < cursor->end ? *cursor->at : '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte after a backslash; code points beyond a byte become '?'. */
static bool read_escape(struct cursor *cursor, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned int code = 0;
	const char *found;
	char c;

	if (cursor->at == cursor->end)
		return false;
	c = *cursor->at++;
	if (c != 'u') {
		found = c != '\0' ? strchr(from, c) : NULL;
		if (!found)
			return false;
		*out = to[found - from];
		return true;
	}
	if (cursor->end - cursor->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(*cursor->at++);

		if (digit < 0)
			return false;
		code = code * 16 + (unsigned int)digit;
	}
	*out = code == 0 || code > 0xff ? '?' : (char)code;
	return true;
}

/* Too long a text is cut to out_size, which is at least 1. */
static bool read_string(struct cursor *cursor, char *out, size_t out_size)
{
	size_t used = 0;

	if (!take(cursor, '"'))
		return false;
	while (cursor->at < cursor->end) {
		char c = *cursor->at++;

		if (c == '"') {
			out[used] = '\0';
			return true;
		}
		if ((unsigned char)c < ' ')
			return false;
		if (c == '\\' && !read_escape(cursor, &c))
			return false;
		if (used + 1 < out_size)
			out[used++] = c;
	}
	return false;
}

static bool is_value_end(char c)
{
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' ||
	       c == '\r' || c == '\n';
}

static bool read_number(struct cursor *cursor, uint64_t *out)
{
	uint64_t value = 0;
	const char *first;

	skip_blanks(cursor);
	first = cursor->at;
	while (cursor->at < cursor->end && *cursor->at >= '0' &&
	       *cursor->at <= '9') {
		uint64_t digit = (uint64_t)(*cursor->at - '0');

		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
		cursor->at++;
	}
	if (cursor->at == first ||
	    (cursor->at < cursor->end && !is_value_end(*cursor->at)))
		return false;
	*out = value;
	return true;
}

/* true, null, 1.5e3: values of names that are not ours need not be checked. */
static bool skip_word(struct cursor *cursor)
{
	const char *first;

	skip_blanks(cursor);
	first = cursor->at;
	while (cursor->at < cursor->end && !is_value_end(*cursor->at)) {
		if (!strchr("+-.0123456789aeflnrstuE", *cursor->at) ||
		    *cursor->at == '\0')
			return false;
		cursor->at++;
	}
	return cursor->at > first;
}

static bool skip_value(struct cursor *cursor, int depth)
{
	char text[2];
	char open = peek(cursor);
	char close = open == '{' ? '}' : ']';

	if (open == '"')
		return read_string(cursor, text, sizeof(text));
	if (open != '{' && open != '[')
		return skip_word(cursor);
	if (depth == DEPTH_MAX)
		return false;
	take(cursor, open);
	if (take(cursor, close))
		return true;
	do {
		if (open == '{' && (!read_string(cursor, text, sizeof(text)) ||
				    !take(cursor, ':')))
			return false;
		if (!skip_value(cursor, depth + 1))
			return false;
	} while (take(cursor, ','));
	return take(cursor, close);
}

/* Names that are not known are those of a newer library. */
static bool read_member(struct cursor *cursor, const char *name,
			struct ctl_exit_stats *out, bool *has_pid)
{
	if (strcmp(name, "pid") == 0) {
		*has_pid = true;
		return read_number(cursor, &out->pid);
	}
	if (strcmp(name, "program") == 0)
		return read_string(cursor, out->program, sizeof(out->program));
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		if ((ctl_statistics[i].places & CTL_LEFT) &&
		    strcmp(name, ctl_statistics[i].name) == 0) {
			out->statistics.known[i] = true;
			return read_number(cursor, &out->statistics.values[i]);
		}
	}
	return skip_value(cursor, 0);
}

bool ctl_exit_stats_parse(const char *line, size_t length,
			  struct ctl_exit_stats *out)
{
	struct cursor cursor = { line, line + length };
	bool has_pid = false;
	char name[64];

	memset(out, 0, sizeof(*out));
	if (!take(&cursor, '{'))
		return false;
	do {
		if (!read_string(&cursor, name, sizeof(name)) ||
		    !take(&cursor, ':') ||
		    !read_member(&cursor, name, out, &has_pid))
			return false;
	} while (take(&cursor, ','));
	if (!take(&cursor, '}'))
		return false;
	skip_blanks(&cursor);
	return cursor.at == cursor.end && has_pid &&
	       out->statistics.known[CTL_STATISTIC_ALLOCS];
}

size_t ctl_exit_stats_read(FILE *file,
			   void (*add)(void *arg,
				       const struct ctl_exit_stats *stats),
			   void *arg)
{
	static char line[LINE_MAX_BYTES];
	struct ctl_exit_stats stats;
	size_t length = 0, malformed = 0;
	bool too_long = false;
	int c;

	while ((c = getc(file)) != EOF) {
		if (c != '\n') {
			if (length == sizeof(line))
				too_long = true;
			else
				line[length++] = (char)c;
			continue;
		}
		if (!too_long && ctl_exit_stats_parse(line, length, &stats))
			add(arg, &stats);
		else
			malformed++;
		length = 0;
		too_long = false;
	}
	/* A line without its end was cut. */
	return malformed + (length > 0);
}

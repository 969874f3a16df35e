/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Lines and numbers of a file that is plain or gzip. */
#include "reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "recording.h"

int reader_fail(struct reader *r, int err, const char *format, ...)
{
	va_list args;
	int n;

	if (r->line)
		n = snprintf(r->error, r->error_size, "%s:%zu: ", r->name,
			     r->line);
	else
		n = snprintf(r->error, r->error_size, "%s: ", r->name);
	if (n < 0 || (size_t)n >= r->error_size)
		return err;
	va_start(args, format);
	vsnprintf(r->error + n, r->error_size - (size_t)n, format, args);
	va_end(args);
	return err;
}

static int fill(struct reader *r)
{
	int n;

	memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
	r->end -= r->begin;
	r->begin = 0;
	n = gzread(r->gz, r->buffer + r->end,
		   (unsigned int)(sizeof(r->buffer) - r->end));
	if (n < 0) {
		int zerr;
		const char *text = gzerror(r->gz, &zerr);
		int err = errno ? errno : EIO;

		r->line++;
		if (zerr == Z_ERRNO)
			return reader_fail(r, -err, "%s", strerror(err));
		return reader_fail(r, -EBADMSG, "damaged gzip data: %s", text);
	}
	if (n == 0) {
		int zerr;

		gzerror(r->gz, &zerr);
		if (zerr == Z_BUF_ERROR) {
			r->line++;
			return reader_fail(r, -EBADMSG,
					   "the compressed data end too early");
		}
		r->eof = true;
	}
	r->end += (size_t)n;
	return 0;
}

int reader_next_line(struct reader *r, char **line)
{
	char *text, *end;
	int err;

	for (;;) {
		text = r->buffer + r->begin;
		end = memchr(text, '\n', r->end - r->begin);
		if (end || r->eof || (r->begin < r->end && !*text) ||
		    r->end - r->begin >= RECORDING_MAX_LINE)
			break;
		err = fill(r);
		if (err)
			return err;
	}
	if (r->begin == r->end || !*text)
		return 0;
	r->line++;
	if ((end ? (size_t)(end - text) + 1 : r->end - r->begin) >
	    (end ? RECORDING_MAX_LINE : RECORDING_MAX_LINE - 1))
		return reader_fail(r, -EBADMSG, "line longer than %u bytes",
				   RECORDING_MAX_LINE);
	if (!end)
		return reader_fail(r, -EBADMSG,
				   "no line break at the end: is the file cut "
				   "off?");
	if (end > text && end[-1] == '\r')
		return reader_fail(r, -EBADMSG,
				   "carriage return before the line break");
	*end = '\0';
	r->begin += (size_t)(end - text) + 1;
	*line = text;
	return 1;
}

int reader_take_number(struct reader *r, char **text, char behind,
		       uint64_t max, const char *what, uint64_t *out)
{
	uint64_t value = 0;
	char *p = *text;

	if (*p < '0' || *p > '9')
		return reader_fail(r, -EBADMSG, "%s is not a number", what);
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'),
					   &value) || value > max)
			return reader_fail(r, -EBADMSG, "%s is too large",
					   what);
	}
	if (*p != behind)
		return reader_fail(r, -EBADMSG, "%s is not followed by %s",
				   what,
				   behind ? "a single space" : "the end of the "
				   "line");
	*text = behind ? p + 1 : p;
	*out = value;
	return 0;
}

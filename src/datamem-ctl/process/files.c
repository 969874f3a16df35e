/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Small files of /proc and /sys. */
#include "tool.h"
#include "files.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define FIELDS_MOST 65536

static ssize_t read_whole(char *out, size_t size, const char *path)
{
	/* Not blocked by what somebody has put in place of a file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t length = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	/* Files of /proc come in pieces. */
	while (length + 1 < size &&
	       (n = read(fd, out + length, size - 1 - length)) > 0)
		length += (size_t)n;
	close(fd);
	out[length] = '\0';
	return n < 0 && length == 0 ? -1 : (ssize_t)length;
}

static ssize_t read_named(char *out, size_t size, const char *format,
			  va_list args) CTL_PRINTF(3, 0);
static ssize_t read_named(char *out, size_t size, const char *format,
			  va_list args)
{
	char *path;
	ssize_t n;

	if (vasprintf(&path, format, args) < 0)
		ctl_die("%s", strerror(ENOMEM));
	n = read_whole(out, size, path);
	free(path);
	return n;
}

ssize_t ctl_files_read(char *out, size_t size, const char *format, ...)
{
	va_list args;
	ssize_t n;

	va_start(args, format);
	n = read_named(out, size, format, args);
	va_end(args);
	return n;
}

static bool parse_number(const char *text, uint64_t *out)
{
	text += strspn(text, " \t");
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoull(text, NULL, 10);
	return errno == 0;
}

bool ctl_files_number(uint64_t *out, const char *format, ...)
{
	char text[64];
	va_list args;
	ssize_t n;

	va_start(args, format);
	n = read_named(text, sizeof(text), format, args);
	va_end(args);
	return n > 0 && parse_number(text, out);
}

bool ctl_files_field(uint64_t *out, const char *name, const char *format, ...)
{
	static char text[FIELDS_MOST];
	size_t length = strlen(name);
	va_list args;
	ssize_t n;

	va_start(args, format);
	n = read_named(text, sizeof(text), format, args);
	va_end(args);
	for (const char *line = text; n > 0 && line;
	     line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 &&
		    parse_number(line + length, out))
			return true;
	}
	return false;
}

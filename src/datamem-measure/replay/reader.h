/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Lines of text from a file, plain or gzip, and the numbers in them; each fault
 * with the name of the file and the line.
 */
#ifndef REPLAY_READER_H
#define REPLAY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/* Text through zlib, which hands plain files through as they are. */
struct reader {
	gzFile gz;
	const char *name;
	size_t line;            /* number of the line read last, from 1 */
	size_t comments;
	size_t begin, end;      /* unread part of the buffer */
	bool eof;
	char *error;
	size_t error_size;
	char buffer[65536];
};

/* Write "FILE:LINE: message" to the reader's error; returns err. */
int reader_fail(struct reader *reader, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The next line without its line break, NUL-terminated. Returns 1, 0 at the
 * end of the file, or -errno.
 */
int reader_next_line(struct reader *reader, char **line);

/*
 * A decimal number and the character behind it, which is skipped. Digits
 * only: strtoull() would take signs, spaces and wrap around.
 */
int reader_take_number(struct reader *reader, char **text, char behind,
		       uint64_t max, const char *what, uint64_t *out);

#endif /* REPLAY_READER_H */

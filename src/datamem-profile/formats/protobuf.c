/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The wire format of protocol buffers, compressed. */
#include "tool.h"
#include "protobuf.h"

#include <limits.h>
#include <zlib.h>

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 2 };

#define GZIP (15 + 16)  /* the largest window, in gzip's format */

static void append(struct protobuf *to, const void *bytes, size_t n)
{
	if (to->n + n > to->room) {
		to->room = 2 * (to->n + n) + 64;
		to->bytes = ctl_realloc(to->bytes, to->room, 1);
	}
	if (n > 0)
		memcpy(to->bytes + to->n, bytes, n);
	to->n += n;
}

/* Seven bits a byte, the lowest first. */
void protobuf_packed(struct protobuf *numbers, uint64_t number)
{
	unsigned char bytes[10];
	size_t n = 0;

	do {
		bytes[n] = (unsigned char)(number & 0x7f);
		number >>= 7;
		if (number != 0)
			bytes[n] |= 0x80;
		n++;
	} while (number != 0);
	append(numbers, bytes, n);
}

static void put_key(struct protobuf *message, unsigned int field,
		    enum wire wire)
{
	protobuf_packed(message, (uint64_t)field << 3 | wire);
}

void protobuf_number(struct protobuf *message, unsigned int field,
		     uint64_t number)
{
	if (number == 0)
		return;
	put_key(message, field, WIRE_VARINT);
	protobuf_packed(message, number);
}

static void put_bytes(struct protobuf *message, unsigned int field,
		      const void *bytes, size_t n)
{
	put_key(message, field, WIRE_BYTES);
	protobuf_packed(message, n);
	append(message, bytes, n);
}

void protobuf_text(struct protobuf *message, unsigned int field,
		   const char *text)
{
	put_bytes(message, field, text, strlen(text));
}

void protobuf_put(struct protobuf *message, unsigned int field,
		  struct protobuf *inner)
{
	put_bytes(message, field, inner->bytes, inner->n);
	inner->n = 0;
}

void protobuf_gzip(struct protobuf *message, FILE *stream)
{
	unsigned char out[16384];
	z_stream z = { 0 };
	size_t at = 0;
	int status;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		ctl_die("zlib: %s", strerror(ENOMEM));
	do {
		/* zlib counts in unsigned int. */
		if (z.avail_in == 0 && at < message->n) {
			size_t n = message->n - at < INT_MAX ? message->n - at
							     : INT_MAX;

			z.next_in = (unsigned char *)message->bytes + at;
			z.avail_in = (unsigned int)n;
			at += n;
		}
		z.next_out = out;
		z.avail_out = sizeof(out);
		status = deflate(&z, at < message->n ? Z_NO_FLUSH : Z_FINISH);
		fwrite(out, 1, sizeof(out) - z.avail_out, stream);
	} while (status == Z_OK);
	deflateEnd(&z);
	free(message->bytes);
	memset(message, 0, sizeof(*message));
}

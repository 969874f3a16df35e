/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The wire format of protocol buffers, as far as it is needed. */
#ifndef FORMATS_PROTOBUF_H
#define FORMATS_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* All zero: an empty message. */
struct protobuf {
	char *bytes;
	size_t n, room;
};

/* A field of a message; numbers that are 0 are left out. */
void protobuf_number(struct protobuf *message, unsigned int field,
		     uint64_t number);
void protobuf_text(struct protobuf *message, unsigned int field,
		   const char *text);
/* A message or packed numbers in it; the inner one is empty then. */
void protobuf_put(struct protobuf *message, unsigned int field,
		  struct protobuf *inner);
/* One of several packed numbers. */
void protobuf_packed(struct protobuf *numbers, uint64_t number);
/* Write it to a stream with gzip, and free it. */
void protobuf_gzip(struct protobuf *message, FILE *stream);

#endif /* FORMATS_PROTOBUF_H */

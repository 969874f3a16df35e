/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * mistakes LETTERS BYTES [HANDLER]: makes a mistake, for a tool to find, or one
 * after the other, for a tool that goes on, with a line "-- LETTER" before each;
 * with a handler's name, in a block of that.
 */
#include <datamem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct datamem_handler *handler;

static void *make(size_t nbytes)
{
	return handler ? handler->allocator.malloc(handler->allocator.ctx,
						   nbytes)
		       : datamem_alloc(nbytes);
}

static void *resize(void *ptr, size_t nbytes)
{
	return handler ? handler->allocator.realloc(handler->allocator.ctx,
						    ptr, nbytes)
		       : datamem_realloc(ptr, nbytes);
}

static void unmake(void *ptr, size_t nbytes)
{
	if (handler)
		handler->allocator.free(handler->allocator.ctx, ptr, nbytes);
	else
		datamem_free(ptr, nbytes);
}

/* Nothing orders the two threads that run this, but what the library did. */
static void *race(void *arg)
{
	volatile char *bytes = arg;

	for (int i = 0; i < 100; i++)
		unmake(make(100), 100);
	bytes[10] = 3;
	for (int i = 0; i < 100; i++)
		unmake(make(100), 100);
	return NULL;
}

static void race_for(void *ptr)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, race, ptr))
			exit(2);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* The compiler is not to know what becomes of it. */
static volatile char seen;

static void make_mistake(char letter, char *ptr, size_t nbytes)
{
	volatile char *bytes = ptr;
	char *other;

	switch (letter) {
	case 'u': /* read after free */
		unmake(ptr, nbytes);
		if (bytes[10])
			seen = 1;
		break;
	case 'w': /* write after free */
		unmake(ptr, nbytes);
		bytes[10] = 3;
		break;
	case 'o': /* overrun by a byte */
		bytes[nbytes] = 1;
		unmake(ptr, nbytes);
		break;
	case 'b': /* underrun */
		bytes[-1] = 1;
		unmake(ptr, nbytes);
		break;
	case 'd': /* double free */
		unmake(ptr, nbytes);
		unmake(ptr, nbytes);
		break;
	case 'f': /* free() of a block */
		free(ptr);
		break;
	case 'm': /* a block of malloc() */
		other = malloc(nbytes);
		unmake(other, nbytes);
		free(other);
		unmake(ptr, nbytes);
		break;
	case 'l': /* leak */
		break;
	case 'i': /* uninitialised */
		other = make(nbytes);
		if (other[5])
			seen = 1;
		unmake(other, nbytes);
		unmake(ptr, nbytes);
		break;
	case 'r': /* the old pointer after a resize that moves nothing else */
		other = resize(ptr, nbytes + 1);
		bytes[10] = 3;
		unmake(other, nbytes + 1);
		break;
	case 't': /* what a shrink in place has cut off */
		if (!datamem_try_resize(ptr, nbytes / 2))
			bytes[nbytes - 1] = 3;
		unmake(ptr, nbytes / 2);
		break;
	case 'x': /* a data race */
		race_for(ptr);
		unmake(ptr, nbytes);
		break;
	case 'h': /* a hint that is too large */
		unmake(ptr, nbytes + 1);
		break;
	default: /* none */
		unmake(ptr, nbytes);
	}
}

/* In a frame of its own, so that no stale copy of the pointer stays. */
static __attribute__((__noinline__)) void use(char letter, size_t nbytes)
{
	char *ptr = make(nbytes);

	memset(ptr, 1, nbytes);
	make_mistake(letter, ptr, nbytes);
}

static __attribute__((__noinline__)) void wipe_stack(void)
{
	volatile char room[4096];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

int main(int argc, char **argv)
{
	if (argc > 3)
		handler = datamem_handler_find(argv[3]);
	if (argc < 3 || (argc > 3 && !handler))
		return 2;
	for (const char *letter = argv[1]; *letter; letter++) {
		if (argv[1][1])
			fprintf(stderr, "-- %c\n", *letter);
		use(*letter, strtoul(argv[2], NULL, 0));
		wipe_stack();
	}
	puts("done");
	return EXIT_SUCCESS;
}

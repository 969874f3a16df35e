/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A program for `record PID`: holds a hundred blocks of 10001 bytes and more,
 * prints "ready", and has two threads that make, resize and free blocks, which
 * they hand to each other, until the end of standard input.
 */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <datamem.h>

#include "must.h"

#define MUST(condition) must(condition, #condition)
#define SLOTS 64

static void *held[100];
static void *slots[SLOTS];
static int stop;

static void *work(void *arg)
{
	unsigned int turn = (unsigned int)(size_t)arg;
	void *block = NULL;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		size_t nbytes;

		turn = turn * 1103515245 + 12345;
		nbytes = 1 + (turn >> 12) % 300000;
		/* Whose it was, nobody knows. */
		block = __atomic_exchange_n(&slots[turn >> 8 & (SLOTS - 1)],
					    block, __ATOMIC_ACQ_REL);
		if (turn >> 30 == 0) {
			block = datamem_realloc(block, nbytes);
		} else {
			datamem_free(block, 0);
			block = turn >> 29 & 1 ?
					datamem_alloc(nbytes) :
					datamem_alloc_zeroed(1, nbytes);
		}
		MUST(block);
		/* Slow enough that nothing is lost on any machine. */
		usleep(100);
	}
	datamem_free(block, 0);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	for (size_t i = 0; i < 100; i++)
		MUST((held[i] = datamem_alloc(10001 + i * 3000)) != NULL);
	for (size_t i = 0; i < 2; i++)
		MUST(pthread_create(&threads[i], NULL, work,
				    (void *)(i + 1)) == 0);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < 2; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
	return 0;
}

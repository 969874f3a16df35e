/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * live-target small|mixed SECONDS: the program that live.sh has watched. Finds
 * out how much of its work takes so long and prints "ready"; then, for each line
 * of standard input, does that much and prints the nanoseconds it took.
 *
 *	small    pairs, and a set of live blocks that change, up to 2000 bytes
 *	mixed    temporaries of expressions, 64 bytes to 4 MiB, written to
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <datamem.h>

#define LIVE 512

static uint64_t state = 88172645463325252u;

static size_t draw(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 11) % below;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static char *get(size_t n)
{
	char *block = datamem_alloc(n);

	if (block == NULL) {
		fputs("live-target: no memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	*block = 1;
	return block;
}

static void work_small(void)
{
	static char *live[LIVE];
	static size_t sizes[LIVE];

	for (int i = 0; i < 1000; i++) {
		size_t at = draw(LIVE), n = 16 + draw(1985);

		for (size_t k = 16; k <= 1024; k *= 2)
			datamem_free(get(k), k);
		datamem_free(live[at], sizes[at]);
		live[at] = get(n);
		sizes[at] = n;
	}
}

/* As d = a * b + c does: two operands' results live at once. */
static void work_mixed(void)
{
	for (int i = 0; i < 10; i++) {
		/* Most are small, few large. */
		size_t n = (size_t)64 << draw(17);
		char *product, *sum;

		n += draw(n);
		if (n > (size_t)4 << 20)
			n = (size_t)4 << 20;
		product = get(n);
		memset(product, i, n);
		sum = get(n);
		memcpy(sum, product, n);
		datamem_free(product, n);
		product = get(n);
		memcpy(product, sum, n);
		datamem_free(sum, n);
		datamem_free(product, n);
	}
}

static uint64_t run(void (*work)(void), unsigned long times)
{
	uint64_t start = now_ns();

	while (times--)
		work();
	return now_ns() - start;
}

int main(int argc, char **argv)
{
	void (*work)(void) = work_small;
	double seconds = argc > 2 ? atof(argv[2]) : 0.3;
	unsigned long times = 1;
	uint64_t start, spent;
	char line[16];

	if (argc > 1 && strcmp(argv[1], "mixed") == 0)
		work = work_mixed;
	/* The first rounds are slower; so are some later ones. */
	start = now_ns();
	while (now_ns() - start < 200000000)
		work();
	while ((spent = run(work, times)) < 50000000)
		times *= 2;
	times = (unsigned long)((double)times * seconds * 1e9 / (double)spent);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		printf("%llu\n", (unsigned long long)run(work, times + 1));
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}

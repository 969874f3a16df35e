/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Loops of pairs for check-instructions.sh, which counts in count_pairs() only,
 * once after each call: for every size a short loop, then a longer one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <datamem.h>

/* More than one at a time, for bins of any depth. */
#define HELD 3

/* Outside of `main`, by its name: the counting begins and ends with it. */
__attribute__((noinline)) void count_pairs(size_t nbytes, int times);
void count_pairs(size_t nbytes, int times)
{
	void *held[HELD];

	while (times--) {
		for (int i = 0; i < HELD; i++)
			held[i] = datamem_alloc(nbytes);
		for (int i = 0; i < HELD; i++)
			datamem_free(held[i], nbytes);
	}
}

/* The same code, not counted. */
__attribute__((noinline)) static void warm_up(size_t nbytes)
{
	for (int i = 0; i < 100; i++) {
		void *held[HELD];

		for (int k = 0; k < HELD; k++)
			held[k] = datamem_alloc(nbytes);
		for (int k = 0; k < HELD; k++)
			datamem_free(held[k], nbytes);
	}
}

static int is_profiled(void)
{
	char value[16];

	return !datamem_setting_get("profile", value, sizeof(value)) &&
	       strcmp(value, "off");
}

int main(int argc, char **argv)
{
	/* A slow path or two, after which there is a page if there is to be. */
	datamem_free(datamem_alloc((size_t)1 << 20), (size_t)1 << 20);
	if (getenv("PAIRS_STOP"))
		datamem_setting_set("profile", "off");
	for (int i = 1; i < argc; i++)
		warm_up((size_t)atol(argv[i]));
	printf("page: %s\n", datamem_control_poll() >= 0 ? "yes" : "no");
	printf("profile: %s\n", is_profiled() ? "yes" : "no");
	for (int i = 1; i < argc; i++) {
		count_pairs((size_t)atol(argv[i]), 1000);
		count_pairs((size_t)atol(argv[i]), 3000);
	}
	return EXIT_SUCCESS;
}

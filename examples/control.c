/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A program with an event loop answers the requests of datamem-ctl(1). */
#include <datamem.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	int answered = 0;
	int err = datamem_control_start();

	/* Without a control page the program works, but cannot be observed. */
	if (err && err != -EAGAIN)
		printf("no live control: %s\n", strerror(-err));

	for (int round = 0; round < 1000; round++) {
		void *block = datamem_alloc(100000);
		int n;

		if (!block) {
			perror("datamem_alloc");
			return EXIT_FAILURE;
		}
		memset(block, round, 100000);
		datamem_free(block, 100000);

		n = datamem_control_poll();
		if (n > 0)
			answered += n;
	}
	printf("requests answered: %d\n", answered);
	datamem_control_stop();
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Give the unused end of a table back while others point into it. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	double values[16];
};

int main(void)
{
	size_t room = 100000, used = 0;
	struct row *rows = datamem_alloc_array(room, sizeof(*rows));
	const struct row *first = rows;
	int err;

	if (!rows) {
		perror("datamem_alloc_array");
		return EXIT_FAILURE;
	}
	while (used < 30000)
		rows[used++] = (struct row){ .values = { 0.5 } };

	/* A shrink never fails, and this one never moves. */
	err = datamem_try_resize(rows, used * sizeof(*rows));
	printf("shrunk: %s, first row %.1f\n", strerror(-err),
	       first->values[0]);

	/* No room for this behind it: the table is as it was. */
	err = datamem_try_resize(rows, PTRDIFF_MAX);
	printf("grown: %s, first row %.1f\n", strerror(-err),
	       first->values[0]);
	datamem_free(rows, used * sizeof(*rows));
	return EXIT_SUCCESS;
}

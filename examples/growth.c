/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Grow an array of unknown length: double it when it is full. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

struct numbers {
	double *items;
	size_t used, room;
};

static int numbers_append(struct numbers *list, double value)
{
	if (list->used == list->room) {
		size_t room = list->room ? 2 * list->room : 1024;
		double *items = datamem_realloc_array(list->items, room,
						      sizeof(*items));

		if (!items)	/* the old block is still valid */
			return -1;
		list->items = items;
		list->room = room;
	}
	list->items[list->used++] = value;
	return 0;
}

int main(void)
{
	struct numbers list = { NULL, 0, 0 };
	struct datamem_stats stats;
	double sum = 0;

	for (int i = 0; i < 3000000; i++) {
		if (numbers_append(&list, i) != 0) {
			perror("datamem_realloc_array");
			datamem_free(list.items, 0);
			return EXIT_FAILURE;
		}
	}
	for (size_t i = 0; i < list.used; i++)
		sum += list.items[i];
	printf("%zu numbers, sum %.0f\n", list.used, sum);

	if (datamem_stats_get(&stats, sizeof(stats)) == 0)
		printf("resizes: %ju in place, %ju moved, %ju copied\n",
		       (uintmax_t)stats.resizes_in_place,
		       (uintmax_t)stats.resizes_moved,
		       (uintmax_t)stats.resizes_copied);
	datamem_free(list.items, list.room * sizeof(*list.items));
	return EXIT_SUCCESS;
}

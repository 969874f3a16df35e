/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Allocate with a handler that the user chooses by name. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_name(const struct datamem_handler *handler, void *arg)
{
	fprintf(arg, "known: %s\n", handler->name);
	return 0;
}

int main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "system";
	const struct datamem_handler *handler = datamem_handler_find(name);
	char *text, *longer;

	if (!handler) {
		perror(name);
		datamem_handler_foreach(print_name, stderr);
		return EXIT_FAILURE;
	}
	text = datamem_handler_alloc(handler, 6);
	if (!text) {
		perror("datamem_handler_alloc");
		return EXIT_FAILURE;
	}
	strcpy(text, "array");

	longer = datamem_handler_realloc(handler, text, 100);
	if (!longer) {		/* text is unchanged */
		perror("datamem_handler_realloc");
		datamem_handler_free(handler, text, 6);
		return EXIT_FAILURE;
	}
	strcat(longer, " data");
	printf("%s from %s\n", longer, handler->name);
	datamem_handler_free(handler, longer, 100);
	return EXIT_SUCCESS;
}

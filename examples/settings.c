/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Change a setting, list the changed settings, receive messages. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void to_stdout(void *arg, const char *message)
{
	printf("%s: %s\n", (char *)arg, message);
}

static int print_changed(const struct datamem_setting *setting, void *arg)
{
	(void)arg;
	if (setting->origin == DATAMEM_ORIGIN_API)
		printf("%s=%s (built in: %s)\n", setting->name, setting->value,
		       setting->default_value);
	return 0;
}

int main(void)
{
	static char prefix[] = "message";
	char value[64];
	void *block;
	int err;

	datamem_log_set(to_stdout, prefix);

	err = datamem_setting_set("limit.max", "64M");
	if (!err)
		err = datamem_setting_get("limit.max", value, sizeof(value));
	if (err) {
		fprintf(stderr, "limit.max: %s\n", strerror(-err));
		return EXIT_FAILURE;
	}
	printf("limit.max is %s\n", value);
	datamem_setting_foreach(print_changed, NULL);

	err = datamem_setting_set("limit.max", "plenty");
	printf("plenty: %s\n", strerror(-err));

	block = datamem_alloc(128 << 20);
	printf("128 MiB: %s\n", block ? "allocated" : "refused");
	datamem_free(block, 128 << 20);

	datamem_log_set(NULL, NULL);
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Profiles: a file that is the input, as it is and with a header that is right
 * but for the parts that it has; what is taken is written in every format.
 */
#include <stdlib.h>
#include <string.h>

#include "process/process.h"

#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void check(const struct sampled *profile)
{
	for (size_t i = 0; i < profile->nsites; i++) {
		const struct sampled_site *site = &profile->sites[i];

		require(site->natives <= site->n &&
			site->n <= profile->nplaces &&
			site->first <= profile->nplaces - site->n &&
			site->handler);
	}
	for (size_t i = 0; i < profile->nblocks; i++) {
		require(profile->blocks[i].site < profile->nsites);
		require(profile->blocks[i].weight >= 1);
		require(profile->blocks[i].age >= 0);
	}
	for (size_t i = 0; i < profile->nplaces; i++)
		require(profile->places[i].mapping == SAMPLED_NONE ||
			profile->places[i].mapping < profile->nmappings);
}

/* Two, of which one counts against the other. */
static void write_all(const struct sampled *profiles)
{
	const struct formats_input input = {
		.profiles = profiles,
		.n = 2,
		.compared = true,
		.title = "title",
	};
	FILE *stream = fopen("/dev/null", "w");
	struct ctl_output out;

	require(stream != NULL);
	ctl_output_init(&out, "profile", formats_columns, FORMATS_COLUMNS,
			CTL_ROWS);
	for (int by = 0; by < SAMPLED_WAYS; by++)
		formats_table_fill(&out, &input, (enum sampled_by)by);
	ctl_output_free(&out);
	formats_pprof(stream, &input);
	formats_collapsed(stream, &input);
	formats_flame(stream, &input);
	formats_heap(stream, &input);
	fclose(stream);
}

static void look(const uint8_t *data, size_t size)
{
	struct ctl_source source = ctl_source_memory(data, size);
	struct sampled profiles[2];

	if (sampled_read(&source, UINT64_C(1) << 40, &profiles[0]))
		return;
	check(&profiles[0]);
	require(!sampled_read(&source, 0, &profiles[1]));
	profiles[0].sign = -1;
	write_all(profiles);
	sampled_free(&profiles[0]);
	sampled_free(&profiles[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile_header header;
	uint8_t *copy;

	look(data, size);
	if (size < sizeof(header))
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	memcpy(&header, copy, sizeof(header));
	memcpy(header.magic, PROFILE_MAGIC, sizeof(header.magic));
	header.layout = PROFILE_LAYOUT;
	header.header_bytes = sizeof(header);
	header.file_bytes = size;
	memcpy(copy, &header, sizeof(header));
	look(copy, size);
	free(copy);
	return 0;
}

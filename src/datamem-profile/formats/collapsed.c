/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Collapsed stacks, as flamegraph.pl, inferno and speedscope take them. */
#include "tool.h"
#include "formats.h"

#include <inttypes.h>

#include "stack.h"

/* Live bytes of a stack, of the base and of the profile. */
struct pair {
	double before, now;
};

struct folded {
	struct sampled_texts keys;
	struct pair *pairs;
	size_t room;
};

static struct pair *find_pair(struct folded *folded, const char *key)
{
	size_t i = sampled_texts_add(&folded->keys, key);

	folded->pairs = sampled_texts_beside(&folded->keys, folded->pairs,
					     &folded->room,
					     sizeof(*folded->pairs));
	return &folded->pairs[i];
}

/* Frames are separated by ';', which no name may have. */
static char *fold(const struct sampled *profile,
		  const struct sampled_site *site)
{
	struct stack_frame frames[STACK_MOST + 1];
	size_t n = stack_frames(profile, site, frames);
	char *key = NULL;
	size_t size;
	FILE *stream = open_memstream(&key, &size);

	if (!stream)
		ctl_die("%s", strerror(errno));
	for (size_t i = 0; i < n; i++) {
		char *name = stack_name(frames[i].line);

		for (char *c = name; *c != '\0'; c++)
			if (*c == ';')
				*c = ':';
		fprintf(stream, "%s%s", i > 0 ? ";" : "", name);
		free(name);
	}
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(ENOMEM));
	return key;
}

static void add_profile(struct folded *folded, const struct sampled *profile,
			double older)
{
	struct sampled_numbers *numbers = sampled_sites(profile, older);

	for (size_t i = 0; i < profile->nsites; i++) {
		struct pair *pair;
		char *key;

		if (numbers[i].live == 0)
			continue;
		key = fold(profile, &profile->sites[i]);
		pair = find_pair(folded, key);
		*(profile->sign < 0 ? &pair->before : &pair->now) +=
			numbers[i].live;
		free(key);
	}
	free(numbers);
}

void formats_collapsed(FILE *stream, const struct formats_input *input)
{
	struct folded folded = { .room = 0 };

	for (size_t i = 0; i < input->n; i++)
		add_profile(&folded, &input->profiles[i], input->older);
	for (size_t i = 0; i < folded.keys.n; i++) {
		fputs(folded.keys.texts[i], stream);
		if (input->compared)
			fprintf(stream, " %" PRId64,
				stack_round(folded.pairs[i].before));
		fprintf(stream, " %" PRId64 "\n",
			stack_round(folded.pairs[i].now));
	}
	sampled_texts_free(&folded.keys);
	free(folded.pairs);
}

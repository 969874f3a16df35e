/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Texts by number: a table with open addresses, at most half full. */
#include "tool.h"
#include "sampled.h"

#define SLOTS_FIRST 64
/* Bytes of all; only who wants to fill our memory has more. */
#define TEXTS_MOST ((size_t)1 << 30)

static size_t hash(const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The slot of a text, or the empty one where it belongs. */
static size_t *find_slot(const struct sampled_texts *texts, const char *text)
{
	size_t i = hash(text) & (texts->nslots - 1);

	while (texts->slots[i] != 0 &&
	       strcmp(texts->texts[texts->slots[i] - 1], text) != 0)
		i = (i + 1) & (texts->nslots - 1);
	return &texts->slots[i];
}

static void grow_slots(struct sampled_texts *texts)
{
	texts->nslots = texts->nslots > 0 ? 2 * texts->nslots : SLOTS_FIRST;
	free(texts->slots);
	texts->slots = ctl_alloc(texts->nslots, sizeof(*texts->slots));
	for (size_t i = 0; i < texts->n; i++)
		*find_slot(texts, texts->texts[i]) = i + 1;
}

size_t sampled_texts_add(struct sampled_texts *texts, const char *text)
{
	size_t *slot;

	if (texts->n * 2 >= texts->nslots)
		grow_slots(texts);
	slot = find_slot(texts, text);
	if (*slot != 0)
		return *slot - 1;
	if (texts->n == texts->room) {
		texts->room = texts->room > 0 ? 2 * texts->room : SLOTS_FIRST;
		texts->texts = ctl_realloc(texts->texts, texts->room,
					   sizeof(*texts->texts));
	}
	texts->nbytes += strlen(text);
	if (texts->nbytes > TEXTS_MOST)
		ctl_die("the texts of this profile are too long");
	texts->texts[texts->n++] = ctl_strdup(text);
	*slot = texts->n;
	return texts->n - 1;
}

void *sampled_texts_beside(const struct sampled_texts *texts, void *items,
			   size_t *room, size_t size)
{
	size_t before = *room;

	if (texts->n <= before)
		return items;
	*room = 2 * texts->n;
	items = ctl_realloc(items, *room, size);
	memset((char *)items + before * size, 0, (*room - before) * size);
	return items;
}

void sampled_texts_free(struct sampled_texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		free(texts->texts[i]);
	free(texts->texts);
	free(texts->slots);
	memset(texts, 0, sizeof(*texts));
}

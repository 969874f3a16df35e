/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The text of gperftools, "heap_v2". Its readers undo the sampling themselves, by
 * the mean size of a line and one interval for all, so that what is written are
 * blocks that were sampled: one line for each size of block of a site, which
 * makes their mean that size. Where a thread's interval had risen, its samples
 * count as those that the header's interval would have given.
 *
 * Lines of Python have no addresses: they get some that no memory has, and the
 * names of all addresses come first, as google-pprof's own --raw has them.
 */
#include "tool.h"
#include "formats.h"

#include <inttypes.h>
#include <math.h>

#include "stack.h"

#define PYTHON_ADDRESS (UINT64_C(1) << 60)

struct entry {
	size_t site;
	int64_t live_n, live_bytes, alloc_n, alloc_bytes;
};

struct heap {
	const struct sampled *profile;
	struct entry *entries;
	size_t n;
	struct sampled_texts lines;  /* of Python */
};

static int by_site_and_size(const void *a, const void *b)
{
	const struct sampled_block *x = *(const struct sampled_block *const *)a;
	const struct sampled_block *y = *(const struct sampled_block *const *)b;

	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	return (x->size > y->size) - (x->size < y->size);
}

/* Samples that blocks of a size would have given at the header's interval. */
static int64_t sampled_count(double blocks, double size, double interval)
{
	int64_t n = stack_round(blocks * -expm1(-size / interval));

	return n > 0 || blocks <= 0 ? n : 1;
}

static void add_live(struct heap *heap, double older)
{
	const struct sampled *profile = heap->profile;
	const struct sampled_block **sorted =
		ctl_alloc(profile->nblocks, sizeof(void *));
	double interval = (double)profile->header.interval;
	size_t n = 0;

	for (size_t i = 0; i < profile->nblocks; i++)
		if (profile->blocks[i].age >= older)
			sorted[n++] = &profile->blocks[i];
	if (n > 1)
		qsort(sorted, n, sizeof(void *), by_site_and_size);
	for (size_t i = 0, next; i < n; i = next) {
		double size = (double)sorted[i]->size, blocks = 0;
		struct entry *entry = &heap->entries[heap->n++];

		for (next = i; next < n && by_site_and_size(&sorted[next],
							    &sorted[i]) == 0;
		     next++)
			blocks += sorted[next]->weight;
		entry->site = sorted[i]->site;
		entry->live_n = sampled_count(blocks, size, interval);
		entry->live_bytes = stack_round((double)entry->live_n * size);
	}
	free(sorted);
}

static void add_allocated(struct heap *heap)
{
	const struct sampled *profile = heap->profile;
	double interval = (double)profile->header.interval;

	for (size_t i = 0; i < profile->nsites; i++) {
		const struct sampled_site *site = &profile->sites[i];
		struct entry *entry = &heap->entries[heap->n];
		double mean = site->alloc_bytes / site->alloc_count;

		if (!(site->alloc_count > 0) || !(mean > 0))
			continue;
		entry->site = i;
		entry->alloc_n = sampled_count(site->alloc_count, mean,
					       interval);
		entry->alloc_bytes = stack_round((double)entry->alloc_n * mean);
		heap->n++;
	}
}

static uint64_t address_of(struct heap *heap,
			   const struct sampled_place *place)
{
	char *text;
	size_t i;

	if (!place->python)
		return place->address;
	text = stack_name(&place->own);
	i = sampled_texts_add(&heap->lines, text);
	free(text);
	return PYTHON_ADDRESS + i;
}

/* What google-pprof takes for arguments or a template it leaves out, and -- is
 * between a function and that which it was inlined into. */
static char plain(const char *c)
{
	static const char special[] = "()<>", instead[] = "''[]";
	const char *found = strchr(special, *c);

	if (found)
		return instead[found - special];
	return *c == '-' && c[1] == '-' ? '_' : *c;
}

static void print_name(FILE *stream, const struct sampled_place *place)
{
	for (size_t i = 0; i < place->nlines; i++) {
		char *text = stack_name(&place->lines[i]);

		fputs(i > 0 ? "--" : " ", stream);
		for (const char *c = text; *c != '\0'; c++)
			fputc(plain(c), stream);
		free(text);
	}
	fputc('\n', stream);
}

static void print_names(struct heap *heap, FILE *stream)
{
	const struct sampled *profile = heap->profile;
	const struct sampled_mapping *first =
		profile->nmappings > 0 ? profile->mappings : NULL;
	struct sampled_texts seen = { .n = 0 };

	fprintf(stream, "--- symbol\nbinary=%s\n",
		first && first->path[0] == '/' ? first->path : "unknown");
	for (size_t i = 0; i < profile->nplaces; i++) {
		const struct sampled_place *place = &profile->places[i];
		size_t before = seen.n;
		char key[32];

		snprintf(key, sizeof(key), "0x%016" PRIx64,
			 address_of(heap, place));
		sampled_texts_add(&seen, key);
		if (seen.n == before || place->nlines == 0)
			continue;
		fputs(key, stream);
		print_name(stream, place);
	}
	fputs("---\n", stream);
	sampled_texts_free(&seen);
}

static bool has_python(const struct sampled *profile)
{
	for (size_t i = 0; i < profile->nplaces; i++)
		if (profile->places[i].python)
			return true;
	return false;
}

static void print_numbers(FILE *stream, const char *before,
			  const struct entry *n)
{
	fprintf(stream, "%s%" PRId64 ": %" PRId64 " [%" PRId64 ": %" PRId64
		"] @", before, n->live_n, n->live_bytes, n->alloc_n,
		n->alloc_bytes);
}

static void print_entries(struct heap *heap, FILE *stream)
{
	struct entry sum = { 0 };

	for (size_t i = 0; i < heap->n; i++) {
		sum.live_n += heap->entries[i].live_n;
		sum.live_bytes += heap->entries[i].live_bytes;
		sum.alloc_n += heap->entries[i].alloc_n;
		sum.alloc_bytes += heap->entries[i].alloc_bytes;
	}
	print_numbers(stream, "heap profile: ", &sum);
	fprintf(stream, " heap_v2/%" PRIu64 "\n", heap->profile->header.interval);
	for (size_t i = 0; i < heap->n; i++) {
		const struct sampled_site *site =
			&heap->profile->sites[heap->entries[i].site];

		print_numbers(stream, "  ", &heap->entries[i]);
		for (size_t k = 0; k < site->n; k++)
			fprintf(stream, " 0x%016" PRIx64,
				address_of(heap, &heap->profile->places
							 [site->first + k]));
		fputc('\n', stream);
	}
}

void formats_heap(FILE *stream, const struct formats_input *input)
{
	const struct sampled *profile = &input->profiles[0];
	struct heap heap = {
		.profile = profile,
		.entries = ctl_alloc(profile->nblocks + profile->nsites,
				     sizeof(*heap.entries)),
	};

	add_live(&heap, input->older);
	if (input->older == 0)
		add_allocated(&heap);
	if (has_python(profile))
		print_names(&heap, stream);
	print_entries(&heap, stream);
	fputs("\nMAPPED_LIBRARIES:\n", stream);
	for (size_t i = 0; i < profile->nmappings; i++) {
		const struct sampled_mapping *m = &profile->mappings[i];

		fprintf(stream, "%08" PRIx64 "-%08" PRIx64 " r-xp %08" PRIx64
			" 00:00 0 %s\n", m->start, m->end, m->offset, m->path);
	}
	sampled_texts_free(&heap.lines);
	free(heap.entries);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Boundary tags over bins by length: exact below 64 granules, eight bins a
 * doubling above, so that the first bin with a fit holds the best one.
 */

#include "runs.h"

#define EXACT_BINS 64
#define BINS (EXACT_BINS + (27 - 6 + 1) * 8)
#define WORDS ((BINS + 63) / 64)

/* A bin of many equal runs is not walked to its end for the lowest address, nor
 * one of many that are not accepted: other bins may have some. */
#define WALK_MAX 64
#define REFUSED_MAX 256

static uint32_t bins[BINS];
static uint64_t filled[WORDS];

static struct dmem_tag *tag(uint32_t granule)
{
	return &dmem_window.tags[granule];
}

static unsigned int bin_of(uint32_t len)
{
	unsigned int shift;

	if (len < EXACT_BINS)
		return len;
	shift = dmem_log2(len);
	return EXACT_BINS + (shift - 6) * 8 + ((len >> (shift - 3)) & 7);
}

static unsigned int next_bin(unsigned int bin)
{
	unsigned int word = bin / 64;
	uint64_t bits;

	if (bin >= BINS)
		return BINS;
	bits = filled[word] & (UINT64_MAX << (bin % 64));
	while (!bits) {
		if (++word == WORDS)
			return BINS;
		bits = filled[word];
	}
	return word * 64 + (unsigned int)__builtin_ctzll(bits);
}

static uint32_t *heads_of(uint32_t granule)
{
	return &dmem_window.chunks[granule >> (dmem_window.chunk_shift -
					       DMEM_GRANULE_SHIFT)].heads;
}

/* Begin a run; its neighbours' tags are the caller's. */
static void set_head(uint32_t start, uint32_t len, bool used)
{
	struct dmem_tag *head = tag(start);

	if (!head->len)
		++*heads_of(start);
	head->len = len & INT32_MAX;
	head->used = used;
	tag(start + len)->back = used ? 0 : len;
}

static void clear_head(uint32_t start)
{
	tag(start)->len = 0;
	tag(start)->used = 0;
	--*heads_of(start);
}

static void link_free(uint32_t start)
{
	unsigned int bin = bin_of(tag(start)->len);
	uint32_t next = bins[bin];

	tag(start)->u.link.prev = DMEM_NO_RUN;
	tag(start)->u.link.next = next;
	if (next != DMEM_NO_RUN)
		tag(next)->u.link.prev = start;
	bins[bin] = start;
	filled[bin / 64] |= UINT64_C(1) << (bin % 64);
}

static void unlink_free(uint32_t start)
{
	unsigned int bin = bin_of(tag(start)->len);
	uint32_t prev = tag(start)->u.link.prev;
	uint32_t next = tag(start)->u.link.next;

	if (next != DMEM_NO_RUN)
		tag(next)->u.link.prev = prev;
	if (prev != DMEM_NO_RUN)
		tag(prev)->u.link.next = next;
	else
		bins[bin] = next;
	if (bins[bin] == DMEM_NO_RUN)
		filled[bin / 64] &= ~(UINT64_C(1) << (bin % 64));
}

void dmem_runs_init(void)
{
	for (unsigned int i = 0; i < BINS; i++)
		bins[i] = DMEM_NO_RUN;
	for (unsigned int i = 0; i < WORDS; i++)
		filled[i] = 0;
}

uint32_t dmem_runs_put(uint32_t start, uint32_t len)
{
	uint32_t back = tag(start)->back;
	struct dmem_tag *behind = tag(start + len);

	if (behind->len && !behind->used) {
		uint32_t more = behind->len;

		unlink_free(start + len);
		clear_head(start + len);
		len += more;
	}
	if (back) {
		if (tag(start)->len)
			clear_head(start);
		tag(start)->back = 0;
		start -= back;
		unlink_free(start);
		len += back;
	}
	set_head(start, len, false);
	link_free(start);
	return start;
}

uint32_t dmem_runs_find(uint32_t len, uint32_t align,
			bool (*accept)(uint32_t at, uint32_t len),
			uint32_t *at)
{
	uint32_t best = DMEM_NO_RUN, best_len = UINT32_MAX;

	for (unsigned int bin = next_bin(bin_of(len)); bin < BINS;
	     bin = next_bin(bin + 1)) {
		unsigned int walked = 0, refused = 0;

		for (uint32_t run = bins[bin]; run != DMEM_NO_RUN;
		     run = tag(run)->u.link.next) {
			uint32_t start = DMEM_ROUND_UP(run, align);
			uint32_t have = tag(run)->len;

			if (have < start - run || have - (start - run) < len ||
			    (accept && !accept(start, len))) {
				if (accept && ++refused == REFUSED_MAX)
					break;
				continue;
			}
			if (have < best_len ||
			    (have == best_len && run < best)) {
				best = run;
				best_len = have;
				*at = start;
			}
			if (++walked == WALK_MAX)
				break;
		}
		if (best != DMEM_NO_RUN)
			return best;
	}
	return DMEM_NO_RUN;
}

void dmem_runs_cut(uint32_t run, uint32_t at, uint32_t len)
{
	uint32_t have = tag(run)->len;
	uint32_t end = run + have;

	unlink_free(run);
	clear_head(run);
	tag(end)->back = 0;
	if (at > run) {
		set_head(run, at - run, false);
		link_free(run);
	}
	if (at + len < end) {
		set_head(at + len, end - at - len, false);
		link_free(at + len);
	}
}

void dmem_runs_take(uint32_t run, uint32_t at, uint32_t len)
{
	dmem_runs_cut(run, at, len);
	set_head(at, len, true);
}

uint32_t dmem_runs_behind(uint32_t start)
{
	uint32_t end = start + tag(start)->len;

	return tag(end)->len && !tag(end)->used ? end : DMEM_NO_RUN;
}

void dmem_runs_join(uint32_t start)
{
	uint32_t end = start + tag(start)->len;
	uint32_t len = tag(start)->len + tag(end)->len;

	clear_head(end);
	set_head(start, len, true);
}

void dmem_runs_split(uint32_t start, uint32_t len)
{
	uint32_t rest = tag(start)->len - len;

	set_head(start, len, true);
	set_head(start + len, rest, true);
}

uint32_t dmem_runs_shorten(uint32_t start, uint32_t len)
{
	uint32_t rest = tag(start)->len - len;

	set_head(start, len, true);
	return dmem_runs_put(start + len, rest);
}

uint32_t dmem_runs_end(uint32_t start)
{
	return dmem_runs_put(start, tag(start)->len);
}

uint32_t dmem_runs_of(uint32_t granule)
{
	unsigned int shift = dmem_window.chunk_shift - DMEM_GRANULE_SHIFT;
	uint32_t at = granule;

	for (;;) {
		uint32_t first = (at >> shift) << shift;

		if (dmem_window.chunks[at >> shift].heads)
			for (;; at--) {
				if (tag(at)->len)
					return granule - at < tag(at)->len ?
						       at : DMEM_NO_RUN;
				if (at == first)
					break;
			}
		if (!first)
			return DMEM_NO_RUN;
		at = first - 1;
	}
}

uint32_t dmem_runs_next_free(uint32_t run)
{
	unsigned int bin = 0;

	if (run != DMEM_NO_RUN) {
		if (tag(run)->u.link.next != DMEM_NO_RUN)
			return tag(run)->u.link.next;
		bin = bin_of(tag(run)->len) + 1;
	}
	bin = next_bin(bin);
	return bin < BINS ? bins[bin] : DMEM_NO_RUN;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Boundary tags over bins by length: exact below 64 granules, eight bins a
 * doubling above, each a tree in order of length and address; so the first bin
 * with a fit holds the best one, and all bins behind it fit. Warm and cold runs
 * have bins of their own, and runs that hold a chunk's beginning are entered a
 * second time, by their length from there.
 */

#include "runs.h"

#include "heads.h"

#define EXACT_BINS 64
#define BINS (EXACT_BINS + (27 - 6 + 1) * 8)
#define WORDS ((BINS + 63) / 64)

/* Runs looked at that may fit or not, or may be refused. */
#define LOOKS_MAX 64

struct bins {
	uint64_t filled[WORDS];
	uint32_t trees[BINS];
};

/* By kind (warm), then by what length counts (by_chunk). */
static struct bins bins[2][2];

static bool (*begins_warm)(uint32_t at);

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

static unsigned int next_bin(const struct bins *in, unsigned int bin)
{
	unsigned int word = bin / 64;
	uint64_t bits;

	if (bin >= BINS)
		return BINS;
	bits = in->filled[word] & (UINT64_MAX << (bin % 64));
	while (!bits) {
		if (++word == WORDS)
			return BINS;
		bits = in->filled[word];
	}
	return word * 64 + (unsigned int)__builtin_ctzll(bits);
}

/* Begin a run; its neighbours' tags are the caller's. */
static void set_head(uint32_t start, uint32_t len, bool used)
{
	uint32_t chunk = start >> dmem_granule_shift();
	struct dmem_tag *head = tag(start);

	if (!head->len && !dmem_chunk_at(chunk)->heads++)
		dmem_heads_add(chunk);
	head->len = len & ((1u << 30) - 1);
	head->used = used;
	tag(start + len)->back = used ? 0 : len;
}

static void clear_head(uint32_t start)
{
	uint32_t chunk = start >> dmem_granule_shift();

	tag(start)->len = 0;
	tag(start)->used = 0;
	if (!--dmem_chunk_at(chunk)->heads)
		dmem_heads_remove(chunk);
}

DMEM_INLINE void enter(struct bins *in, uint32_t run, bool by_chunk)
{
	uint32_t len = dmem_trees_length(run, by_chunk);
	unsigned int bin = bin_of(len);

	dmem_trees_insert(&in->trees[bin], by_chunk, len, run);
	in->filled[bin / 64] |= UINT64_C(1) << (bin % 64);
}

DMEM_INLINE void leave(struct bins *in, uint32_t run, bool by_chunk)
{
	uint32_t len = dmem_trees_length(run, by_chunk);
	unsigned int bin = bin_of(len);

	dmem_trees_remove(&in->trees[bin], by_chunk, len, run);
	if (in->trees[bin] == DMEM_NO_RUN)
		in->filled[bin / 64] &= ~(UINT64_C(1) << (bin % 64));
}

static void link_free(uint32_t start)
{
	bool warm = begins_warm(start);

	tag(start)->warm = warm;
	enter(&bins[warm][0], start, false);
	if (dmem_trees_length(start, true))
		enter(&bins[warm][1], start, true);
}

static void unlink_free(uint32_t start)
{
	bool warm = tag(start)->warm;

	leave(&bins[warm][0], start, false);
	if (dmem_trees_length(start, true))
		leave(&bins[warm][1], start, true);
}

void dmem_runs_refile(uint32_t run)
{
	unlink_free(run);
	link_free(run);
}

void dmem_runs_init(bool (*is_warm)(uint32_t at))
{
	begins_warm = is_warm;
	for (unsigned int i = 0; i < 4; i++) {
		struct bins *in = &bins[i / 2][i % 2];

		for (unsigned int bin = 0; bin < BINS; bin++)
			in->trees[bin] = DMEM_NO_RUN;
		for (unsigned int word = 0; word < WORDS; word++)
			in->filled[word] = 0;
	}
	dmem_heads_clear();
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

/* The first run of one kind that is not shorter, or of lower address among as
 * long ones, than these. */
static uint32_t first(const struct bins *in, bool by_chunk, uint32_t len,
		      uint32_t address)
{
	unsigned int bin = bin_of(len);
	uint32_t run = dmem_trees_first(in->trees[bin], by_chunk, len, address);

	if (run != DMEM_NO_RUN)
		return run;
	bin = next_bin(in, bin + 1);
	return bin == BINS ? DMEM_NO_RUN :
			     dmem_trees_first(in->trees[bin], by_chunk, 0, 0);
}

/* A search among runs of one kind. */
struct wanted {
	uint32_t len, align;
	bool (*accept)(uint32_t at, uint32_t len);
};

/* Look at runs from this length on, a bounded number of them. */
static uint32_t look(const struct bins *in, bool by_chunk,
		     const struct wanted *wanted, uint32_t length, uint32_t *at)
{
	uint32_t run = first(in, by_chunk, length, 0), start;

	for (unsigned int looks = 0; run != DMEM_NO_RUN && looks < LOOKS_MAX;
	     looks++) {
		dmem_lock_step();
		start = DMEM_ROUND_UP(run, wanted->align);
		if (start + wanted->len <= run + tag(run)->len &&
		    (!wanted->accept || wanted->accept(start, wanted->len))) {
			*at = start;
			return run;
		}
		run = first(in, by_chunk, dmem_trees_length(run, by_chunk),
			    run + 1);
	}
	return DMEM_NO_RUN;
}

/* The tightest of one kind. */
static uint32_t tightest(bool warm, const struct wanted *wanted, uint32_t *at)
{
	uint32_t granules = dmem_chunk_granules();
	bool by_chunk = wanted->align >= granules;
	uint32_t unit = by_chunk ? granules : 1, run;
	const struct bins *in = &bins[warm][by_chunk];

	run = look(in, by_chunk, wanted, wanted->len, at);
	/* From this length on alignment costs none. */
	if (run == DMEM_NO_RUN && wanted->align > unit)
		run = look(in, by_chunk, wanted,
			   wanted->len + wanted->align - unit, at);
	return run;
}

uint32_t dmem_runs_find(uint32_t len, uint32_t align, enum dmem_runs_kind kind,
			bool (*accept)(uint32_t at, uint32_t len),
			uint32_t *at)
{
	struct wanted wanted = { len, align, accept };
	bool by_chunk = align >= dmem_chunk_granules();
	uint32_t best = DMEM_NO_RUN, best_len = UINT32_MAX;

	for (unsigned int warm = 0; warm < 2; warm++) {
		uint32_t run, have, start;

		if (!(kind & (warm ? DMEM_RUNS_WARM : DMEM_RUNS_COLD)))
			continue;
		run = tightest(warm, &wanted, &start);
		if (run == DMEM_NO_RUN)
			continue;
		have = dmem_trees_length(run, by_chunk);
		if (have < best_len || (have == best_len && run < best)) {
			best = run;
			best_len = have;
			*at = start;
		}
	}
	return best;
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

/* The last run that begins in a chunk at or before a granule of it. */
static uint32_t head_before(uint32_t granule)
{
	uint32_t first = granule & ~(dmem_chunk_granules() - 1), at = granule;

	for (;; at--) {
		dmem_lock_step();
		if (tag(at)->len)
			return at;
		if (at == first)
			return DMEM_NO_RUN;
	}
}

uint32_t dmem_runs_of(uint32_t granule)
{
	uint32_t chunk = granule >> dmem_granule_shift();
	uint32_t at = DMEM_NO_RUN;

	if (dmem_chunk_at(chunk)->heads)
		at = head_before(granule);
	if (at == DMEM_NO_RUN) {
		chunk = dmem_heads_before(chunk);
		if (chunk == DMEM_NO_RUN)
			return DMEM_NO_RUN;
		at = head_before(((chunk + 1) << dmem_granule_shift()) - 1);
	}
	return granule - at < tag(at)->len ? at : DMEM_NO_RUN;
}

uint32_t dmem_runs_next_free(uint32_t run)
{
	bool warm = run != DMEM_NO_RUN && tag(run)->warm;
	uint32_t next;

	if (run == DMEM_NO_RUN)
		next = first(&bins[0][0], false, 0, 0);
	else
		next = first(&bins[warm][0], false, tag(run)->len, run + 1);
	if (next == DMEM_NO_RUN && !warm)
		next = first(&bins[1][0], false, 0, 0);
	return next;
}

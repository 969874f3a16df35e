/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Treaps without parent links: insertion splits, removal joins. */

#include "trees.h"

uint64_t dmem_trees_steps;

static struct dmem_tag *node(uint32_t run, bool by_chunk)
{
	return &dmem_window.tags[run + by_chunk];
}

static uint32_t *left(uint32_t run, bool by_chunk)
{
	return &node(run, by_chunk)->u.link.left;
}

static uint32_t *right(uint32_t run, bool by_chunk)
{
	return &node(run, by_chunk)->u.link.right;
}

/* Whether run `a` comes before a length and address. */
static bool before(uint32_t a, bool by_chunk, uint32_t len, uint32_t address)
{
	uint32_t length = dmem_trees_length(a, by_chunk);

	dmem_trees_steps++;
	return length != len ? length < len : a < address;
}

/* Murmur3's finalizer: neighbours in memory are none in rank. */
static uint32_t rank(uint32_t run)
{
	run ^= run >> 16;
	run *= 0x85ebca6bu;
	run ^= run >> 13;
	run *= 0xc2b2ae35u;
	return run ^ run >> 16;
}

/* Part a tree into what comes before a run and what comes after. */
static void part(uint32_t rest, bool by_chunk, uint32_t len, uint32_t run)
{
	uint32_t *lower = left(run, by_chunk), *upper = right(run, by_chunk);

	while (rest != DMEM_NO_RUN) {
		dmem_lock_step();
		if (before(rest, by_chunk, len, run)) {
			*lower = rest;
			lower = right(rest, by_chunk);
			rest = *lower;
		} else {
			*upper = rest;
			upper = left(rest, by_chunk);
			rest = *upper;
		}
	}
	*lower = *upper = DMEM_NO_RUN;
}

void dmem_trees_insert(uint32_t *root, bool by_chunk, uint32_t len,
		       uint32_t run)
{
	uint32_t rest;

	if (dmem_likely(*root == DMEM_NO_RUN)) {
		*root = run;
		*left(run, by_chunk) = *right(run, by_chunk) = DMEM_NO_RUN;
		return;
	}
	while (*root != DMEM_NO_RUN && rank(*root) > rank(run)) {
		dmem_lock_step();
		root = before(*root, by_chunk, len, run) ?
			       right(*root, by_chunk) : left(*root, by_chunk);
	}
	rest = *root;
	*root = run;
	part(rest, by_chunk, len, run);
}

void dmem_trees_remove(uint32_t *root, bool by_chunk, uint32_t len,
		       uint32_t run)
{
	uint32_t a = *left(run, by_chunk), b = *right(run, by_chunk);

	while (*root != run) {
		dmem_lock_step();
		root = before(*root, by_chunk, len, run) ?
			       right(*root, by_chunk) : left(*root, by_chunk);
	}
	while (a != DMEM_NO_RUN && b != DMEM_NO_RUN) {
		dmem_trees_steps++;
		dmem_lock_step();
		if (rank(a) > rank(b)) {
			*root = a;
			root = right(a, by_chunk);
			a = *root;
		} else {
			*root = b;
			root = left(b, by_chunk);
			b = *root;
		}
	}
	*root = a != DMEM_NO_RUN ? a : b;
}

uint32_t dmem_trees_first(uint32_t root, bool by_chunk, uint32_t len,
			  uint32_t address)
{
	uint32_t found = DMEM_NO_RUN;

	while (root != DMEM_NO_RUN) {
		dmem_lock_step();
		if (before(root, by_chunk, len, address)) {
			root = *right(root, by_chunk);
		} else {
			found = root;
			root = *left(root, by_chunk);
		}
	}
	return found;
}

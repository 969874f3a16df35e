/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The allocators and settings that a recording is replayed on. */
#ifndef ADVISE_VARIANTS_H
#define ADVISE_VARIANTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"
#include "replay/replay.h"

enum advise_kind {
	ADVISE_PRESENT,         /* the first, and no other */
	ADVISE_FREE,            /* a tunable of the C library: costs nothing */
	ADVISE_LIBRARY,         /* libdatamem as it is */
	ADVISE_SETTING,         /* libdatamem with a setting */
};

#define ADVISE_VARIANTS 16

struct advise_variant {
	enum advise_kind kind;
	const char *label;      /* what a user would set */
	struct allocator allocator;
	struct advise_cost cost;
	struct advise_cost predicted;
	struct advise_range range;  /* of the predicted time */
};

struct advise_variants {
	struct advise_variant items[ADVISE_VARIANTS];
	size_t n;
	/* Time in calls and page faults on the present one. */
	double allocation_ns;
	void *owned[3 * ADVISE_VARIANTS];  /* texts and lists of the items */
	size_t nowned;
};

/*
 * Chooses the variants of a recording. with: the library of the present
 * allocator, NULL: the C library. trusted: the recording is our own, so that
 * its environment may be used.
 */
void advise_variants_make(const struct recording_facts *facts,
			  const char *with, bool trusted,
			  struct advise_variants *out);
void advise_variants_free(struct advise_variants *variants);

/* Replays all, and predicts. Ends the tool where a replay fails. */
void advise_variants_measure(struct advise_variants *variants,
			     const struct recording *recording,
			     unsigned int rounds);

/* The best of a kind, or of two: the least processor time; NULL: none. */
const struct advise_variant *
advise_variants_best(const struct advise_variants *variants,
		     enum advise_kind kind, enum advise_kind other);

#endif /* ADVISE_VARIANTS_H */

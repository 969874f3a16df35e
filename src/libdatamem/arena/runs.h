/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Runs of granules in the window: free ones coalesce and are found by best fit;
 * used ones are known by their first granule.
 *
 * Knows lengths and addresses only, not what is mapped, warm or zero: that is
 * asked of the caller through a filter. All under the arena's lock.
 */
#ifndef DMEM_ARENA_RUNS_H
#define DMEM_ARENA_RUNS_H

#include "trees.h"

/* Which free runs are looked at; those of one kind are found by themselves. */
enum dmem_runs_kind {
	DMEM_RUNS_COLD = 1 << 0,
	DMEM_RUNS_WARM = 1 << 1,
	DMEM_RUNS_ANY = DMEM_RUNS_COLD | DMEM_RUNS_WARM,
};

/*
 * Begin with no run at all. is_warm tells the kind of a run that is entered at
 * a granule; it stays that until the run changes or is entered anew.
 */
void dmem_runs_init(bool (*is_warm)(uint32_t at));

/* Enter granules as free, merged with free neighbours; returns the run. */
uint32_t dmem_runs_put(uint32_t start, uint32_t len);

/*
 * Find the free run that fits len granules at a multiple of align most tightly,
 * the lower address of equals; of chunk-aligned ones by their length from the
 * first boundary on. A number of steps that grows with the logarithm of the
 * number of runs only; so where align lies between a granule and a chunk, or
 * above, a run that fits only by luck may be missed for a longer one, and
 * what accept() takes (NULL: all) may be missed among many that it does not.
 * *at is where the granules would begin. Returns the run, or DMEM_NO_RUN.
 */
uint32_t dmem_runs_find(uint32_t len, uint32_t align, enum dmem_runs_kind kind,
			bool (*accept)(uint32_t at, uint32_t len),
			uint32_t *at);

/* Enter a free run anew: whether it begins warm may have changed. */
void dmem_runs_refile(uint32_t run);

/* Turn [at, at + len) of a free run into a used one; the rest stays free. */
void dmem_runs_take(uint32_t run, uint32_t at, uint32_t len);

/* The free run right behind a used one, or DMEM_NO_RUN. */
uint32_t dmem_runs_behind(uint32_t start);

/* Make one run of a used run and the used run right behind it. */
void dmem_runs_join(uint32_t start);

/* Split a used run after len granules; both parts are used. */
void dmem_runs_split(uint32_t start, uint32_t len);

/* Shorten a used run to len granules; the rest becomes free (returned). */
uint32_t dmem_runs_shorten(uint32_t start, uint32_t len);

/* End a used run; returns the free run that it has become part of. */
uint32_t dmem_runs_end(uint32_t start);

/* Cut [at, at + len) out of a free run: it is no run any more. */
void dmem_runs_cut(uint32_t run, uint32_t at, uint32_t len);

/* The run that holds a granule, or DMEM_NO_RUN. */
uint32_t dmem_runs_of(uint32_t granule);

/* Walk the free runs: the first with DMEM_NO_RUN; any order, in which nothing
 * may change but runs behind the one returned. */
uint32_t dmem_runs_next_free(uint32_t run);

#endif /* DMEM_ARENA_RUNS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * From replays to the program.
 *
 * A replay does what the program asked of its allocator, and writes all of each
 * new block once, as the program will have done; everything else that the
 * program did costs the same on any allocator. So
 *
 *	cpu(v)  = cpu  + share * (replay_cpu(v)  - replay_cpu(present))
 *	peak(v) = peak + share * (replay_peak(v) - replay_peak(present))
 *
 * where cpu and peak are the recorded program's. Blocks are written as a whole,
 * not a byte of each page: memory that the kernel has just cleared is in the
 * processor's cache, warm memory that is used again is not, and to leave that
 * out counts every page fault that is saved for twice its worth.
 *
 * share is 1 where the replay has no more page faults than the program had; a
 * program with fewer has not written to all of its memory, and share is the
 * part that it can have.
 *
 * Not in it: what huge pages spare the program's own loops.
 */
#ifndef ADVISE_MODEL_H
#define ADVISE_MODEL_H

#include <stdbool.h>

/* Medians of a variant's replays. */
struct advise_cost {
	double cpu_ns;
	double faults;
	double peak;            /* bytes */
};

/* The program as it was recorded; 0: not known. */
struct advise_program {
	double cpu_ns;
	double faults;
	double peak;
};

double advise_share(const struct advise_program *program,
		    const struct advise_cost *present);

/*
 * The program on a variant. Where its own time or peak is not known, the
 * replay's difference to the present one is all that is told: they begin at
 * those of the present replay.
 */
struct advise_cost advise_predict(const struct advise_program *program,
				  const struct advise_cost *present,
				  const struct advise_cost *variant);

#endif /* ADVISE_MODEL_H */

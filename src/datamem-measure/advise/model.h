/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * From replays to the program.
 *
 * A replay asks of its allocator what the program did, and writes to each page
 * of a new block once; all else that the program did costs the same on any
 * allocator. What a variant v differs in from the present allocator is added to
 * the recorded program:
 *
 *	user(v)   = user   + share  * (replay_user(v)   - replay_user(present))
 *	system(v) = system + kernel * (replay_system(v) - replay_system(present))
 *	peak(v)   = peak   + share  * (replay_peak(v)   - replay_peak(present))
 *
 * share is 1 where the replay has no more page faults than the program had; a
 * program with fewer has not written to all of its memory, and share is the
 * part that it can have.
 *
 * A page fault costs a program that computes in between, and whose memory the
 * host of a virtual machine may have taken, more than a replay, which does
 * nothing else on memory that was just used. kernel is what the program's own
 * faults cost, in those of the replay: the part of its system time that the
 * replay's faults are of its faults, divided by the replay's system time; from
 * share up to ADVISE_KERNEL_MAX, as system time can have other causes: more
 * promised gains that were not there (doc/measurements.md).
 *
 * The price of a page fault is not one number: where the host of a virtual machine
 * takes memory back that is free, the same faults of the same program have cost 0.15
 * to 1.27 s within minutes (doc/measurements.md). So advise_range() tells the least,
 * where all system time is the price of faults and the variant's cheapest replay
 * holds, and the most, where what the program paid beyond the replay is no fault's
 * and stays, and the dearest replay holds.
 *
 * Not in it: what huge pages spare the program's own loops.
 */
#ifndef ADVISE_MODEL_H
#define ADVISE_MODEL_H

#define ADVISE_KERNEL_MAX 1.2

/* Medians of a variant's replays. */
struct advise_cost {
	double cpu_ns;
	double system_ns;       /* of it in the kernel; of a replay only */
	double faults;
	double peak;            /* bytes */
	/* System time of the cheapest and the dearest replay. */
	double system_least_ns, system_most_ns;
};

/* The program as it was recorded; 0: not known. */
struct advise_program {
	double cpu_ns;
	double system_ns;
	double faults;
	double peak;
};

/* The two factors. */
double advise_kernel(const struct advise_program *program,
		     const struct advise_cost *present);
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

/* Of processor time, for what page faults may cost; the prediction is in it. */
struct advise_range {
	double least_ns, most_ns;
};
struct advise_range advise_range(const struct advise_program *program,
				 const struct advise_cost *present,
				 const struct advise_cost *variant);

#endif /* ADVISE_MODEL_H */

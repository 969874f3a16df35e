/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Cuts a recording into steps of threads. */

#include "steps.h"

#include "measure/measure.h"

/* Entries that fill a cache line. */
#define BLOCKS_A_LINE (64 / sizeof(struct replay_block))

/* A block of the recording, while the steps are cut. */
struct fate {
	uint64_t nbytes;
	uint32_t index;         /* in the table */
	uint32_t turn;
	uint16_t owner;         /* the thread that made it */
	bool shared;
};

struct cutter {
	const struct recording *recording;
	struct replay_steps *out;
	struct fate *fates;
	size_t *window;         /* of each thread's last step */
	bool several;           /* threads */
};

/* Owners, sharing, and indexes by owner. */
static void place_blocks(struct cutter *c)
{
	const struct recording *t = c->recording;
	uint32_t *next = measure_memory(t->n_threads * sizeof(*next));
	uint32_t n = 0;

	for (size_t i = 0; i < t->n_events; i++) {
		const struct recording_event *e = &t->events[i];
		struct fate *fate = &c->fates[e->block];

		if (e->op == RECORDING_ALLOC || e->op == RECORDING_ZEROED) {
			fate->owner = e->thread;
			next[e->thread]++;
		} else if (fate->owner != e->thread) {
			fate->shared = true;
		}
	}
	for (size_t i = 0; i < t->n_threads; i++) {
		uint32_t count = next[i];

		next[i] = n;
		n += (count + BLOCKS_A_LINE - 1) / BLOCKS_A_LINE *
			BLOCKS_A_LINE;
	}
	for (size_t i = 0; i < t->n_blocks; i++)
		c->fates[i].index = next[c->fates[i].owner]++;
	c->out->n_blocks = n;
}

/* Steps that the events of a thread take at most: one more a new window. */
static void make_room(struct cutter *c)
{
	const struct recording *t = c->recording;
	size_t *count = measure_memory(t->n_threads * sizeof(*count));

	for (size_t i = 0; i < t->n_events; i++)
		count[t->events[i].thread]++;
	for (size_t i = 0; i < t->n_threads; i++) {
		/* Twice as many only where each event is in a new window. */
		size_t room = c->several ? 2 * count[i] : count[i];

		c->out->threads[i].steps = measure_memory(
			(room + 1) * sizeof(struct replay_step));
	}
}

static void put(struct cutter *c, size_t thread, struct replay_step step)
{
	struct replay_thread_steps *t = &c->out->threads[thread];

	t->steps[t->n++] = step;
}

static void cut_event(struct cutter *c, const struct recording_event *e,
		      bool trust_hints)
{
	struct fate *fate = &c->fates[e->block];
	struct replay_step step = {
		.nbytes = e->nbytes,
		.block = fate->index,
		.op = e->op,
		.shared = fate->shared,
	};

	if (fate->shared)
		step.turn = fate->turn++ & ((1u << 27) - 1);
	if (e->op != RECORDING_FREE)
		fate->nbytes = e->nbytes;
	else if (trust_hints && step.nbytes > fate->nbytes)
		step.nbytes = fate->nbytes;
	put(c, e->thread, step);
}

void replay_steps_make(const struct recording *recording, size_t window,
		       bool inspect, bool trust_hints, struct replay_steps *out)
{
	struct cutter c = {
		.recording = recording,
		.out = out,
		.fates = measure_memory(recording->n_blocks * sizeof(*c.fates)),
		.window = measure_memory(recording->n_threads *
					 sizeof(*c.window)),
		.several = recording->n_threads > 1,
	};

	out->n_threads = recording->n_threads;
	out->threads = measure_memory(recording->n_threads *
				      sizeof(*out->threads));
	place_blocks(&c);
	out->blocks = measure_memory(out->n_blocks * sizeof(*out->blocks));
	out->turns = measure_memory(c.several ? out->n_blocks *
				    sizeof(*out->turns) : 0);
	make_room(&c);
	for (size_t i = 0; i < recording->n_events; i++) {
		const struct recording_event *e = &recording->events[i];

		if (c.several && i / window > c.window[e->thread]) {
			c.window[e->thread] = i / window;
			put(&c, e->thread, (struct replay_step){
				.op = STEP_WINDOW,
				.nbytes = i / window,
			});
		}
		cut_event(&c, e, trust_hints);
		if (inspect && i == recording->peak_event)
			put(&c, e->thread, (struct replay_step){
				.op = STEP_INSPECT,
			});
	}
}

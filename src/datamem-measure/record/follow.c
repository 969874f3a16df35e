/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What each event is for the recording. */
#include "tool.h"
#include "follow.h"

#include "addresses.h"

#define THREADS_MAX 1024        /* RECORDING_MAX_THREADS */
#define EVENTS_MAX (UINT64_C(1) << 26)  /* RECORDING_MAX_EVENTS */
/* So many numbers of 20 digits, and what is between them. */
#define LINE_MAX_BYTES 128

struct thread {
	uint32_t tid;
	struct record_block taken;  /* between the two halves of a resize */
};

struct text {
	char *bytes;
	size_t n, room;
};

struct record_follow {
	struct record_follow_state state;
	struct record_addresses blocks;
	struct thread threads[THREADS_MAX];
	unsigned int n_threads, last_thread;
	uint64_t min, names, last_time;
	bool listing;               /* the list may come, or is coming */
	/* Lines of the list; those behind them; those that were asked for. */
	struct text list, lines, given;
};

struct record_follow *record_follow_new(uint64_t min, uint32_t main_tid)
{
	struct record_follow *follow = ctl_alloc(1, sizeof(*follow));

	*follow = (struct record_follow) {
		.min = min,
		.threads[0].tid = main_tid,
		.n_threads = 1,
		.listing = true,
	};
	return follow;
}

void record_follow_free(struct record_follow *follow)
{
	record_addresses_free(&follow->blocks);
	free(follow->list.bytes);
	free(follow->lines.bytes);
	free(follow->given.bytes);
	free(follow);
}

/* --- Lines ---------------------------------------------------------------- */

static char *write_number(char *to, uint64_t number)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	*to++ = ' ';
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

static void write_line(struct record_follow *follow, struct text *text,
		       char op, unsigned int thread,
		       const struct record_block *block, uint64_t ns)
{
	char *at;

	if (follow->state.events == EVENTS_MAX) {
		follow->state.full = true;
		return;
	}
	follow->state.events++;
	if (text->room - text->n < LINE_MAX_BYTES) {
		text->room = text->room ? 2 * text->room : 65536;
		text->bytes = ctl_realloc(text->bytes, text->room, 1);
	}
	at = text->bytes + text->n;
	*at++ = op;
	at = write_number(at, thread);
	at = write_number(at, block->name);
	at = write_number(at, block->nbytes);
	at = write_number(at, ns);
	*at++ = '\n';
	text->n = (size_t)(at - text->bytes);
}

/* --- Threads -------------------------------------------------------------- */

/* Those beyond the last number share it. */
static unsigned int thread_of(struct record_follow *follow, uint32_t tid)
{
	unsigned int i = follow->last_thread;

	if (follow->threads[i].tid == tid)
		return i;
	for (i = 0; i < follow->n_threads; i++)
		if (follow->threads[i].tid == tid)
			break;
	if (i == THREADS_MAX)
		i--;
	else if (i == follow->n_threads)
		follow->threads[follow->n_threads++].tid = tid;
	follow->last_thread = i;
	return i;
}

/* --- Events --------------------------------------------------------------- */

struct moment {
	unsigned int thread;
	uint64_t ns;            /* since the line before */
};

static void write(struct record_follow *follow, char op,
		  const struct record_block *block, struct moment *moment)
{
	write_line(follow, &follow->lines, op, moment->thread, block,
		   moment->ns);
	moment->ns = 0;
}

/* The address is no block's, or the one of `block`, from here on. A block that
 * was there ends: its free was lost, or it was listed as it was being made. */
static void set_address(struct record_follow *follow, uint64_t address,
			const struct record_block *block,
			struct moment *moment)
{
	struct record_block *old = record_addresses_find(&follow->blocks,
							 address);

	if (old && old->name)
		write(follow, 'f', old, moment);
	if (old)
		record_addresses_remove(&follow->blocks, old);
	if (block)
		record_addresses_add(&follow->blocks, block);
}

/* An entry of the list of this address would be one of before. */
static void mark_freed(struct record_follow *follow, uint64_t address)
{
	const struct record_block none = { .address = address };

	if (follow->listing &&
	    !record_addresses_find(&follow->blocks, address))
		record_addresses_add(&follow->blocks, &none);
}

static void make(struct record_follow *follow, char op, uint64_t address,
		 uint64_t nbytes, struct moment *moment)
{
	struct record_block block = { address, 0, nbytes ? nbytes : 1 };

	if (block.nbytes < follow->min || !address)
		return;
	block.name = ++follow->names;
	set_address(follow, address, &block, moment);
	follow->state.blocks++;
	write(follow, op, &block, moment);
}

/* Out of the table; false: it is none. */
static bool take(struct record_follow *follow, uint64_t address,
		 struct record_block *out)
{
	struct record_block *block = record_addresses_find(&follow->blocks,
							   address);

	*out = (struct record_block) { 0 };
	if (!block || !block->name)
		return false;
	*out = *block;
	record_addresses_remove(&follow->blocks, block);
	return true;
}

static void free_block(struct record_follow *follow, uint64_t address,
		       struct moment *moment)
{
	struct record_block block;

	if (take(follow, address, &block))
		write(follow, 'f', &block, moment);
	if (address)
		mark_freed(follow, address);
}

/* The first half of a resize; the second half of one before was lost. */
static void begin_resize(struct record_follow *follow, uint64_t address,
			 struct moment *moment)
{
	struct record_block *taken = &follow->threads[moment->thread].taken;

	if (taken->name)
		write(follow, 'f', taken, moment);
	take(follow, address, taken);
	if (address)
		mark_freed(follow, address);
}

static void end_resize(struct record_follow *follow, uint64_t address,
		       uint64_t nbytes, struct moment *moment)
{
	struct thread *thread = &follow->threads[moment->thread];
	struct record_block block = thread->taken;

	thread->taken.name = 0;
	if (!block.name) {
		make(follow, 'a', address, nbytes, moment);
		return;
	}
	if (nbytes < follow->min || !address) {
		write(follow, 'f', &block, moment);
		return;
	}
	block.address = address;
	block.nbytes = nbytes;
	set_address(follow, address, &block, moment);
	write(follow, 'r', &block, moment);
}

static void keep(struct record_follow *follow, struct moment *moment)
{
	struct record_block *taken = &follow->threads[moment->thread].taken;

	if (!taken->name)
		return;
	set_address(follow, taken->address, taken, moment);
	taken->name = 0;
}

static void list(struct record_follow *follow, uint64_t address,
		 uint64_t nbytes)
{
	struct record_block block = { address, 0, nbytes };

	if (!follow->listing || !address || nbytes < follow->min ||
	    record_addresses_find(&follow->blocks, address))
		return;
	block.name = ++follow->names;
	record_addresses_add(&follow->blocks, &block);
	follow->state.blocks++;
	follow->state.listed++;
	write_line(follow, &follow->list, 'a', 0, &block, 0);
}

static void end_list(struct record_follow *follow, uint64_t missing)
{
	if (!follow->listing)
		return;
	follow->state.list_missing = missing;
	follow->state.list_ended = true;
	record_follow_no_list(follow);
}

void record_follow_no_list(struct record_follow *follow)
{
	if (!follow->listing)
		return;
	follow->listing = false;
	record_addresses_forget_freed(&follow->blocks);
}

static bool is_listing(unsigned int op)
{
	return op == EVENTS_LIST_BEGIN || op == EVENTS_LISTED ||
	       op == EVENTS_LIST_END;
}

/* Threads' times may be a little out of order. */
static struct moment moment_of(struct record_follow *follow,
			       const struct events_entry *event)
{
	struct moment moment = { thread_of(follow, event->tid), 0 };

	if (follow->last_time && event->time > follow->last_time)
		moment.ns = event->time - follow->last_time;
	return moment;
}

void record_follow_event(struct record_follow *follow,
			 const struct events_entry *event)
{
	unsigned int op = EVENTS_OP(event->what);
	uint64_t size = EVENTS_SIZE(event->what), lines = follow->state.events;
	struct moment moment;

	if (op == EVENTS_LISTED)
		list(follow, event->address, size);
	else if (op == EVENTS_LIST_END)
		end_list(follow, size);
	if (is_listing(op))
		return;
	moment = moment_of(follow, event);
	switch (op) {
	case EVENTS_ALLOC:
		make(follow, 'a', event->address, size, &moment);
		break;
	case EVENTS_ZEROED:
		make(follow, 'z', event->address, size, &moment);
		break;
	case EVENTS_FREE:
		free_block(follow, event->address, &moment);
		break;
	case EVENTS_TAKE:
		begin_resize(follow, event->address, &moment);
		break;
	case EVENTS_RESIZE:
		end_resize(follow, event->address, size, &moment);
		break;
	case EVENTS_KEEP:
		keep(follow, &moment);
		break;
	}
	if (follow->state.events != lines && event->time > follow->last_time)
		follow->last_time = event->time;
}

const struct record_follow_state *
record_follow_state(const struct record_follow *follow)
{
	return &follow->state;
}

static void append(struct text *to, struct text *from)
{
	if (to->room - to->n < from->n) {
		to->room = to->n + from->n;
		to->bytes = ctl_realloc(to->bytes, to->room, 1);
	}
	if (from->n)
		memcpy(to->bytes + to->n, from->bytes, from->n);
	to->n += from->n;
	from->n = 0;
}

const char *record_follow_lines(struct record_follow *follow, size_t *nbytes)
{
	follow->given.n = 0;
	if (!follow->listing) {
		append(&follow->given, &follow->list);
		append(&follow->given, &follow->lines);
	}
	*nbytes = follow->given.n;
	return *nbytes ? follow->given.bytes : NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The tables as a whole, and samples that come and go. */
#include "profile.h"

#include <sched.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/shared.h"
#include "probes.h"
#include "settings/settings.h"
#include "frames.h"
#include "mappings.h"
#include "samples.h"
#include "sampler.h"
#include "stacks.h"
#include "switch.h"
#include "tables.h"

/* Threads that take stacks at the same time; each needs a few KiB, which are
 * not to come out of its stack. */
#define TAKERS 16

bool dmem_profile_active;

/* All tables. */
static struct dmem_lock lock = DMEM_LOCK_INIT(PROFILE);
static bool open;                  /* there are tables */
static int failed;                 /* why there are none */
static struct dmem_sums sums;
static uint64_t unloads;           /* as of the last look */
static size_t mapped;              /* bytes, for statistics */

static struct taker {
	struct dmem_frames frames;
	int busy;
} takers[TAKERS] DMEM_TABLE;

static void drop(void)
{
	dmem_store(&dmem_profile_active, false);
	dmem_tables_drop();
	dmem_stacks_drop();
	dmem_samples_drop();
	dmem_mappings_forget();
	open = false;
	dmem_store(&mapped, 0);
}

/* What changed in the sums is shown. */
static void show(void)
{
	dmem_tables_show(&sums);
	dmem_store(&mapped, dmem_tables_mapped() + dmem_stacks_mapped() +
			    dmem_samples_mapped());
}

/*
 * A child writes into a file of its own from its first event on. Where it
 * cannot be had, its profile ends.
 */
static void leave_parent(void)
{
	int err;

	if (dmem_likely(!dmem_tables_foreign()))
		return;
	err = dmem_tables_leave(dmem_load(&dmem_sampler_interval));
	if (err) {
		dmem_store(&failed, err);
		drop();
		return;
	}
	dmem_stacks_show_all();
	dmem_samples_show_all();
	show();
	dmem_tables_publish();
}

/* Lock the tables of a profile; false: it has ended, nothing is locked. */
static bool enter(unsigned int epoch)
{
	dmem_lock(&lock);
	if (open && epoch == dmem_load(&dmem_sampler_epoch)) {
		leave_parent();
		if (open)
			return true;
	}
	dmem_unlock(&lock);
	return false;
}

bool dmem_profile_begin(struct dmem_profile_ticket *ticket,
			struct dmem_sampler *sampler, int64_t *left,
			const void *old_ptr, size_t nbytes)
{
	ticket->sampler = sampler;
	ticket->left = left;
	ticket->nbytes = nbytes;
	ticket->epoch = dmem_load(&dmem_sampler_epoch);
	ticket->old.address = 0;
	if (old_ptr && dmem_samples_may_have(old_ptr) && enter(ticket->epoch)) {
		if (!dmem_samples_take(old_ptr, &ticket->old))
			ticket->old.address = 0;
		dmem_unlock(&lock);
	}
	ticket->interval = dmem_sampler_try(sampler, left, nbytes);
	return ticket->interval;
}

/* A live block has ended; its sample is out of the table. */
static void end(const struct dmem_sample *sample)
{
	dmem_stacks_end(sample->stack, &sample->weight);
	dmem_totals_take(&sums.live, &sample->weight);
	sums.ended++;
}

/* The same of a sample that was replaced, or found no room. */
static void drop_sample(const struct dmem_sample *sample)
{
	sums.dropped_samples++;
	sums.dropped_bytes += sample->weight.bytes;
}

static void add_live(const struct dmem_weight *weight, uint64_t now)
{
	dmem_totals_add(&sums.live, weight);
	if (sums.live.bytes > sums.peak) {
		sums.peak = sums.live.bytes;
		sums.peak_time = now;
	}
}

/* With the tables locked. */
static void record(struct dmem_sample *sample, const char *handler,
		   const struct dmem_frames *frames)
{
	struct dmem_sample old;
	bool live;

	sample->stack = dmem_stacks_find(frames, handler, DATAMEM_TRACE_DOMAIN,
					 &sums);
	sample->serial = ++sums.taken;
	live = dmem_samples_enter(sample, &old);
	if (old.address)
		end(&old);
	dmem_totals_add(&sums.allocated, &sample->weight);
	dmem_stacks_add(sample->stack, &sample->weight, sample->time, live);
	if (live)
		add_live(&sample->weight, sample->time);
	else
		drop_sample(sample);
}

/* Objects that came or went: the table of them is kept right. */
static void look_at_mappings(const struct dmem_frames *frames,
			     unsigned int epoch)
{
	uint64_t before = dmem_load(&unloads);
	uint64_t now = dmem_mappings_unloads(before);

	if (now != before && enter(epoch)) {
		dmem_store(&unloads, now);
		dmem_mappings_forget();
		dmem_native_forget();
		dmem_unlock(&lock);
	}
	for (uint32_t i = 0; i < frames->natives; i++) {
		struct dmem_segment segment;

		if (dmem_mappings_known(frames->native[i]) ||
		    !dmem_mappings_look(frames->native[i], &segment))
			continue;
		if (!enter(epoch))
			return;
		dmem_mappings_note(&segment);
		dmem_unlock(&lock);
	}
}

static struct taker *find_taker(void)
{
	for (unsigned int i = 0;; i = (i + 1) % TAKERS) {
		int idle = 0;

		if (__atomic_compare_exchange_n(&takers[i].busy, &idle, 1,
						false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return &takers[i];
		if (i == TAKERS - 1)
			sched_yield();
	}
}

static void take(struct dmem_profile_ticket *ticket, const void *ptr,
		 const char *handler, void *const *frame)
{
	struct dmem_sampler *sampler = ticket->sampler;
	struct taker *taker = find_taker();
	struct dmem_sample sample = {
		.address = (uintptr_t)ptr,
		.nbytes = ticket->nbytes,
		.interval = ticket->interval,
		.time = dmem_kernel_boot_ns(),
		.tid = (uint32_t)sampler->tid,
	};

	dmem_frames_take(&taker->frames, &sampler->bounds, frame);
	look_at_mappings(&taker->frames, ticket->epoch);
	dmem_weight_of(&sample.weight, sample.nbytes, sample.interval);
	if (enter(ticket->epoch)) {
		record(&sample, handler, &taker->frames);
		show();
		dmem_unlock(&lock);
		dmem_probe3(SAMPLES, alloc, ptr, sample.nbytes,
			    sample.weight.bytes);
	}
	dmem_store_release(&taker->busy, 0);
}

static void count_raise(unsigned int epoch)
{
	if (!enter(epoch))
		return;
	sums.raised++;
	show();
	dmem_unlock(&lock);
}

static void end_old(const struct dmem_profile_ticket *ticket)
{
	if (!ticket->old.address || !enter(ticket->epoch))
		return;
	end(&ticket->old);
	show();
	dmem_probe1(SAMPLES, free, (void *)ticket->old.address);
	dmem_unlock(&lock);
}

void dmem_profile_commit(struct dmem_profile_ticket *ticket, const void *ptr,
			 const char *handler, void *const *frame)
{
	struct dmem_sampler alone = { 0 }, *sampler = ticket->sampler;
	int saved = errno;
	uint64_t began;

	end_old(ticket);
	if (!ticket->interval)
		return;
	if (!sampler)
		ticket->sampler = sampler = &alone;
	/* Python may come to allocate, and so to here. */
	sampler->inside = true;
	began = dmem_sampler_begin(sampler);
	take(ticket, ptr, handler, frame);
	if (dmem_sampler_end(sampler, began))
		count_raise(ticket->epoch);
	sampler->inside = false;
	errno = saved;
}

void dmem_profile_cancel(struct dmem_profile_ticket *ticket)
{
	struct dmem_sample replaced;

	if (!ticket->old.address || !enter(ticket->epoch))
		return;
	/* Its place in the table is free yet, or somebody else's. */
	if (!dmem_samples_enter(&ticket->old, &replaced)) {
		end(&ticket->old);
		drop_sample(&ticket->old);
	} else if (replaced.address) {
		end(&replaced);
	}
	show();
	dmem_unlock(&lock);
}

void dmem_profile_free(const void *ptr)
{
	struct dmem_sample sample;

	if (!dmem_samples_may_have(ptr) ||
	    !enter(dmem_load(&dmem_sampler_epoch)))
		return;
	if (dmem_samples_take(ptr, &sample)) {
		end(&sample);
		show();
		dmem_probe1(SAMPLES, free, ptr);
	}
	dmem_unlock(&lock);
}

/* The tables as a whole */

static int make_tables(uint64_t interval)
{
	int err = dmem_tables_make(interval,
			dmem_setting_value(DMEM_SETTING_PROFILE_MAX));

	if (err)
		return err;
	err = dmem_stacks_make();
	if (!err)
		err = dmem_samples_make();
	if (err) {
		drop();
		return err;
	}
	memset(&sums, 0, sizeof(sums));
	show();
	dmem_tables_publish();
	return 0;
}

int dmem_profile_open(uint64_t interval)
{
	int err = 0;

	dmem_lock(&lock);
	if (!open) {
		err = make_tables(interval);
		if (!err) {
			open = true;
			dmem_store(&dmem_sampler_interval, interval);
			dmem_store(&dmem_sampler_epoch, dmem_sampler_epoch + 1);
			dmem_store_release(&dmem_profile_active, true);
		}
	} else {
		dmem_store(&dmem_sampler_interval, interval);
		dmem_tables_show_interval(interval);
	}
	dmem_store(&failed, err);
	dmem_unlock(&lock);
	return err;
}

void dmem_profile_close(void)
{
	dmem_lock(&lock);
	if (open)
		drop();
	dmem_store(&failed, 0);
	dmem_unlock(&lock);
}

DMEM_START int dmem_profile_error(void)
{
	return dmem_load(&failed);
}

size_t dmem_profile_mapped(void)
{
	return dmem_load(&mapped);
}

int dmem_profile_copy(struct profile_header **out, size_t *nbytes)
{
	if (!enter(dmem_load(&dmem_sampler_epoch)))
		return -ENODATA;
	*out = dmem_tables_copy(&sums, nbytes);
	dmem_unlock(&lock);
	return *out ? 0 : -ENOMEM;
}

void dmem_profile_lock(void)
{
	dmem_lock(&lock);
}

void dmem_profile_unlock(void)
{
	dmem_unlock(&lock);
}

/* The other threads are gone, which may have been at a stack. */
void dmem_profile_leave(void)
{
	for (size_t i = 0; i < TAKERS; i++)
		takers[i].busy = 0;
	dmem_tables_fork_child();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Live control as a whole: when there is a page and a thread, and when not. */
#include "control.h"

#include <stdio.h>
#include <string.h>

#include "alloc/alloc.h"
#include "kernel/kernel.h"
#include "live.h"
#include "settings/settings.h"

static struct dmem_lock lock = DMEM_LOCK_INIT(CONTROL);
static bool active;        /* a page is wanted */
static bool ran;           /* the thread, before a fork */
static int page_error;     /* why there is no page */
static int attending;
static uint64_t last_answer;

static uint64_t mode(void)
{
	return dmem_setting_value(DMEM_SETTING_CONTROL);
}

bool dmem_control_wants_thread(void)
{
	return dmem_load(&active) && mode() != DMEM_CONTROL_PAGE;
}

/* As the setting has it. */
static int start_thread(void)
{
	return dmem_control_thread_start(mode() == DMEM_CONTROL_THREAD);
}

static int make_page(void)
{
	bool stopped, there;
	int err;

	/* Not while a stop() is about to drop it. */
	dmem_lock(&lock);
	there = dmem_control_page_there();
	dmem_unlock(&lock);
	if (there)
		return 0;
	/* It waits on a word of the record that gets replaced. Not with the
	 * lock held, which it may want. */
	stopped = dmem_control_thread_stop();
	dmem_lock(&lock);
	/* Not behind the back of a stop() that came meanwhile. */
	err = dmem_load(&active) ? dmem_control_page_make() : 0;
	dmem_store(&page_error, err);
	dmem_unlock(&lock);
	if (stopped)
		start_thread();
	else if (mode() == DMEM_CONTROL_ON)
		dmem_control_thread_arm(true);
	return err;
}

static void show(void)
{
	dmem_lock(&lock);
	if (dmem_control_page_there())
		dmem_control_page_show();
	dmem_unlock(&lock);
}

static void run_errands(void)
{
	unsigned int errand = __atomic_exchange_n(&dmem_live_errand, 0,
						  __ATOMIC_ACQ_REL);

	if (errand & DMEM_ERRAND_PAGE)
		make_page();
	if (errand & DMEM_ERRAND_SHOW)
		show();
	if (errand & DMEM_ERRAND_THREAD)
		start_thread();
	if (errand & DMEM_ERRAND_EVENTS)
		dmem_alloc_record_end(true);
}

/* A thread comes by on its slow path; it may be inside of what we call. */
static void attend(void)
{
	uint64_t now;
	int none = 0;

	if (!__atomic_compare_exchange_n(&attending, &none, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	run_errands();
	/* One a tick of the clock: no stream of requests stops the program. */
	now = dmem_kernel_clock_ms();
	if (!dmem_control_thread_runs() && now != dmem_load(&last_answer)) {
		dmem_store(&last_answer, now);
		dmem_control_answer();
	}
	dmem_store_release(&attending, 0);
}

/* Write why the setting does not act. */
static void write_note(enum dmem_setting_id id DMEM_UNUSED,
		       bool look DMEM_UNUSED, char *out, size_t out_size)
{
	int err = dmem_load(&page_error);

	if (err == -EFBIG)
		snprintf(out, out_size, "no page: RLIMIT_FSIZE is too small");
	else if (err == -EMFILE)
		snprintf(out, out_size, "no page: no descriptor above 2 is "
			 "left (RLIMIT_NOFILE)");
	else if (err)
		snprintf(out, out_size, "no page: %s", strerror(-err));
}

static void changed(enum dmem_setting_id id DMEM_UNUSED)
{
	switch (mode()) {
	case DMEM_CONTROL_OFF:
		datamem_control_stop();
		break;
	case DMEM_CONTROL_THREAD:
		datamem_control_start();
		break;
	case DMEM_CONTROL_PAGE:
		dmem_control_thread_stop();
		dmem_store(&active, true);
		dmem_live_errand_add(DMEM_ERRAND_PAGE);
		break;
	default:
		dmem_store(&active, true);
		dmem_live_errand_add(DMEM_ERRAND_PAGE);
		dmem_control_thread_arm(!dmem_control_thread_runs());
	}
}

void dmem_control_init(void)
{
	dmem_live_set_attendant(attend);
	dmem_settings_observe(show);
	dmem_setting_watch(DMEM_SETTING_CONTROL, changed);
	dmem_setting_guard(DMEM_SETTING_CONTROL, NULL, write_note);
}

void dmem_control_ready(void)
{
	if (mode() == DMEM_CONTROL_OFF)
		return;
	changed(DMEM_SETTING_CONTROL);
}

void dmem_control_at_exit(bool idle)
{
	dmem_control_thread_forbid();
	if (idle)
		dmem_control_thread_stop();
}

bool dmem_control_idle(unsigned int *patience)
{
	return dmem_control_thread_idle(patience);
}

int datamem_control_start(void)
{
	int err;

	dmem_library_init();
	dmem_store(&active, true);
	err = make_page();
	switch (err) {
	case 0:
		break;
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return err;
	default:
		return -ENOTSUP;
	}
	return mode() == DMEM_CONTROL_PAGE ? 0 :
	       dmem_control_thread_start(true);
}

void datamem_control_stop(void)
{
	bool again;

	dmem_library_init();
	dmem_store(&active, false);
	dmem_store(&dmem_live_errand, 0);
	dmem_control_thread_stop();
	dmem_lock(&lock);
	again = dmem_load(&active);
	if (!again)
		dmem_control_page_drop(false);
	dmem_unlock(&lock);
	/* A start() came meanwhile, whose thread or errand may be gone: this was
	 * before it. */
	if (again)
		datamem_control_start();
}

int datamem_control_poll(void)
{
	dmem_library_init();
	if (dmem_load(&dmem_live_errand))
		run_errands();
	if (!dmem_control_page_there())
		return -ENOTSUP;
	return dmem_control_answer() ? 1 : 0;
}

void datamem_control_note(const char *text)
{
	dmem_library_init();
	dmem_lock(&lock);
	dmem_control_page_note(text ? text : "");
	dmem_unlock(&lock);
}

void dmem_control_fork_prepare(void)
{
	bool stopped = dmem_control_thread_fork_prepare();

	dmem_lock(&lock);
	ran = stopped;
}

void dmem_control_fork_parent(void)
{
	/* Not at once: some programs count their threads after a fork. */
	if (ran)
		dmem_live_errand_add(DMEM_ERRAND_THREAD);
	dmem_unlock(&lock);
	dmem_control_thread_fork_done(false);
}

void dmem_control_fork_leave_page(void)
{
	dmem_control_page_drop(true);
}

void dmem_control_fork_child(void)
{
	dmem_control_answer_forked();
	dmem_store(&attending, 0);
	dmem_store(&dmem_live_errand, 0);
	if (dmem_load(&active)) {
		dmem_live_errand_add(DMEM_ERRAND_PAGE);
		if (mode() == DMEM_CONTROL_THREAD)
			dmem_live_errand_add(DMEM_ERRAND_THREAD);
		dmem_control_thread_arm(mode() == DMEM_CONTROL_ON);
	}
	dmem_unlock(&lock);
	dmem_control_thread_fork_done(true);
}

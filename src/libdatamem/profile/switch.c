/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The profile is switched on and off, by setting and by call. */
#include "switch.h"

#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "stats.h"
#include "frames.h"
#include "write.h"

/* When a call names none. */
#define INTERVAL "512K"

/* Held over start and stop as a whole. */
static struct dmem_lock switch_lock = DMEM_LOCK_INIT(PROFILE_SWITCH);
static void (*watcher)(bool on);
static void (*settler)(void);

void dmem_profile_watch(void (*toggled)(bool on), void (*settle)(void))
{
	dmem_store_release(&settler, settle);
	dmem_store_release(&watcher, toggled);
}

static void tell_watcher(bool on)
{
	void (*toggled)(bool on) = dmem_load_acquire(&watcher);

	if (toggled)
		toggled(on);
}

static void stop(void)
{
	dmem_store(&dmem_profile_active, false);
	tell_watcher(false);
	dmem_profile_close();
}

static void changed(enum dmem_setting_id id DMEM_UNUSED)
{
	void (*settle)(void) = dmem_load_acquire(&settler);
	uint64_t interval;

	if (dmem_setting_value(DMEM_SETTING_PROFILE) != DMEM_SIZE_AUTO)
		dmem_frames_prepare();
	dmem_lock(&switch_lock);
	interval = dmem_setting_value(DMEM_SETTING_PROFILE);
	if (interval == DMEM_SIZE_AUTO)
		stop();
	else if (!dmem_profile_open(interval))
		tell_watcher(true);
	dmem_unlock(&switch_lock);
	if (settle)
		settle();
}

/* Write why the setting does not act. */
static void write_note(enum dmem_setting_id id DMEM_UNUSED,
		       bool look DMEM_UNUSED, char *out, size_t out_size)
{
	int err = dmem_profile_error();

	if (err == -EFBIG)
		snprintf(out, out_size,
			 "no profile: RLIMIT_FSIZE is below profile.max");
	else if (err)
		snprintf(out, out_size, "no profile: %s", strerror(-err));
}

static void collect(struct datamem_stats *stats)
{
	stats->meta_bytes += dmem_profile_mapped();
}

void dmem_profile_init(void)
{
	dmem_setting_watch(DMEM_SETTING_PROFILE, changed);
	dmem_setting_guard(DMEM_SETTING_PROFILE, NULL, write_note);
	dmem_stats_collect(collect);
}

void dmem_profile_ready(void)
{
	if (dmem_setting_value(DMEM_SETTING_PROFILE) != DMEM_SIZE_AUTO)
		changed(DMEM_SETTING_PROFILE);
}

int datamem_profile_start(size_t interval)
{
	char text[DMEM_SETTING_TEXT_MAX] = INTERVAL;
	int err;

	dmem_library_init();
	if (interval)
		snprintf(text, sizeof(text), "%zu", interval);
	err = dmem_setting_set_from("profile", text, DATAMEM_ORIGIN_API);
	if (err)
		return err;
	/* It was set before, in vain. */
	if (!dmem_load(&dmem_profile_active))
		changed(DMEM_SETTING_PROFILE);
	return dmem_profile_error();
}

int datamem_profile_stop(void)
{
	dmem_library_init();
	return dmem_setting_set_from("profile", "off", DATAMEM_ORIGIN_API);
}

int datamem_profile_write(int fd, int format)
{
	struct profile_header *copied = NULL;
	size_t nbytes = 0;
	int saved = errno, err, state;

	if (!dmem_write_knows(format))
		return -EINVAL;
	dmem_library_init();
	err = dmem_profile_copy(&copied, &nbytes);
	if (err)
		return err;
	state = dmem_cancel_off();
	err = dmem_write(fd, format, copied, nbytes);
	dmem_cancel_restore(state);
	dmem_kernel_unmap(copied, nbytes);
	errno = saved;
	return err;
}

void dmem_profile_fork_prepare(void)
{
	dmem_lock(&switch_lock);
	dmem_profile_lock();
}

void dmem_profile_fork_parent(void)
{
	dmem_profile_unlock();
	dmem_unlock(&switch_lock);
}

void dmem_profile_fork_child(void)
{
	dmem_profile_leave();
	dmem_profile_fork_parent();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Requests from outside, and their answers. A request is copied once and only
 * the copy is looked at: the process that wrote it may still be writing.
 */
#include "control.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc/alloc.h"
#include "handler/handler.h"
#include "kernel/shared.h"
#include "live.h"
#include "settings/settings.h"
#include "stats.h"
#include "trace/trace.h"

struct answer {
	int status;
	uint64_t result;
	char text[sizeof(((struct live_request *)0)->text)];
};

static uint64_t answered;
static int answering;

static void refuse(struct answer *answer, int status, const char *format, ...)
	DMEM_PRINTF(3, 4);
static void refuse(struct answer *answer, int status, const char *format, ...)
{
	va_list args;

	answer->status = status;
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
}

static void set(const struct live_request *request, struct answer *answer)
{
	char before[DMEM_SETTING_TEXT_MAX];
	int id = dmem_setting_find(request->name);

	if (id < 0) {
		refuse(answer, id, "no such setting");
		return;
	}
	/* control could take away the page that the answer goes to; stats.exit
	 * names a file that the process is to write. */
	if (id == DMEM_SETTING_CONTROL || id == DMEM_SETTING_STATS_EXIT) {
		refuse(answer, -EPERM, "cannot be changed from outside");
		return;
	}
	if (id == DMEM_SETTING_HANDLER && !datamem_handler_find(request->value)) {
		refuse(answer, -ENOENT, "no handler of this name is registered");
		return;
	}
	dmem_setting_string((enum dmem_setting_id)id, before, sizeof(before));
	answer->status = dmem_setting_set_from(request->name, request->value,
					       DATAMEM_ORIGIN_CONTROL);
	if (!answer->status)
		snprintf(answer->text, sizeof(answer->text), "%s", before);
	else if (answer->status == -EINVAL)
		refuse(answer, -EINVAL, "it accepts %s",
		       dmem_setting_values((enum dmem_setting_id)id));
	else
		refuse(answer, answer->status, "it was refused");
}

static void accounts(const struct live_request *request, struct answer *answer)
{
	if (request->argument > 1) {
		refuse(answer, -EINVAL, "on or off");
		return;
	}
	answer->result = dmem_trace_on();
	if (!request->argument)
		datamem_trace_stop();
	else if (datamem_trace_start())
		refuse(answer, -ENOMEM, "no memory for accounts");
}

static void begin_recording(const struct live_request *request,
			    struct answer *answer)
{
	int err;

	if (!request->argument || request->argument > SIZE_MAX / 2) {
		refuse(answer, -EINVAL, "not a size of blocks");
		return;
	}
	err = dmem_alloc_record((size_t)request->argument, &answer->result);
	/* It sees to it that the recording ends. */
	if (!err)
		dmem_live_errand_add(DMEM_ERRAND_THREAD);
	else if (err == -EBUSY)
		refuse(answer, err, "it is being recorded already");
	else if (err == -EFBIG)
		refuse(answer, err, "no recording: RLIMIT_FSIZE is too small");
	else
		refuse(answer, err, "no recording: %s", strerror(-err));
}

static void list_for_recording(struct answer *answer)
{
	int err = dmem_alloc_record_list();

	if (err == -ENODATA)
		refuse(answer, err, "it is not being recorded");
	else if (err == -ENOTSUP)
		refuse(answer, err, "its blocks are not those of the arena");
	else if (err)
		refuse(answer, err, "nobody reads what is listed");
}

static void record(const struct live_request *request, struct answer *answer)
{
	if (!strcmp(request->name, "begin"))
		begin_recording(request, answer);
	else if (!strcmp(request->name, "list"))
		list_for_recording(answer);
	else if (!strcmp(request->name, "end"))
		dmem_alloc_record_end(false);
	else
		refuse(answer, -EINVAL, "begin, list or end");
}

static void reset_peak(struct answer *answer)
{
	static struct datamem_stats stats DMEM_TABLE;

	dmem_stats_snapshot(&stats);
	answer->result = stats.peak_bytes;
	datamem_peak_reset();
}

static void perform(const struct live_request *request, struct answer *answer)
{
	if (!memchr(request->name, '\0', sizeof(request->name)) ||
	    !memchr(request->value, '\0', sizeof(request->value))) {
		refuse(answer, -EINVAL, "a text without an end");
		return;
	}
	switch (request->kind) {
	case LIVE_SET:
		set(request, answer);
		break;
	case LIVE_TRIM:
		answer->result = dmem_handler_trim(
			(size_t)DMEM_MIN(request->argument, SIZE_MAX));
		break;
	case LIVE_RESET_PEAK:
		reset_peak(answer);
		break;
	case LIVE_ACCOUNTS:
		accounts(request, answer);
		break;
	case LIVE_RECORD:
		record(request, answer);
		break;
	default:
		refuse(answer, -ENOTSUP, "this version of the library, %s, "
		       "does not know the request", DATAMEM_VERSION_STRING);
	}
}

void dmem_control_answer_forked(void)
{
	dmem_store(&answering, 0);
}

static bool change_state(uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&dmem_live->request.state, &from,
					   to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

DMEM_START bool dmem_control_answer(void)
{
	/* One thread at a time answers, on the host's stack perhaps. */
	static struct live_request request DMEM_TABLE;
	static struct answer answer DMEM_TABLE;
	struct live_request *slot = &dmem_live->request;
	int none = 0;

	if (!__atomic_compare_exchange_n(&answering, &none, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	if (!change_state(LIVE_PENDING, LIVE_TAKEN)) {
		dmem_store_release(&answering, 0);
		return false;
	}
	memcpy(&request, slot, sizeof(request));
	answer = (struct answer){ 0 };
	perform(&request, &answer);
	dmem_live_store(requests, ++answered);
	slot->answer_serial = request.serial;
	slot->status = answer.status;
	slot->result = answer.result;
	memcpy(slot->text, answer.text, sizeof(slot->text));
	slot->text[sizeof(slot->text) - 1] = '\0';
	change_state(LIVE_TAKEN, LIVE_ANSWERED);
	dmem_kernel_futex_wake(&slot->state);
	dmem_store_release(&answering, 0);
	return true;
}

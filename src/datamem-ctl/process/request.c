/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The asking side of the request slot; live-page.h has the rules. */
#include "tool.h"
#include "request.h"

#include <linux/futex.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

/* How often states are looked at, whatever wakes us. */
#define LOOK_MS 50
/* The same where something is to be done meanwhile. */
#define WORK_MS 2

/* Seconds for an answer where only the program's own calls can give one: one
 * that is at work has made some by then, one that waits may never. */
#define NO_THREAD 0.25

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void nap(uint32_t *word, uint32_t seen, long ms)
{
	struct {
		long sec, nsec;
	} timeout = { 0, ms * 1000000L };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, NULL, 0);
}

static uint32_t load(uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static int fail(struct ctl_request *request, const char *format, ...)
	CTL_PRINTF(2, 3);
static int fail(struct ctl_request *request, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(request->text, sizeof(request->text), format, args);
	va_end(args);
	return CTL_TROUBLE;
}

/* Alone with the slot: another tool's request is through, or given up. */
static int take_slot(const struct ctl_process *process,
		     struct live_request *slot, struct ctl_request *request,
		     double deadline)
{
	uint32_t idle = 0, state;

	while (flock(process->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(request, "%s", strerror(errno));
		if (now() > deadline)
			return fail(request, "another request is under way");
		nap(&idle, 0, LOOK_MS);
	}
	/* PENDING: left for a process without a thread; it may come now. */
	while ((state = load(&slot->state)) == LIVE_TAKEN ||
	       state == LIVE_PENDING) {
		if (now() > deadline)
			return fail(request, state == LIVE_TAKEN ?
				    "it does not finish the request before this "
				    "one" :
				    "an earlier request is pending");
		nap(&slot->state, state, LOOK_MS);
	}
	return CTL_OK;
}

static void write_request(struct live_request *slot,
			  const struct ctl_request *request, uint32_t serial)
{
	slot->kind = request->kind;
	slot->serial = serial;
	slot->argument = request->argument;
	memset(slot->name, 0, sizeof(slot->name));
	memset(slot->value, 0, sizeof(slot->value));
	if (request->name)
		memcpy(slot->name, request->name, strlen(request->name));
	if (request->value)
		memcpy(slot->value, request->value, strlen(request->value));
	__atomic_store_n(&slot->state, LIVE_PENDING, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &slot->state, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* It did not answer in time: why not, and what becomes of the request. */
static int give_up(const struct ctl_process *process,
		   struct live_request *slot, struct ctl_request *request)
{
	struct ctl_source source = ctl_source_file(process->fd, process->size);
	uint32_t pending = LIVE_PENDING;
	static struct ctl_page page;
	char state = ctl_process_state(process->pid);

	if (state != 'T' && state != 't' && load(&slot->state) == pending &&
	    !ctl_page_read(&source, &page) &&
	    page.numbers.service == 0) {
		fail(request, "pending: it has no service thread now, and "
		     "takes the request at its next allocation");
		return CTL_NO;
	}
	if (!__atomic_compare_exchange_n(&slot->state, &pending, LIVE_IDLE,
					 false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return fail(request, "no answer within %g s; it has begun with "
			    "the request", request->timeout);
	return fail(request, "no answer within %g s%s; the request is withdrawn",
		    request->timeout, state == 'T' || state == 't' ?
				    ", as it is stopped" : "");
}

static int await_answer(const struct ctl_process *process,
			struct live_request *slot, struct ctl_request *request,
			uint32_t serial, double deadline)
{
	struct live_request answer;
	uint32_t state;

	while ((state = load(&slot->state)) != LIVE_ANSWERED ||
	       slot->answer_serial != serial) {
		if (ctl_process_state(process->pid) == '\0')
			return fail(request, "it has ended");
		if (now() > deadline)
			return give_up(process, slot, request);
		if (request->meanwhile)
			request->meanwhile(request->meanwhile_arg);
		nap(&slot->state, state,
		    request->meanwhile ? WORK_MS : LOOK_MS);
	}
	memcpy(&answer, slot, sizeof(answer));
	answer.text[sizeof(answer.text) - 1] = '\0';
	request->result = answer.result;
	snprintf(request->text, sizeof(request->text), "%s", answer.text);
	for (char *c = request->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (answer.status == 0)
		return CTL_OK;
	if (request->text[0] == '\0')
		snprintf(request->text, sizeof(request->text), "refused");
	return CTL_TROUBLE;
}

int ctl_request(const struct ctl_process *process, struct ctl_request *request)
{
	uint32_t offset = process->page.header.request_offset;
	double deadline = now() + request->timeout;
	/* Checked against the size of the file, which is sealed. */
	size_t nbytes = offset + sizeof(struct live_request);
	struct live_request *slot;
	uint32_t serial;
	char *page;
	int result;

	request->text[0] = '\0';
	if (!process->writable)
		return fail(request, "permission denied");
	if ((request->name && strlen(request->name) >= sizeof(slot->name)) ||
	    (request->value && strlen(request->value) >= sizeof(slot->value)))
		return fail(request, "name or value is too long");
	page = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		    process->fd, 0);
	if (page == MAP_FAILED)
		return fail(request, "%s", strerror(errno));
	slot = (struct live_request *)(page + offset);
	result = take_slot(process, slot, request, deadline);
	if (result == CTL_OK) {
		serial = slot->serial + 1;
		write_request(slot, request, serial);
		if (process->page.numbers.service == 0 &&
		    deadline > now() + NO_THREAD)
			deadline = now() + NO_THREAD;
		result = await_answer(process, slot, request, serial,
				      deadline);
	}
	flock(process->fd, LOCK_UN);
	munmap(page, nbytes);
	return result;
}

static error_t parse_timeout(int key, char *arg, struct argp_state *state)
{
	double *timeout = state->input;

	if (key != 't')
		return ARGP_ERR_UNKNOWN;
	*timeout = ctl_options_seconds(arg, 0, state);
	return 0;
}

static const struct argp_option timeout_options[] = {
	{ "timeout", 't', "SECONDS", 0, "How long to wait for an answer (5)", 0 },
	{ 0 }
};

const struct argp ctl_timeout_argp = {
	.options = timeout_options,
	.parser = parse_timeout,
};

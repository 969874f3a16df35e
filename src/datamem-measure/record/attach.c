/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The recording of a process, from the request to its end. */
#include "tool.h"
#include "attach.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "process/process.h"
#include "find.h"
#include "follow.h"
#include "output.h"
#include "ring.h"

/* How often the ring is emptied: it takes 13 million events a second then. */
#define BEAT_NS 10000000L
/* And how often it is looked whether the process is there. */
#define LOOK_SECONDS 0.5
/* Entries between two calls of write(2), and of the beat. */
#define BATCH 16384

struct session {
	const struct record_attach_job *job;
	struct ctl_process process;
	struct record_found found;
	struct record_ring ring;
	struct record_follow *follow;
	struct record_output output;
	struct record_facts begin, now;
	double began, looked;
	bool gone;              /* the process, or the program that it ran */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal CTL_UNUSED)
{
	interrupted = 1;
}

static void catch_signals(void)
{
	const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = interrupt };
	struct sigaction old;

	for (size_t i = 0; i < CTL_ARRAY_SIZE(signals); i++) {
		/* As nohup(1) has it. */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void nap(void)
{
	const struct timespec time = { 0, BEAT_NS };

	nanosleep(&time, NULL);
}

/* --- Events --------------------------------------------------------------- */

static void write_lines(struct session *session)
{
	size_t n;
	const char *lines = record_follow_lines(session->follow, &n);

	if (n > 0)
		record_output_write(&session->output, lines, n);
}

/* What is in the ring goes to the file. */
static void drain(void *arg)
{
	struct session *session = arg;
	struct events_entry event;
	unsigned int n = 0;

	/* Not for ever where the program is faster than we are. */
	while (n < EVENTS_ENTRIES && record_ring_take(&session->ring, &event)) {
		record_follow_event(session->follow, &event);
		if (++n % BATCH)
			continue;
		record_ring_release(&session->ring);
		write_lines(session);
	}
	record_ring_release(&session->ring);
	write_lines(session);
}

/* --- Beginning ------------------------------------------------------------ */

static int ask(struct session *session, const char *what, uint64_t argument,
	       double timeout, struct ctl_request *request)
{
	*request = (struct ctl_request) {
		.kind = LIVE_RECORD,
		.name = what,
		.argument = argument,
		.timeout = timeout,
	};
	if (session->follow) {
		request->meanwhile = drain;
		request->meanwhile_arg = session;
	}
	return ctl_request(&session->process, request);
}

/* A request that was left for a process without a service thread is taken at its
 * next allocation. */
static bool await_ring(struct session *session, uint64_t inode)
{
	double deadline = now() + CTL_TIMEOUT;

	do {
		if (record_find(session->job->pid,
				session->process.is.inner_pid, inode,
				&session->found))
			return true;
		nap();
	} while (inode == 0 && !interrupted && now() < deadline &&
		 ctl_process_state(session->job->pid) != '\0');
	return false;
}

/* Before anything was recorded: no file is left. */
static void refuse(struct session *session, const char *why)
	__attribute__((__noreturn__));
static void refuse(struct session *session, const char *why)
{
	record_output_discard(&session->output);
	ctl_die("process %d: %s", (int)session->job->pid, why);
}

static void open_ring(struct session *session)
{
	struct ctl_request request;
	int result = ask(session, "begin", session->job->min, CTL_TIMEOUT,
			 &request);
	const char *why;

	if (result == CTL_TROUBLE)
		refuse(session, request.text);
	if (!await_ring(session, result == CTL_OK ? request.result : 0))
		refuse(session, result == CTL_OK ?
		       "its events cannot be read" : request.text);
	why = record_ring_open(session->found.bytes, session->found.size,
			       &session->ring);
	if (why)
		refuse(session, why);
	record_ring_release(&session->ring);
}

static void get_list(struct session *session)
{
	struct ctl_request request;
	int result = ask(session, "list", 0, CTL_TIMEOUT, &request);

	drain(session);
	record_follow_no_list(session->follow);
	if (result != CTL_OK)
		ctl_error("the recording begins without a list of the live "
			  "blocks: %s", request.text);
	else if (record_follow_state(session->follow)->list_missing > 0)
		ctl_error("%" PRIu64 " live blocks are missing at the beginning "
			  "of the recording",
			  record_follow_state(session->follow)->list_missing);
}

static void open_process(struct session *session)
{
	const char *why = ctl_process_open(session->job->pid, 0,
					   &session->process);

	if (why)
		ctl_die("process %d: %s", (int)session->job->pid, why);
}

/* --- Ending --------------------------------------------------------------- */

/* That it ended is seen, at the latest, when it is looked for. */
static bool is_over(struct session *session)
{
	const struct record_attach_job *job = session->job;
	double time = now();

	if (interrupted || record_ring_ended(&session->ring) ||
	    record_follow_state(session->follow)->full ||
	    (job->seconds > 0 && time - session->began >= job->seconds))
		return true;
	if (time - session->looked < LOOK_SECONDS)
		return false;
	session->looked = time;
	session->gone = !record_find_again(job->pid, &session->found);
	if (!session->gone)
		record_facts_read(job->pid, &session->now);
	return session->gone;
}

static void stop(struct session *session)
{
	char state = ctl_process_state(session->job->pid);
	struct ctl_request request;

	record_facts_read(session->job->pid, &session->now);
	record_ring_stop(&session->ring);
	/* One that is stopped sees it when it goes on. */
	if (!session->gone && state != 'T' && state != 't')
		ask(session, "end", 0, 1, &request);
	do
		drain(session);
	while (record_ring_skip(&session->ring));
}

static void say(const struct session *session)
{
	const struct record_follow_state *state =
		record_follow_state(session->follow);
	uint64_t lost = record_ring_lost(&session->ring);

	fprintf(stderr, "%s: %" PRIu64 " events of %" PRIu64 " blocks in %s, "
		"%" PRIu64 " of which were there before\n",
		ctl_name_command("record"), state->events, state->blocks,
		session->job->file, state->listed);
	if (lost > 0)
		ctl_error("%" PRIu64 " events were lost: they came faster than "
			  "they could be written; a larger --min leaves more "
			  "out", lost);
	if (state->full)
		ctl_error("the recording is full, and ends before the program");
	else if (session->gone)
		ctl_error("the process has ended, or executes another program");
	else if (!interrupted && session->job->seconds == 0)
		ctl_error("the process has ended the recording");
}

int record_attach(const struct record_attach_job *job)
{
	static struct session session;
	uint64_t lost;

	session.job = job;
	catch_signals();
	open_process(&session);
	record_output_open(&session.output, job->file);
	open_ring(&session);
	session.follow = record_follow_new(session.ring.min,
				(uint32_t)session.process.is.inner_pid);
	session.began = session.looked = now();
	record_facts_read(job->pid, &session.begin);
	session.now = session.begin;
	record_output_header(&session.output, job->pid, session.ring.min);
	get_list(&session);
	while (!is_over(&session)) {
		drain(&session);
		nap();
	}
	stop(&session);
	lost = record_ring_lost(&session.ring);
	record_output_facts(&session.output, &session.begin, &session.now,
			    now() - session.began, lost,
			    record_follow_state(session.follow)->full);
	record_output_close(&session.output);
	say(&session);
	record_follow_free(session.follow);
	ctl_process_close(&session.process);
	return CTL_OK;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Both sides of a replay in a process of its own. */
#include "tool.h"
#include "job.h"

#include <sys/mman.h>
#include <unistd.h>

/* The recording where the measured processes find it; ends the tool. */
int replay_job_make(const struct recording *recording,
		    const struct replay_options *how)
{
	size_t events = recording->n_events * sizeof(*recording->events);
	int fd = memfd_create("datamem-replay", MFD_CLOEXEC);
	struct replay_job *job;

	if (fd < 0 || ftruncate(fd, (off_t)(REPLAY_JOB_EVENTS + events)) < 0)
		ctl_die("no memory for the recording: %s", strerror(errno));
	job = mmap(NULL, REPLAY_JOB_EVENTS + events, PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, 0);
	if (job == MAP_FAILED)
		ctl_die("no memory for the recording: %s", strerror(errno));
	job->magic = REPLAY_JOB_MAGIC;
	job->options = *how;
	job->recording = *recording;
	memcpy((char *)job + REPLAY_JOB_EVENTS, recording->events, events);
	munmap(job, REPLAY_JOB_EVENTS + events);
	return fd;
}

int replay_job_run(int job, const struct allocator *allocator, bool inspect,
		   size_t prime_bytes, struct replay_result *result)
{
	const char *const argv[] = {
		"datamem-replay", "--child",
		allocator->base ? allocator->base : allocator->name,
		allocator->preload ? allocator->preload : "",
		inspect ? "inspect" : "time", NULL,
	};
	const struct measure_spec spec = {
		.argv = argv,
		.input = job,
		.preload = allocator->preload,
		.tunables = allocator->tunables,
		.environment = allocator->environment,
		.prime_bytes = prime_bytes,
		.name = allocator->name,
	};

	return measure_spawn(&spec, result, sizeof(*result));
}

/* --child NAME LIBRARY HOW */
__attribute__((noreturn))
static void run_child(char **argv)
{
	struct allocator allocator = allocator_by_name(
		argv[0], argv[1][0] ? argv[1] : NULL);
	struct replay_result result;
	struct replay_options opts;
	struct replay_job *job;
	struct recording recording;
	off_t size = lseek(STDIN_FILENO, 0, SEEK_END);

	job = size < REPLAY_JOB_EVENTS ? MAP_FAILED :
		mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED | MAP_POPULATE,
		     STDIN_FILENO, 0);
	if (job == MAP_FAILED || job->magic != REPLAY_JOB_MAGIC)
		ctl_die("--child is for the tool's own use");
	recording = job->recording;
	recording.events = (void *)((char *)job + REPLAY_JOB_EVENTS);
	opts = job->options;
	opts.inspect = !strcmp(argv[2], "inspect");
	allocator_enter(&allocator);
	replay_run(&recording, &allocator, &opts, &result);
	/* Blocks that the recording never frees are not to be freed at exit. */
	_exit(measure_report(&result, sizeof(result)) ? CTL_OK : CTL_TROUBLE);
}

void replay_job_child(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "--child"))
		run_child(argv + 2);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Threads of a pool use the handler of the code that gave them the work. */
#include <datamem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
	struct datamem_context *context;
	const char *handler;	/* answer */
};

static void *work(void *arg)
{
	struct job *job = arg;
	struct datamem_buffer buffer;

	if (datamem_context_enter(job->context) != 0)
		return NULL;
	if (datamem_buffer_init_zeroed(&buffer, 1000, 8) == 0) {
		job->handler = datamem_buffer_handler_name(&buffer);
		datamem_buffer_release(&buffer);
	}
	datamem_context_leave(job->context);
	return NULL;
}

int main(void)
{
	static const char *const names[] = { "system", "debug", "datamem" };
	struct job jobs[3];
	pthread_t threads[3];

	/* One thread at a time may enter a context: each job has its own. */
	for (int i = 0; i < 3; i++) {
		if (!datamem_handler_set(datamem_handler_find(names[i])))
			return EXIT_FAILURE;
		jobs[i].handler = "nothing";
		jobs[i].context = datamem_context_copy();
		if (!jobs[i].context ||
		    pthread_create(&threads[i], NULL, work, &jobs[i]) != 0)
			return EXIT_FAILURE;
	}
	datamem_handler_set(NULL);

	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		printf("job %d used %s\n", i, jobs[i].handler);
		datamem_context_free(jobs[i].context);
	}
	return EXIT_SUCCESS;
}

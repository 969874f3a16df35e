/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* One line at a time, to the host's function or to standard error. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define PREFIX "libdatamem: "

/* Function and argument belong together: both change under the lock. */
static struct dmem_lock lock = DMEM_LOCK_INIT(LOG);
static void (*log_fn)(void *arg, const char *message);
static void *log_arg;

void datamem_log_set(void (*log)(void *arg, const char *message), void *arg)
{
	dmem_lock(&lock);
	log_fn = log;
	log_arg = arg;
	dmem_unlock(&lock);
}

/* One call, so that lines of several threads and processes stay whole. */
static void write_stderr(const char *message)
{
	static const char prefix[] = PREFIX, newline[] = "\n";
	struct iovec line[] = {
		{ (void *)(uintptr_t)prefix, sizeof(prefix) - 1 },
		{ (void *)(uintptr_t)message, strlen(message) },
		{ (void *)(uintptr_t)newline, 1 },
	};
	int state = dmem_cancel_off();
	ssize_t written;

	/* Nobody could be told of a standard error that is closed or full. */
	written = writev(STDERR_FILENO, line, 3);
	(void)written;
	dmem_cancel_restore(state);
}

void dmem_log_plain(const char *message)
{
	int saved_errno = errno;

	write_stderr(message);
	errno = saved_errno;
}

void dmem_log(const char *format, ...)
{
	void (*fn)(void *arg, const char *message);
	char message[DMEM_LOG_MAX];
	int saved_errno = errno;
	va_list args;
	void *arg;
	int len;

	dmem_host_call("a message");
	va_start(args, format);
	len = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (len < 0)
		message[0] = '\0';
	else if ((size_t)len >= sizeof(message))
		memcpy(message + sizeof(message) - 4, "...", 4);
	for (char *at = message; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';

	dmem_lock(&lock);
	fn = log_fn;
	arg = log_arg;
	dmem_unlock(&lock);
	if (fn)
		fn(arg, message);
	else
		write_stderr(message);
	errno = saved_errno;
}

void dmem_log_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_log_fork_parent(void)
{
	dmem_unlock(&lock);
}

bool dmem_log_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

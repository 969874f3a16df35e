/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Asks a process for something, and waits for its answer. */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include "inspect.h"

struct ctl_request {
	enum live_request_kind kind;
	const char *name, *value;  /* NULL: "" */
	uint64_t argument;
	double timeout;            /* seconds */
	/* Called again and again while it is waited for an answer; or NULL. */
	void (*meanwhile)(void *arg);
	void *meanwhile_arg;

	uint64_t result;           /* of the answer */
	char text[256];            /* of the answer, or why there is none */
};

/*
 * CTL_OK: answered. CTL_NO: left in the page of a process that has no service
 * thread; it takes effect at its next allocation. CTL_TROUBLE: refused, or not
 * answered and withdrawn. `text` says why.
 */
int ctl_request(const struct ctl_process *process, struct ctl_request *request);

/* Option --timeout; input is a double. */
extern const struct argp ctl_timeout_argp;
#define CTL_TIMEOUT 5.0

#endif /* CTL_REQUEST_H */

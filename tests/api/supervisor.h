/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * System calls of a process that fail as planned, by the kernel: a filter of
 * seccomp(2) asks this process, its supervisor, which lets them go on or gives
 * an errno. It holds for all threads and children, and needs no right.
 */
#ifndef TESTS_API_SUPERVISOR_H
#define TESTS_API_SUPERVISOR_H

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#define SUPERVISED (-1)
#define PLAN_ERRORS 64

struct plan_error {
	int number, err;
};

/* One number, which fails the at-th time; or, with n, one in `odds` of any of
 * these. A number of -1: none is watched. */
struct plan {
	int number, err;
	unsigned long at;
	unsigned long seen;   /* how many calls there were */
	struct plan_error errors[PLAN_ERRORS];
	size_t n;
	unsigned int odds, seed;
};

static int watch(const struct plan *plan)
{
	struct sock_filter filter[FILTER_LEN(PLAN_ERRORS + 1)];
	struct sock_fprog program;
	int numbers[PLAN_ERRORS + 1] = { plan->number };

	for (size_t i = 0; i < plan->n; i++)
		numbers[i] = plan->errors[i].number;
	program = make_filter(filter, numbers, plan->n ? plan->n : 1,
			      SECCOMP_RET_USER_NOTIF);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

union fd_message {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static bool send_fd(int to, int fd)
{
	union fd_message control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(to, &message, 0) == 1;
}

static int receive_fd(int from)
{
	union fd_message control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != 1 ||
	    message.msg_controllen < sizeof(struct cmsghdr))
		return -1;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* The errno that a call gets, or 0. */
static int verdict(struct plan *plan, int number)
{
	plan->seen++;
	if (!plan->n)
		return plan->seen == plan->at ? plan->err : 0;
	plan->seed = plan->seed * 1664525u + 1013904223u;
	if ((plan->seed >> 8) % plan->odds)
		return 0;
	for (size_t i = 0, from = (plan->seed >> 16) % plan->n; i < plan->n;
	     i++) {
		const struct plan_error *e = &plan->errors[(from + i) % plan->n];

		if (e->number == number)
			return e->err;
	}
	return 0;
}

static void answer(int listener, struct plan *plan)
{
	static union {
		struct seccomp_notif notif;
		char room[512];
	} question;
	static union {
		struct seccomp_notif_resp resp;
		char room[512];
	} reply;
	int err;

	memset(&question, 0, sizeof(question));
	memset(&reply, 0, sizeof(reply));
	/* A process that was killed asks no more. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question))
		return;
	err = verdict(plan, question.notif.data.nr);
	reply.resp.id = question.notif.id;
	reply.resp.error = -err;
	if (!err)
		reply.resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	(void)!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

/* Until nobody is left who could ask. */
static int see_to(pid_t pid, int listener, struct plan *plan)
{
	struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
	int status = 0;

	while (listener >= 0 && (poll(&poll_fd, 1, -1) >= 0 || errno == EINTR)) {
		if (poll_fd.revents & POLLIN)
			answer(listener, plan);
		else if (poll_fd.revents)
			break;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * Fork. Returns SUPERVISED in the child, whose calls go by the plan from then
 * on, and its status here once it has ended.
 */
static int supervise(struct plan *plan)
{
	int pair[2], listener, status;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 1;
	pid = fork();
	if (!pid) {
		close(pair[0]);
		listener = watch(plan);
		if (listener < 0 || !send_fd(pair[1], listener))
			_exit(77);
		/* The supervisor sees to it: close(2) may be watched. */
		return SUPERVISED;
	}
	close(pair[1]);
	listener = pid > 0 ? receive_fd(pair[0]) : -1;
	status = pid > 0 ? see_to(pid, listener, plan) : 1;
	if (listener >= 0)
		close(listener);
	close(pair[0]);
	return status;
}

/* Why there is none, or NULL. */
static const char *supervision_missing(void)
{
	struct plan plan = { .number = -1 };
	int status;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return "the sanitizer's own calls must not fail";
#endif
	status = supervise(&plan);
	if (status == SUPERVISED)
		_exit(0);
	return status ? "no supervisor by seccomp(2) here" : NULL;
}

#endif /* TESTS_API_SUPERVISOR_H */

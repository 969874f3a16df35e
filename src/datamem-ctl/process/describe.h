/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Who a process is: what it runs, for whom, and where it belongs. */
#ifndef CTL_DESCRIBE_H
#define CTL_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ctl_identity {
	pid_t inner_pid;        /* in its own PID namespace */
	uid_t uid;
	double uptime;          /* seconds; negative: unknown */
	/* Texts may hold any bytes; "": unknown. */
	char name[64];          /* the kernel's: up to 15 bytes */
	char user[64];
	/* The script or module of an interpreter, else the program; of a worker
	 * both of the next. */
	char command[64];
	char script[64];        /* what the worker works for */
	char worker[16];        /* loky, multiprocessing or xdist */
	char cgroup[512];       /* its path, as /proc has it */
	char unit[64];          /* of systemd, or the container */
	/* That of NumPy's arrays, where `python3 -m datamem` began it. */
	char numpy_handler[64];
};

/* The unit or container in a path of cgroups; "": none. */
void ctl_describe_unit(const char *path, char *out, size_t size);
/*
 * The command in the arguments of a process, each with its NUL, and NumPy's
 * handler. Leaves out->command as it is where it is no interpreter's script.
 */
void ctl_describe_command(const char *arguments, size_t nbytes,
			  struct ctl_identity *out);

void ctl_describe(pid_t pid, struct ctl_identity *out);
/* The owner of /proc/PID; (uid_t)-1: it is gone. */
uid_t ctl_describe_uid(pid_t pid);
/* The real user of a process that has changed it. */
uid_t ctl_describe_real_uid(pid_t pid);
/* 'R', 'S', 'T' ... of /proc/PID/stat; '\0': the process is gone. */
char ctl_process_state(pid_t pid);

#endif /* CTL_DESCRIBE_H */

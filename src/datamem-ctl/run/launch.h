/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Starts a program and hands on its exit status, as env(1) and nohup(1) do. */
#ifndef CTL_LAUNCH_H
#define CTL_LAUNCH_H

/* Become the program; returns only on failure, with 126 or 127. */
int ctl_launch_exec(char *const argv[]);

/*
 * Run the program in a child and wait for it. Signals meant to end the tool are
 * passed on; those of the terminal reach the child by themselves.
 *
 * Returns 0 and the status of waitpid(2), or, when the program could not be
 * started, 126 or 127, as env(1).
 */
int ctl_launch_wait(char *const argv[], int *status);

/*
 * End as the child did: with its exit status, or by the signal that killed it.
 */
void ctl_launch_finish(int status) __attribute__((__noreturn__));

#endif /* CTL_LAUNCH_H */

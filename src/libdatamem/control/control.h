/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Live control: the control page that other processes read, their requests, and
 * the service thread.
 *
 * control.c   start, stop, the setting `control`, fork, exit, errands
 * page.c      the control page: made, taken away, kept current
 * requests.c  requests and their answers
 * thread.c    the service thread: starts, answers, ends
 * upkeep.c    what it does at each tick: ages memory, looks for pressure
 *
 * The page is made at the first slow path of a process that has allocated, so
 * that one that only links to the library has none. Requests are answered by
 * the service thread while there is one, else by a thread on its slow path, or
 * by datamem_control_poll().
 */
#ifndef DMEM_CONTROL_H
#define DMEM_CONTROL_H

#include "base.h"

/* Last of all modules, once, but for page_init(). Then, when the library is
 * ready, ready(). */
void dmem_control_init(void);
void dmem_control_ready(void);

/*
 * No thread any more, and no new one; the page stays. idle: no lock is held for
 * ever, so that the thread can be waited for. Then what idle() says as well.
 */
void dmem_control_at_exit(bool idle);
bool dmem_control_idle(unsigned int *patience);

/*
 * The child begins without a page and makes its own at its first slow path; a
 * thread is gone before, in the parent too. leave_page() comes before the
 * child's side of any other module, which may count.
 */
void dmem_control_fork_prepare(void);
void dmem_control_fork_parent(void);
void dmem_control_fork_leave_page(void);
void dmem_control_fork_child(void);

/*
 * page.c. The caller has control.c's lock; page_make() and page_drop()
 * want no service thread.
 */
/* Once, before any other module stores a number. */
void dmem_control_page_init(void);
bool dmem_control_page_there(void);
/* 0, also if there is one; errors of dmem_kernel_shared_make(). */
int dmem_control_page_make(void);
/* forked: in a child, before dmem_cache_fork_child(). */
void dmem_control_page_drop(bool forked);
/* What the host says of its handler; cut to 63 bytes. */
void dmem_control_page_note(const char *text);
/* Copy the settings into the page. */
void dmem_control_page_show(void);

/*
 * requests.c: take a pending request and answer it; false if there is
 * none, or it is being answered.
 */
bool dmem_control_answer(void);
/* In a child: a thread that was answering is not there. */
void dmem_control_answer_forked(void);

/* control.c. False from before the thread is stopped for good, so that no other
 * thread starts it after that. */
bool dmem_control_wants_thread(void);

/* thread.c. 0 if it runs (now) or is not wanted any more; -EAGAIN.
 * stay: until it is stopped. */
int dmem_control_thread_start(bool stay);
/* Stop it and wait until it is gone; called by itself, it ends when it comes
 * back to its loop, unless started again before. Whether there was one. */
bool dmem_control_thread_stop(void);
bool dmem_control_thread_runs(void);
/* Start one when memory is retained; or do not. */
void dmem_control_thread_arm(bool armed);
/* Nothing can be started between these two. */
bool dmem_control_thread_fork_prepare(void);
void dmem_control_thread_fork_done(bool child);
/* No thread can be started any more. Takes no lock. */
void dmem_control_thread_forbid(void);
bool dmem_control_thread_idle(unsigned int *patience);

#endif /* DMEM_CONTROL_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Programs started by the tool: signals, and their way out. */
#include "tool.h"
#include "launch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL = 128,  /* plus the signal */
};

static const int passed_signals[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
};

static volatile pid_t child;

static int explain_failure(const char *program, int error)
{
	if (error == ENOENT && !strchr(program, '/') &&
	    access(program, F_OK) == 0)
		ctl_error("%s: not in PATH; the one here is ./%s", program,
			  program);
	else
		ctl_error("%s: %s", program, strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

int ctl_launch_exec(char *const argv[])
{
	execvp(argv[0], argv);
	return explain_failure(argv[0], errno);
}

/*
 * The terminal signals its whole foreground group, so the child has had those
 * already; what another process sent to the tool alone is passed on.
 */
static void pass_signal(int signal, siginfo_t *info, void *context CTL_UNUSED)
{
	int error = errno;

	if (info->si_code <= 0 && child > 0)
		kill(child, signal);
	errno = error;
}

static void catch_signals(void)
{
	struct sigaction action = { 0 }, old;

	action.sa_sigaction = pass_signal;
	action.sa_flags = SA_SIGINFO | SA_RESTART;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < CTL_ARRAY_SIZE(passed_signals); i++) {
		/* A signal that our caller ignores (nohup) stays ignored. */
		if (sigaction(passed_signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(passed_signals[i], &action, NULL);
	}
}

/* Runs in the child. The write end closes by itself when exec succeeds. */
static void exec_child(char *const argv[], const sigset_t *mask, int report)
{
	int error;

	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		continue;
	_exit(EXIT_CANNOT_RUN);
}

/* 0 when the exec succeeded, else its errno. */
static int read_report(int report)
{
	int error = 0;
	ssize_t length;

	do
		length = read(report, &error, sizeof(error));
	while (length < 0 && errno == EINTR);
	return length == sizeof(error) ? error : 0;
}

int ctl_launch_wait(char *const argv[], int *status)
{
	sigset_t all, mask;
	int report[2];
	int error;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) != 0)
		ctl_die("%s", strerror(errno));
	/* No signal between fork and handler may find the child unknown. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	/* A caller that ignores SIGCHLD would have the status thrown away. */
	signal(SIGCHLD, SIG_DFL);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		ctl_die("%s", strerror(errno));
	if (pid == 0)
		exec_child(argv, &mask, report[1]);
	child = pid;
	catch_signals();
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(report[1]);
	error = read_report(report[0]);
	close(report[0]);
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			ctl_die("%s", strerror(errno));
	/* From here on a signal is for the tool alone. */
	child = 0;
	return error == 0 ? 0 : explain_failure(argv[0], error);
}

void ctl_launch_finish(int status)
{
	const struct rlimit no_core = { 0, 0 };
	int fatal = WTERMSIG(status);
	sigset_t set;

	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	/* The child has left the core file, if one was wanted. */
	setrlimit(RLIMIT_CORE, &no_core);
	fflush(NULL);
	sigemptyset(&set);
	sigaddset(&set, fatal);
	signal(fatal, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(fatal);
	/* Only where we are init of a namespace, which no signal kills. */
	exit(EXIT_SIGNAL + fatal);
}

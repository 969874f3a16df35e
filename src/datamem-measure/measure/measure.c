/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Processes to measure in, and what they read about themselves. */

#include "tool.h"
#include "measure.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* --- The tool's side ------------------------------------------------------ */

static void prime(size_t nbytes)
{
	char *p = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	/* Only to be quick; small pages serve as well. */
	madvise(p, nbytes, MADV_HUGEPAGE);
	for (size_t i = 0; i < nbytes; i += 4096)
		((volatile char *)p)[i] = 1;
	munmap(p, nbytes);
}

static void set_or_unset(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* The soft limit alone: measure_unlimit() takes it back. */
static void limit_address_space(size_t nbytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = nbytes;
	if (!setrlimit(RLIMIT_AS, &limit))
		return;
	ctl_error("no limit on address space: %s", strerror(errno));
	_exit(CTL_TROUBLE);
}

void measure_unlimit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_AS, &limit);
}

__attribute__((noreturn))
static void become(const struct measure_spec *spec, int output)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((spec->input >= 0 && dup2(spec->input, STDIN_FILENO) < 0) ||
	    dup2(output, STDOUT_FILENO) < 0) {
		ctl_error("dup2: %s", strerror(errno));
		_exit(CTL_TROUBLE);
	}
	/* A library preloaded into the tool is not what is to be measured. */
	set_or_unset("LD_PRELOAD", spec->preload);
	if (spec->tunables)
		setenv("GLIBC_TUNABLES", spec->tunables, 1);
	for (size_t i = 0; spec->environment && spec->environment[i]; i++)
		putenv((char *)(uintptr_t)spec->environment[i]);
	/* Before exec(2), so that it is no part of the process's peak. */
	if (spec->prime_bytes)
		prime(spec->prime_bytes);
	if (spec->address_space)
		limit_address_space(spec->address_space);
	/* POSIX says that execv(3) does not write to them, in words only. */
	execv("/proc/self/exe", (char *const *)(uintptr_t)spec->argv);
	ctl_error("/proc/self/exe: %s", strerror(errno));
	_exit(CTL_TROUBLE);
}

/* One byte more than expected is enough to know that the size is wrong. */
static ssize_t read_all(int fd, void *buffer, size_t size)
{
	size_t done = 0;
	char extra;

	for (;;) {
		ssize_t n = done < size ?
			read(fd, (char *)buffer + done, size - done) :
			read(fd, &extra, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 || done == size)
			return (ssize_t)(done + (size_t)n);
		done += (size_t)n;
	}
}

static int wait_for(pid_t pid, const char *name)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (WIFSIGNALED(status)) {
		ctl_error("%s: the process was killed by signal %d (%s)", name,
			  WTERMSIG(status), strsignal(WTERMSIG(status)));
		return -ECHILD;
	}
	/* It has said why on standard error. */
	return WEXITSTATUS(status) ? -ECHILD : 0;
}

int measure_spawn(const struct measure_spec *spec, void *result,
		  size_t result_size)
{
	ssize_t n;
	int fds[2];
	pid_t pid;
	int err;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		err = -errno;
		ctl_error("%s: no process: %s", spec->name, strerror(-err));
		return err;
	}
	if (pid == 0)
		become(spec, fds[1]);
	close(fds[1]);
	n = read_all(fds[0], result, result_size);
	close(fds[0]);
	err = wait_for(pid, spec->name);
	if (!err && n != (ssize_t)result_size) {
		ctl_error("%s: the process gave no proper result", spec->name);
		err = -EPROTO;
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct measure_summary measure_summarize(double *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), compare);
	return (struct measure_summary){
		.median = (samples[(n - 1) / 2] + samples[n / 2]) / 2,
		.min = samples[0],
		.max = samples[n - 1],
	};
}

void measure_progress(const char *name, unsigned int round,
		      unsigned int rounds)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (round < rounds)
		fprintf(stderr, "\r%s: round %u of %u\033[K", name, round + 1,
			rounds);
	else
		fputs("\r\033[K", stderr);
}

size_t measure_prime_size(size_t peak_bytes)
{
	uint64_t available = measure_meminfo("MemAvailable:");
	size_t nbytes = 64 * MIB;

	if (__builtin_add_overflow(nbytes, peak_bytes, &nbytes) ||
	    __builtin_add_overflow(nbytes, peak_bytes / 4, &nbytes))
		nbytes = SIZE_MAX;
	if (available == MEASURE_UNKNOWN)
		return 64 * MIB;
	return nbytes < available / 2 ? nbytes : available / 2;
}

/* --- The measured process ------------------------------------------------- */

static size_t read_file(const char *path, char *text, size_t text_size)
{
	size_t done = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n;

		while (done < text_size - 1 &&
		       (n = read(fd, text + done, text_size - 1 - done)) > 0)
			done += (size_t)n;
		close(fd);
	}
	text[done] = '\0';
	return done;
}

/* The value of a line "\nFIELD   123 kB" in bytes. */
static uint64_t kib_field(const char *text, const char *field)
{
	const char *p = text;
	size_t length = strlen(field);
	unsigned long long kib;

	while ((p = strstr(p, field))) {
		if ((p == text || p[-1] == '\n') &&
		    sscanf(p + length, "%llu", &kib) == 1)
			return kib * 1024;
		p += length;
	}
	return MEASURE_UNKNOWN;
}

uint64_t measure_meminfo(const char *field)
{
	char text[8192];

	read_file("/proc/meminfo", text, sizeof(text));
	return kib_field(text, field);
}

uint64_t measure_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void read_memory(struct measure_point *point)
{
	char text[4096];

	read_file("/proc/self/status", text, sizeof(text));
	point->rss = kib_field(text, "VmRSS:");
	point->peak_rss = kib_field(text, "VmHWM:");
}

static void read_faults(struct measure_point *point)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	point->system_ns = (uint64_t)usage.ru_stime.tv_sec * 1000000000 +
			   (uint64_t)usage.ru_stime.tv_usec * 1000;
	point->minor_faults = (uint64_t)usage.ru_minflt;
	point->major_faults = (uint64_t)usage.ru_majflt;
}

void measure_begin(struct measure_point *point)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	/* 5 resets VmHWM (Linux 4.0); else it includes the start-up, which the
	 * base line, taken here, is too small to take away: little. */
	if (fd >= 0) {
		if (write(fd, "5", 1) < 0)
			errno = 0;
		close(fd);
	}
	read_memory(point);
	read_faults(point);
	point->cpu_ns = cpu_now();
	point->ns = measure_now();
}

void measure_end(struct measure_point *point)
{
	point->ns = measure_now();
	point->cpu_ns = cpu_now();
	read_faults(point);
	read_memory(point);
}

void measure_usage_read(struct measure_usage *usage)
{
	char text[4096];

	read_file("/proc/self/smaps_rollup", text, sizeof(text));
	usage->rss = kib_field(text, "Rss:");
	usage->anon = kib_field(text, "Anonymous:");
	usage->huge = kib_field(text, "AnonHugePages:");
}

uint64_t measure_more(uint64_t a, uint64_t b)
{
	if (a == MEASURE_UNKNOWN || b == MEASURE_UNKNOWN)
		return MEASURE_UNKNOWN;
	return a > b ? a - b : 0;
}

bool measure_report(const void *result, size_t result_size)
{
	/* Less than PIPE_BUF: written whole or not at all. */
	if (write(STDOUT_FILENO, result, result_size) == (ssize_t)result_size)
		return true;
	ctl_error("result: %s", strerror(errno));
	return false;
}

void *measure_memory(size_t nbytes)
{
	void *p = mmap(NULL, nbytes ? nbytes : 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		ctl_die("no memory for the measurement: %s", strerror(errno));
	return p;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The observer's environment, and the end of its file. */
#include "tool.h"
#include "observe.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "program.h"
#include "run/run.h"

#define OBSERVER "datamem-observer.so"
#define VARIABLE "LIBDATAMEM_OBSERVE"
#define FIRST_LINE "# datamem-trace 1\n"

/* --- Before --------------------------------------------------------------- */

/* Beside this program, installed or in the build directory. */
static char *find_observer(void)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash, *path;

	own[n > 0 ? n : 0] = '\0';
	slash = strrchr(own, '/');
	path = ctl_printf("%.*s/" OBSERVER, slash ? (int)(slash - own) : 0,
			  own);
	if (access(path, R_OK) != 0)
		ctl_die("this build has no observer (%s): configure libdatamem "
			"without --disable-shared", path);
	if (strpbrk(path, ": \t\n"))
		ctl_die("%s: the dynamic linker cannot preload a path with "
			"spaces or colons", path);
	return path;
}

static void set_variable(const char *name, char *value)
{
	if (setenv(name, value, 1) != 0)
		ctl_die("%s", strerror(errno));
	free(value);
}

static void set_variables(const struct record_job *job, const char *file)
{
	const char *preload = getenv("LD_PRELOAD");
	char *observer = find_observer();

	set_variable("LD_PRELOAD", preload && *preload ?
		ctl_printf("%s:%s", observer, preload) : ctl_strdup(observer));
	set_variable(VARIABLE, ctl_printf("%d %llu %d %s", (int)getpid(),
					  (unsigned long long)job->min,
					  job->children, file));
	free(observer);
}

void record_forget(void)
{
	const char *preload = getenv("LD_PRELOAD");
	const char *behind = preload ? strchr(preload, ':') : NULL;

	if (behind)
		setenv("LD_PRELOAD", behind + 1, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv(VARIABLE);
}

/* The path of a file, which is made, from any folder. *held stays open: to others
 * it is being written, also before the observer begins. */
static char *make_file(const char *name, int *held)
{
	struct stat st;
	char *path;
	int fd;

	record_output_refuse_used(name);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		ctl_die("%s: %s", name, strerror(errno));
	*held = fd;
	if (!S_ISREG(st.st_mode))
		ctl_die("%s: not a regular file", name);
	path = realpath(name, NULL);
	if (!path)
		ctl_die("%s: %s", name, strerror(errno));
	return path;
}

/* --- Behind --------------------------------------------------------------- */

/* Counts the lines of the file; returns its size without the zeros behind. */
static size_t scan(const char *text, size_t size, struct record_result *out)
{
	size_t at = 0;

	while (at < size && text[at]) {
		const char *end = memchr(text + at, '\n', size - at);

		if (!end)
			break;
		out->events += text[at] != '#';
		out->blocks += text[at] == 'a' || text[at] == 'z';
		if (!strncmp(text + at, "# cut: ", 7))
			out->cut = true;
		at = (size_t)(end - text) + 1;
	}
	return at;
}

static uint64_t nanoseconds(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * 1000000000 +
	       (uint64_t)tv->tv_usec * 1000;
}

static char *facts(uint64_t wall_ns)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return ctl_printf("# cpu-ns: %llu\n# system-ns: %llu\n"
			  "# wall-ns: %llu\n# faults: %ld\n"
			  "# peak-rss: %llu\n",
			  (unsigned long long)(nanoseconds(&u.ru_utime) +
					       nanoseconds(&u.ru_stime)),
			  (unsigned long long)nanoseconds(&u.ru_stime),
			  (unsigned long long)wall_ns, u.ru_minflt,
			  (unsigned long long)u.ru_maxrss * 1024);
}

/* Cuts the zeros off, adds text; false: the observer has not begun. */
static bool finish_file(const char *path, const char *text,
			struct record_result *out)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	size_t size = 0;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0)
		ctl_die("%s: %s", path, strerror(errno));
	if (st.st_size > 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED,
			     fd, 0);
		if (bytes == MAP_FAILED)
			ctl_die("%s: %s", path, strerror(errno));
		if ((size_t)st.st_size >= sizeof(FIRST_LINE) - 1 &&
		    !memcmp(bytes, FIRST_LINE, sizeof(FIRST_LINE) - 1))
			size = scan(bytes, (size_t)st.st_size, out);
		munmap(bytes, (size_t)st.st_size);
	}
	if (ftruncate(fd, (off_t)size) < 0 ||
	    (size && pwrite(fd, text, strlen(text), (off_t)size) !=
		     (ssize_t)strlen(text)) ||
	    close(fd) < 0)
		ctl_die("%s: %s", path, strerror(errno));
	return size > 0;
}

/* Whether a file is a recording: others may be named like one. */
static bool is_recording(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
			    O_NOCTTY);
	char line[sizeof(FIRST_LINE) - 1];
	bool is;

	if (fd < 0)
		return false;
	is = pread(fd, line, sizeof(line), 0) == (ssize_t)sizeof(line) &&
	     !memcmp(line, FIRST_LINE, sizeof(line));
	close(fd);
	return is;
}

/* FILE.PID of the processes that the program started. Zeros behind the lines are
 * the end to a reader: they stay where the process may go on. */
static void finish_children(const char *path)
{
	char *folder = ctl_strdup(path), *base = strrchr(folder, '/');
	struct record_result result = { 0 };
	struct dirent *entry;
	size_t length;
	DIR *dir;

	*base++ = '\0';
	length = strlen(base);
	dir = opendir(*folder ? folder : "/");
	while (dir && (entry = readdir(dir))) {
		const char *end = entry->d_name + length;
		char *name;

		if (strncmp(entry->d_name, base, length) || *end++ != '.' ||
		    !*end || end[strspn(end, "0123456789")])
			continue;
		name = ctl_printf("%s/%s", folder, entry->d_name);
		if (is_recording(name) && record_output_is_used(name) == 0)
			finish_file(name, "", &result);
		free(name);
	}
	if (dir)
		closedir(dir);
	free(folder);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int record_observe(const struct record_job *job, struct record_result *out)
{
	char *obstacle = record_program_obstacle(job->program[0]);
	bool compressed = record_output_is_gz(job->file);
	char *name, *path, *text;
	uint64_t start;
	int failed, held;

	*out = (struct record_result){ 0 };
	if (obstacle)
		ctl_die("%s", obstacle);
	/* Compressed at the end: until then what is there can be read. */
	name = ctl_printf("%s%s", job->file, compressed ? ".part" : "");
	path = make_file(name, &held);
	free(name);
	set_variables(job, path);
	start = now();
	failed = ctl_launch_wait(job->program, &out->status);
	close(held);
	if (failed) {
		unlink(path);
		free(path);
		return failed;
	}
	text = facts(now() - start);
	if (!finish_file(path, text, out)) {
		unlink(path);
		ctl_die("nothing was observed: %s did not load the observer",
			job->program[0]);
	}
	if (job->children)
		finish_children(path);
	if (compressed)
		record_output_compress(path, job->file);
	free(text);
	free(path);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Writes the file of a recording, whole lines at a time: it can be read whatever
 * becomes of the tool. */
#include "tool.h"
#include "output.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "process/process.h"

bool record_output_is_gz(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && !strcmp(name + length - 3, ".gz");
}

void record_output_compress(const char *from, const char *to)
{
	gzFile out = gzopen(to, "wbe");
	FILE *in = fopen(from, "re");
	static char buffer[65536];
	size_t n;

	if (!out || !in)
		ctl_die("%s: %s", out ? from : to, strerror(errno));
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		if (gzwrite(out, buffer, (unsigned int)n) != (int)n)
			ctl_die("%s: cannot be written", to);
	if (ferror(in) || gzclose(out) != Z_OK)
		ctl_die("%s: cannot be written", to);
	fclose(in);
	unlink(from);
}

static int open_file(const char *path, bool *made)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd;
}

/* A lease for reading is given where nobody writes; close(2) gives it back. */
int record_output_is_used(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int used = -1;

	if (fd < 0)
		return -1;
	/* Instead of SIGIO, in case that somebody begins meanwhile. */
	fcntl(fd, F_SETSIG, SIGURG);
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0)
		used = 0;
	else if (errno == EAGAIN)
		used = 1;
	close(fd);
	return used;
}

void record_output_refuse_used(const char *path)
{
	if (record_output_is_used(path) > 0)
		ctl_die("%s: another process writes to it", path);
}

void record_output_open(struct record_output *output, const char *name)
{
	struct stat stat;

	output->name = name;
	output->path = ctl_printf("%s%s", name,
				  record_output_is_gz(name) ? ".part" : "");
	record_output_refuse_used(output->path);
	output->fd = open_file(output->path, &output->made);
	if (output->fd < 0 || fstat(output->fd, &stat) != 0)
		ctl_die("%s: %s", output->path, strerror(errno));
	if (!S_ISREG(stat.st_mode))
		ctl_die("%s: not a regular file", output->path);
}

void record_output_write(struct record_output *output, const char *text,
			 size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(output->fd, text, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			ctl_die("%s: %s", output->path, strerror(errno));
		text += done;
		n -= (size_t)done;
	}
}

static void write_text(struct record_output *output, char *text)
{
	record_output_write(output, text, strlen(text));
	free(text);
}

/* The command line, whose control characters and zeros become spaces. */
static void write_program(struct record_output *output, pid_t pid)
{
	char text[1000];
	ssize_t n = ctl_files_read(text, sizeof(text), "/proc/%d/cmdline",
				   (int)pid);

	for (ssize_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = i == n - 1 ? '\0' : ' ';
	if (n > 0)
		write_text(output, ctl_printf("# program: %s\n", text));
}

void record_output_header(struct record_output *output, pid_t pid,
			  uint64_t min)
{
	if (ftruncate(output->fd, 0) != 0)
		ctl_die("%s: %s", output->path, strerror(errno));
	write_text(output, ctl_strdup("# datamem-trace 1\n"));
	write_program(output, pid);
	write_text(output, ctl_printf("# libdatamem: events\n"
				      "# min-bytes: %" PRIu64 "\n", min));
}

/* The number of a field of /proc/PID/stat, of which the second may have spaces
 * and parentheses. */
static uint64_t field(const char *stat, int number)
{
	const char *at = strrchr(stat, ')');

	for (int i = 2; at && i < number; i++) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

void record_facts_read(pid_t pid, struct record_facts *facts)
{
	uint64_t tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK), kib;
	char stat[1024];

	if (ctl_files_read(stat, sizeof(stat), "/proc/%d/stat", (int)pid) <= 0)
		return;
	facts->faults = field(stat, 10);
	facts->user_ns = field(stat, 14) * tick;
	facts->system_ns = field(stat, 15) * tick;
	if (ctl_files_field(&kib, "VmHWM:", "/proc/%d/status", (int)pid))
		facts->peak_rss = kib * 1024;
}

void record_output_facts(struct record_output *output,
			 const struct record_facts *before,
			 const struct record_facts *after, double seconds,
			 uint64_t lost, bool cut)
{
	uint64_t user = after->user_ns - before->user_ns;
	uint64_t system = after->system_ns - before->system_ns;

	write_text(output, ctl_printf("# cpu-ns: %" PRIu64 "\n"
		"# system-ns: %" PRIu64 "\n# wall-ns: %.0f\n"
		"# faults: %" PRIu64 "\n# peak-rss: %" PRIu64 "\n",
		user + system, system, seconds * 1e9,
		after->faults - before->faults, after->peak_rss));
	if (lost > 0)
		write_text(output, ctl_printf("# lost: %" PRIu64 "\n", lost));
	if (cut)
		write_text(output, ctl_strdup("# cut: too many events\n"));
}

void record_output_discard(struct record_output *output)
{
	if (output->made)
		unlink(output->path);
	close(output->fd);
}

void record_output_close(struct record_output *output)
{
	/* As long as it is open the part is in use, to another recorder. */
	if (record_output_is_gz(output->name))
		record_output_compress(output->path, output->name);
	if (close(output->fd) != 0)
		ctl_die("%s: %s", output->path, strerror(errno));
	free(output->path);
}

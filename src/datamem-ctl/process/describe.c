/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Who a process is, out of its files below /proc. */
#include "tool.h"
#include "describe.h"

#include <pwd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

/* Arguments are looked at so far. */
#define ARGUMENTS_MOST 4096

/* The text behind "(name) " in stat; the name may hold anything. */
static const char *read_stat(pid_t pid, char *text, size_t size)
{
	const char *end;

	if (ctl_files_read(text, size, "/proc/%d/stat", (int)pid) <= 0)
		return NULL;
	end = strrchr(text, ')');
	return end && end[1] == ' ' ? end + 2 : NULL;
}

char ctl_process_state(pid_t pid)
{
	char text[1024];
	const char *rest = read_stat(pid, text, sizeof(text));

	return rest && *rest != 'Z' && *rest != 'X' ? *rest : '\0';
}

static double find_uptime(pid_t pid)
{
	unsigned long long start;
	struct timespec now;
	char text[1024];
	const char *rest = read_stat(pid, text, sizeof(text));
	double age;

	/* Fields 3 to 21, then the start in ticks since boot. */
	for (int i = 3; rest && i < 22; i++) {
		rest = strchr(rest, ' ');
		if (rest)
			rest++;
	}
	if (!rest || sscanf(rest, "%llu", &start) != 1 ||
	    clock_gettime(CLOCK_BOOTTIME, &now) != 0)
		return -1;
	age = (double)now.tv_sec + (double)now.tv_nsec * 1e-9 -
	      (double)start / (double)sysconf(_SC_CLK_TCK);
	return age > 0 ? age : 0;
}

/* The last pid of the line NSpid is the one that the process itself sees. */
static pid_t find_inner_pid(pid_t pid)
{
	char text[4096];
	const char *line;
	int inner = (int)pid;

	if (ctl_files_read(text, sizeof(text), "/proc/%d/status", (int)pid) <=
	    0)
		return pid;
	line = strstr(text, "\nNSpid:");
	if (!line)
		return pid;
	line += 7;
	while (*line == '\t' || *line == ' ') {
		inner = atoi(line + 1);
		line += 1 + strspn(line + 1, "0123456789");
	}
	return inner;
}

uid_t ctl_describe_uid(pid_t pid)
{
	struct stat stat;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return lstat(path, &stat) == 0 ? stat.st_uid : (uid_t)-1;
}

uid_t ctl_describe_real_uid(pid_t pid)
{
	uint64_t uid;

	return ctl_files_field(&uid, "Uid:", "/proc/%d/status", (int)pid) ?
		       (uid_t)uid : (uid_t)-1;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The arguments of a process, one after the other. */
struct arguments {
	const char *text;
	size_t length, at;
};

/* NULL: no further one. */
static const char *next_argument(struct arguments *arguments)
{
	const char *argument = arguments->text + arguments->at;

	/* What was cut off in the middle is none. */
	if (arguments->at >= arguments->length ||
	    !memchr(argument, '\0', arguments->length - arguments->at))
		return NULL;
	arguments->at += strlen(argument) + 1;
	return argument;
}

/* Whether a program of this name runs scripts; "python3.11" is "python",
 * "octave-cli" is "octave". */
static bool is_interpreter(const char *name)
{
	static const char *const names[] = {
		"python", "pypy", "perl", "ruby", "bash", "dash", "sh",
		"octave", "julia", "R", "node",
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(name, names[i], n) == 0 &&
		    name[n + strspn(name + n, "0123456789.-cli")] == '\0')
			return true;
	}
	return false;
}

/*
 * What libraries start as their workers, by a module or by the text behind -c;
 * NULL: none of these. xdist's are those of execnet, which names nobody.
 */
static const char *worker_of(const char *word)
{
	static const struct {
		const char *begin, *name;
	} workers[] = {
		{ "joblib.externals.loky.", "loky" },
		{ "loky.backend.", "loky" },
		{ "from joblib.externals.loky.", "loky" },
		{ "from loky.backend.", "loky" },
		{ "from multiprocessing.", "multiprocessing" },
		/* Of Python 3.14. */
		{ "import sys; from multiprocessing.forkserver ",
		  "multiprocessing" },
		{ "import sys;exec(eval(sys.stdin.readline()))", "xdist" },
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(workers); i++)
		if (strncmp(word, workers[i].begin,
			    strlen(workers[i].begin)) == 0)
			return workers[i].name;
	return NULL;
}

/*
 * The script among the arguments of an interpreter, as far as they can be told
 * apart: -m MODULE, -W and -X of Python take a word. "": none, as with -c of a
 * user.
 */
static void find_script(struct arguments *arguments, struct ctl_identity *out)
{
	const char *word;

	while ((word = next_argument(arguments))) {
		if (strcmp(word, "-m") == 0) {
			word = next_argument(arguments);
			if (word && strcmp(word, "datamem") == 0) {
				/* What it runs follows in the same way. */
				snprintf(out->numpy_handler,
					 sizeof(out->numpy_handler), "datamem");
				continue;
			}
			break;
		}
		if (strncmp(word, "--handler=", 10) == 0 &&
		    out->numpy_handler[0] != '\0') {
			snprintf(out->numpy_handler,
				 sizeof(out->numpy_handler), "%s", word + 10);
			continue;
		}
		/* That of R. */
		if (strncmp(word, "--file=", 7) == 0) {
			word += 7;
			break;
		}
		if (strcmp(word, "-c") == 0 || strcmp(word, "-e") == 0) {
			word = next_argument(arguments);
			if (!word || !worker_of(word))
				return;
			break;
		}
		if (strcmp(word, "-W") == 0 || strcmp(word, "-X") == 0)
			next_argument(arguments);
		else if (word[0] != '-')
			break;
	}
	if (word)
		snprintf(out->command, sizeof(out->command), "%s",
			 worker_of(word) ? worker_of(word) : base_name(word));
}

void ctl_describe_command(const char *text, size_t nbytes,
			  struct ctl_identity *out)
{
	struct arguments arguments = { text, nbytes, 0 };
	const char *program = next_argument(&arguments);

	if (program && is_interpreter(base_name(program)))
		find_script(&arguments, out);
}

static void find_command(pid_t pid, struct ctl_identity *out)
{
	static char text[ARGUMENTS_MOST];
	ssize_t n = ctl_files_read(text, sizeof(text), "/proc/%d/cmdline",
				   (int)pid);

	if (n > 0)
		ctl_describe_command(text, (size_t)n, out);
	/* What the process has named itself is better than a path. */
	if (out->command[0] == '\0')
		snprintf(out->command, sizeof(out->command), "%s", out->name);
}

/* systemd's hierarchy, or v2's; else that of memory. */
static void find_cgroup(pid_t pid, char *out, size_t size)
{
	char text[8192], *rest = text, *line;
	int rank = 0;

	if (ctl_files_read(text, sizeof(text), "/proc/%d/cgroup", (int)pid) <=
	    0)
		return;
	while ((line = strsep(&rest, "\n"))) {
		char *list = strchr(line, ':');
		char *path = list ? strchr(list + 1, ':') : NULL;
		int own;

		if (!path)
			continue;
		*path++ = '\0';
		own = strstr(list, "memory") ? 1 : 0;
		if (strcmp(list, ":name=systemd") == 0)
			own = 2;
		if (strncmp(line, "0:", 2) == 0)
			own = 3;
		/* A hierarchy that nobody uses has all in its root. */
		if (own <= rank || strcmp(path, "/") == 0)
			continue;
		rank = own;
		snprintf(out, size, "%s", path);
	}
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length > n && strncmp(text + length - n, end, n) == 0;
}

/* The id of a container in a name: 64 digits, of which 12 name it. */
static const char *find_container(const char *name, size_t length)
{
	const char *id = name + length;

	while (id > name && strchr("0123456789abcdef", id[-1]))
		id--;
	return name + length - id == 64 ? id : NULL;
}

/* "docker-ID.scope" and "/docker/ID" are containers; else the innermost name
 * that is a unit of systemd. */
void ctl_describe_unit(const char *path, char *out, size_t size)
{
	while (*path != '\0') {
		size_t length = strcspn(path + (*path == '/'), "/");
		const char *name = path + (*path == '/');
		size_t bare = ends_with(name, length, ".scope") ? length - 6
								: length;
		const char *id = find_container(name, bare);

		path = name + length;
		if (id)
			snprintf(out, size, "%.12s", id);
		else if (ends_with(name, length, ".service") ||
			 ends_with(name, length, ".scope") ||
			 ends_with(name, length, ".slice"))
			snprintf(out, size, "%.*s", (int)length, name);
	}
}

void ctl_describe(pid_t pid, struct ctl_identity *out)
{
	struct passwd *user;

	memset(out, 0, sizeof(*out));
	if (ctl_files_read(out->name, sizeof(out->name), "/proc/%d/comm",
			   (int)pid) < 0)
		snprintf(out->name, sizeof(out->name), "?");
	out->name[strcspn(out->name, "\n")] = '\0';
	out->inner_pid = find_inner_pid(pid);
	out->uptime = find_uptime(pid);
	out->uid = ctl_describe_uid(pid);
	user = getpwuid(out->uid);
	if (user)
		snprintf(out->user, sizeof(out->user), "%s", user->pw_name);
	else
		snprintf(out->user, sizeof(out->user), "%lu",
			 (unsigned long)out->uid);
	find_command(pid, out);
	find_cgroup(pid, out->cgroup, sizeof(out->cgroup));
	ctl_describe_unit(out->cgroup, out->unit, sizeof(out->unit));
}

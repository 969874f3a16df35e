/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A program in a memory cgroup: what fits with the C library's malloc fits with
 * the library too, and the kernel kills nobody. Needs root and a hierarchy of
 * version 1 or 2 in which a group can be made. Whichever the kernel has, the
 * library is also shown the limit as the files of each version tell it.
 */
#define _GNU_SOURCE /* nftw() */
#include <datamem.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

#define LIMIT_MIB 96
#define LIVE_MAX (48 * MIB)
#define SLOTS 64
#define STEPS 4000

static char group[512];
static const char *limit_file;
static pid_t owner;    /* of the group */

static bool write_file(const char *name, const char *text)
{
	char path[600];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The directory of this process's memory group, into `group`. */
static bool find_group(void)
{
	FILE *file = fopen("/proc/self/cgroup", "r");
	char line[300], *path;
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (!path)
			continue;
		if (strstr(line, ":memory:")) {
			limit_file = "memory.limit_in_bytes";
			snprintf(group, sizeof(group),
				 "/sys/fs/cgroup/memory%s", path);
		} else if (!strncmp(line, "0::", 3)) {
			limit_file = "memory.max";
			snprintf(group, sizeof(group), "/sys/fs/cgroup%s",
				 path);
		} else {
			continue;
		}
		found = !access(group, W_OK);
	}
	if (file)
		fclose(file);
	return found;
}

/* Why there is no group to be had. */
static const char *make_group(void)
{
	size_t length;
	char text[32];

	if (geteuid())
		return "only root can make a cgroup";
	if (!find_group())
		return "the memory cgroup of this process cannot be found";
	length = strlen(group);
	snprintf(group + length, sizeof(group) - length, "/datamem-test-%d",
		 (int)getpid());
	if (mkdir(group, 0755))
		return "no cgroup can be made";
	snprintf(text, sizeof(text), "%zu", LIMIT_MIB * MIB);
	if (!write_file(limit_file, text)) {
		rmdir(group);
		return "the cgroup takes no memory limit";
	}
	return NULL;
}

/* The last process may need a moment to leave. */
static void remove_group(void)
{
	for (int i = 0; i < 200 && rmdir(group) && errno == EBUSY; i++)
		usleep(10000);
}

static void remove_and_die(int number)
{
	/* The cases run in children of their own. */
	if (getpid() == owner)
		rmdir(group);
	signal(number, SIG_DFL);
	raise(number);
}

static uint64_t random_state = 7;

static size_t random_below(size_t n)
{
	random_state = random_state * 6364136223846793005u +
		       1442695040888963407u;
	return (size_t)(random_state >> 33) % n;
}

static size_t random_size(void)
{
	switch (random_below(4)) {
	case 0:
		return 1 + random_below(4 * KIB);
	case 1:
		return 1 + random_below(300 * KIB);
	case 2:
		return 1 + random_below(3 * MIB);
	default:
		return 1 + random_below(9 * MIB);
	}
}

/* Blocks come, grow, shrink and go; all of them written. */
static int churn(void *(*resize)(void *, size_t), void (*release)(void *))
{
	static struct {
		unsigned char *ptr;
		size_t nbytes;
	} slots[SLOTS];
	size_t live = 0, nbytes, i;
	unsigned char *ptr;

	for (int step = 0; step < STEPS; step++) {
		i = random_below(SLOTS);
		nbytes = random_size();
		if (slots[i].ptr && (*slots[i].ptr != (unsigned char)i ||
				     slots[i].ptr[slots[i].nbytes - 1] !=
					     (unsigned char)i))
			return 2;
		if (live - slots[i].nbytes + nbytes > LIVE_MAX ||
		    (slots[i].ptr && random_below(3))) {
			release(slots[i].ptr);
			live -= slots[i].nbytes;
			slots[i].ptr = NULL;
			slots[i].nbytes = 0;
			continue;
		}
		ptr = resize(slots[i].ptr, nbytes);
		if (!ptr)
			return 3;
		memset(ptr, (int)i, nbytes);
		live += nbytes - slots[i].nbytes;
		slots[i].ptr = ptr;
		slots[i].nbytes = nbytes;
	}
	return 0;
}

static void release_block(void *ptr)
{
	datamem_free(ptr, 1);
}

/* The library knows of the limit, keeps nothing hot, and the work fits. */
static int churn_limited(void)
{
	struct datamem_hugepage_probe probe;
	struct datamem_stats stats;
	int status;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (probe.cgroup_limit != LIMIT_MIB * MIB)
		return 4;
	status = churn(datamem_realloc, release_block);
	if (status)
		return status;
	datamem_stats_get(&stats, sizeof(stats));
	if (stats.retained_bytes + stats.lazy_bytes > LIMIT_MIB * MIB / 8)
		return 5;
	return 0;
}

/*
 * Zeros many times larger than the limit, of which little is written: the C
 * library's way they take a few pages, and here no huge pages.
 */
static int sparse_limited(void)
{
	const size_t nbytes = 8 * LIMIT_MIB * MIB;
	char *warm = datamem_alloc(LIMIT_MIB / 8 * MIB), *ptr;
	char *many[60];

	memset(warm, 1, LIMIT_MIB / 8 * MIB);
	datamem_free(warm, 1);
	for (int round = 0; round < 3; round++) {
		ptr = datamem_alloc_zeroed(nbytes, 1);
		if (!ptr)
			return 0; /* as the machine's rules of commitment are */
		for (size_t at = 0; at < nbytes; at += MIB) {
			if (ptr[at] || ptr[at + 1])
				return 6;
			ptr[at] = 1;
		}
		datamem_free(ptr, 1);
	}
	/* Each fits, all of them in huge pages would not. */
	for (size_t i = 0; i < COUNT(many); i++) {
		many[i] = datamem_alloc_zeroed(4 * MIB, 1);
		if (!many[i])
			return 7;
	}
	for (size_t i = 0; i < COUNT(many); i++)
		many[i][0] = many[i][3 * MIB] = 1;
	return 0;
}

/* Arrays as NumPy makes them, of whole huge pages, fit as they are. */
static int exact_limited(void)
{
	const struct datamem_handler *handler = datamem_handler_find("datamem");
	char *ptr;

	for (size_t live = 0; live < LIMIT_MIB * MIB * 3 / 4; live += 2 * MIB) {
		ptr = datamem_handler_alloc(handler, 2 * MIB);
		if (!ptr)
			return 8;
		memset(ptr, 1, 2 * MIB);
	}
	return 0;
}

/* The most memory that was charged to the group; 0: unknown. */
static unsigned long long most_used(void)
{
	static const char *const files[] = { "memory.max_usage_in_bytes",
					     "memory.peak" };
	unsigned long long nbytes = 0;
	char path[600];
	FILE *file;

	for (int i = 0; i < 2 && !nbytes; i++) {
		snprintf(path, sizeof(path), "%s/%s", group, files[i]);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%llu", &nbytes) != 1)
			nbytes = 0;
		fclose(file);
	}
	return nbytes;
}

/* Enter the group, then be the program that begins there. */
static int run_inside(const char *kind)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (!write_file("cgroup.procs", "0"))
			_exit(9);
		execl("/proc/self/exe", "check_confined", kind, (char *)NULL);
		_exit(125);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* A tree of what the kernel would show below / for a group of each version. */
static char tree[256];

static void tree_file(const char *path, const char *text)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", tree, path);
	for (char *slash = full + strlen(tree) + 1;
	     (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void make_tree(int version)
{
	char limit[32];

	snprintf(tree, sizeof(tree), "/tmp/datamem-tree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tree));
	snprintf(limit, sizeof(limit), "%zu\n", LIMIT_MIB * MIB);
	tree_file("/proc/meminfo", "MemTotal: 64000000 kB\n");
	tree_file("/proc/self/cgroup", version == 1 ? "4:memory:/job\n"
						    : "0::/job/step\n");
	tree_file("/proc/self/mountinfo", version == 1 ?
		  "35 31 0:32 / /cg rw - cgroup cgroup rw,memory\n" :
		  "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
	if (version == 1) {
		tree_file("/cg/job/memory.limit_in_bytes", limit);
	} else {
		tree_file("/cg/job/step/memory.max", "max\n");
		tree_file("/cg/job/memory.max", limit);
	}
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Only what the files say makes the library spare. */
START_TEST(fits_by_files_of_each_version)
{
	int status;

	for (int version = 1; version <= 2; version++) {
		make_tree(version);
		setenv("DATAMEM_SYSROOT", tree, 1);
		setenv("DATAMEM_HUGEPAGE", "on", 1);
		status = run_inside("limited");
		nftw(tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 9)
			harness_skip("the cgroup takes no process");
		ck_assert_msg(status == 0, "version %d: status %#x", version,
			      (unsigned int)status);
	}
}
END_TEST

static void expect_alive(const char *kind)
{
	int status;

	setenv("DATAMEM_HUGEPAGE", "on", 1);
	status = run_inside(kind);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 9)
		harness_skip("the cgroup takes no process");
	ck_assert_msg(status == 0, "%s: status %#x", kind, (unsigned int)status);
}

START_TEST(sparse_zeros_fit)
{
	expect_alive("sparse");
}
END_TEST

START_TEST(whole_huge_pages_fit)
{
	expect_alive("exact");
}
END_TEST

START_TEST(fits)
{
	static const char *const modes[] = { "auto", "on", "off" };
	int status = run_inside("malloc");

	if (WIFEXITED(status) && WEXITSTATUS(status) == 9)
		harness_skip("the cgroup takes no process");
	ck_assert_msg(status == 0, "malloc: status %#x", (unsigned int)status);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		setenv("DATAMEM_HUGEPAGE", modes[i], 1);
		status = run_inside("datamem");
		ck_assert_msg(status == 0, "hugepage=%s: status %#x", modes[i],
			      (unsigned int)status);
	}
	/* They were in the group, and no larger than it. */
	if (most_used()) {
		ck_assert_uint_ge(most_used(), LIVE_MAX / 2);
		ck_assert_uint_le(most_used(), LIMIT_MIB * MIB);
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tc;
	const char *why;
	int status;

	if (argc > 1 && !strcmp(argv[1], "malloc"))
		return churn(realloc, free);
	if (argc > 1 && !strcmp(argv[1], "datamem"))
		return churn(datamem_realloc, release_block);
	if (argc > 1 && !strcmp(argv[1], "limited"))
		return churn_limited();
	if (argc > 1 && !strcmp(argv[1], "sparse"))
		return sparse_limited();
	if (argc > 1 && !strcmp(argv[1], "exact"))
		return exact_limited();
	if (HARNESS_SANITIZED)
		return harness_skip_all("sanitizers need memory of their own");
	why = make_group();
	if (why)
		return harness_skip_all(why);
	owner = getpid();
	signal(SIGINT, remove_and_die);
	signal(SIGTERM, remove_and_die);
	signal(SIGHUP, remove_and_die);
	suite = suite_create("confined");
	tc = tcase_create("confined");
	tcase_add_test(tc, fits);
	tcase_add_test(tc, fits_by_files_of_each_version);
	tcase_add_test(tc, sparse_zeros_fit);
	tcase_add_test(tc, whole_huge_pages_fit);
	suite_add_tcase(suite, tc);
	status = harness_main(suite);
	remove_group();
	return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Faults by the real kernel: in each scenario each system call that the library
 * makes fails the first time, the second, and so on, by seccomp(2) with a
 * supervisor (supervisor.h); then calls fail at random; then limits of the
 * process are too low. What a scenario asks for fails with ENOMEM or succeeds;
 * no content is lost, no descriptor or memory left, and where one call failed
 * at most one request did: afterwards all works.
 *
 * faults [SCENARIO]. Speaks TAP. FAULTS_FIRST (500): so many calls fail one by
 * one, then fewer and fewer; FAULTS_RANDOM (60): runs at random, of a scenario.
 */
#include "scenarios.h"

#include "supervisor.h"

#include <stdint.h>
#include <sys/resource.h>

/* The C library's malloc(3), which the raw functions and the handler system
 * ask: the at-th call fails. */
static unsigned long mallocs, mallocs_fail_at;

#ifdef __GLIBC__
#define HAVE_MALLOC 1
extern void *__libc_malloc(size_t nbytes);
extern void *__libc_calloc(size_t nelem, size_t elsize);
extern void *__libc_realloc(void *ptr, size_t nbytes);

static bool malloc_fails(void)
{
	return atomic_add(mallocs, 1) + 1 == mallocs_fail_at;
}

#define FAIL_OR(call)                                                        \
	do {                                                                 \
		if (!malloc_fails())                                         \
			return call;                                         \
		errno = ENOMEM;                                              \
		return NULL;                                                 \
	} while (0)

__attribute__((__visibility__("default"))) void *malloc(size_t nbytes)
{
	FAIL_OR(__libc_malloc(nbytes));
}

__attribute__((__visibility__("default"))) void *calloc(size_t nelem,
							size_t elsize)
{
	FAIL_OR(__libc_calloc(nelem, elsize));
}

__attribute__((__visibility__("default"))) void *realloc(void *ptr,
							 size_t nbytes)
{
	FAIL_OR(__libc_realloc(ptr, nbytes));
}
#else
#define HAVE_MALLOC 0
#endif

/* What a scenario may leave, beyond what it leaves when nothing fails. */
#define SLACK ((size_t)6 << 20)

struct outcome {
	int findings;
	unsigned long refused;
	size_t held;
	int descriptors;
	unsigned long mallocs;
};

static const struct fault {
	const char *name;
	int number, err;
	/* Without it the library cannot tell whether a descriptor is still its
	 * own, and rather leaves it than close somebody else's. */
	bool keeps;
} faults[] = {
#define FAULT(name, err) { #name, SYS_##name, err, false }
#define KEEPS(name, err) { #name, SYS_##name, err, true }
	FAULT(mmap, ENOMEM), FAULT(munmap, ENOMEM), FAULT(mremap, ENOMEM),
	FAULT(mremap, EFAULT), FAULT(madvise, ENOMEM), FAULT(madvise, EAGAIN),
	FAULT(mprotect, ENOMEM), FAULT(mincore, EAGAIN),
	FAULT(membarrier, EPERM), FAULT(membarrier, ENOSYS),
	FAULT(memfd_create, EMFILE), FAULT(ftruncate, ENOSPC),
	FAULT(fallocate, ENOSPC), FAULT(fcntl, EMFILE), FAULT(openat, EMFILE),
	FAULT(read, EIO), FAULT(pread64, EIO), FAULT(write, EIO),
	KEEPS(fstat, EACCES), FAULT(prctl, EINVAL), FAULT(ioctl, ENOTTY),
	FAULT(mbind, EPERM), FAULT(prlimit64, EPERM), FAULT(uname, EFAULT),
	FAULT(sysinfo, EFAULT), FAULT(sched_getaffinity, EINVAL),
	FAULT(gettid, ENOSYS), FAULT(tgkill, EPERM), FAULT(kill, EPERM),
	FAULT(clone, EAGAIN), FAULT(flock, EINTR), FAULT(getrusage, EINVAL),
#ifdef SYS_clone3
	FAULT(clone3, EAGAIN),
#endif
#ifdef SYS_newfstatat
	KEEPS(newfstatat, EACCES),
#endif
#ifdef SYS_statx
	KEEPS(statx, EACCES),
#endif
};
#define FAULTS (sizeof(faults) / sizeof(*faults))

static unsigned int points;
static bool all_well = true;

static void say(bool well, const char *scenario, const char *what,
		unsigned long runs)
{
	printf("%s %u - %s: %s, %lu runs\n", well ? "ok" : "not ok", ++points,
	       scenario, what, runs);
	fflush(stdout);
	all_well = all_well && well;
}

static int descriptors(void)
{
	struct pollfd fds[256];
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		fds[fd] = (struct pollfd){ .fd = fd };
	poll(fds, 256, 0);
	for (int fd = 0; fd < 256; fd++)
		n += !(fds[fd].revents & POLLNVAL);
	return n;
}

static unsigned long mallocs_fail_next;
static struct outcome *outcome;   /* shared with the process that is tried */

/* In a process of its own, which has not used the library yet. */
static void try_scenario(const struct scenario *scenario, unsigned int seed,
			 void (*limit)(bool on))
{
	static struct datamem_stats stats;

	alarm(100);
	mallocs = 0;
	mallocs_fail_at = mallocs_fail_next;
	if (limit)
		limit(true);
	scenario->run(seed);
	drop_all();
	outcome->refused = refused;
	if (limit)
		limit(false);
	/* It obliges again: all is as without. */
	if (limit) {
		refused = 0;
		scenario->run(seed + 1);
		drop_all();
		if (refused)
			wrong("%lu refusals without a limit", refused);
	}
	tidy_up();
	if (datamem_stats_get(&stats, sizeof(stats)))
		wrong("no statistics");
	if (stats.live_bytes || stats.live_blocks)
		wrong("%zu bytes in %zu blocks are left", stats.live_bytes,
		      stats.live_blocks);
	if (stats.foreign_pointers || stats.double_frees ||
	    stats.large_hints || stats.overruns || stats.uses_after_free)
		wrong("misuse was counted");
	mallocs_fail_at = 0;
	outcome->mallocs = mallocs;
	outcome->held = stats.held_bytes;
	/* A reference that was not received keeps its block. */
	outcome->descriptors = descriptors() - (int)datamem_shared_pending();
	outcome->findings = (int)findings;
	_exit(0);
}

/* As the supervisor has it; false: it did not end well. */
static bool run_one(const struct scenario *scenario, unsigned int seed,
		    struct plan *plan, void (*limit)(bool on))
{
	int status;

	fflush(stdout);
	*outcome = (struct outcome){ .findings = -1 };
	plan->seen = 0;
	status = supervise(plan);
	if (status == SUPERVISED)
		try_scenario(scenario, seed, limit);
	if (status || outcome->findings) {
		printf("# %s, seed %u, call %ld at %lu: status %#x, "
		       "%d findings\n", scenario->name, seed,
		       (long)plan->number, plan->at, (unsigned int)status,
		       outcome->findings);
		return false;
	}
	return true;
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

/* Whether it left no more than the run in which nothing failed. */
static bool left_alike(const struct scenario *scenario,
		       const struct fault *fault, unsigned long at,
		       const struct outcome *usual)
{
	if (outcome->descriptors <= usual->descriptors + fault->keeps &&
	    outcome->held <= usual->held + SLACK)
		return true;
	printf("# %s, %s failed at %lu: %d descriptors, not %d; %zu KiB held, "
	       "not %zu\n", scenario->name, fault->name, at,
	       outcome->descriptors, usual->descriptors, outcome->held >> 10,
	       usual->held >> 10);
	return false;
}

/* The first calls one by one, and then one in so many more. */
static void one_by_one(const struct scenario *scenario,
		       const struct fault *fault, const struct outcome *usual)
{
	unsigned long first = number_of("FAULTS_FIRST", 500), runs = 0;
	bool well = true;
	struct plan plan = { .number = fault->number, .err = fault->err };
	char what[64];

	for (plan.at = 1;; plan.at += 1 + (plan.at > first ? plan.at / 4 : 0)) {
		if (!run_one(scenario, 1, &plan, NULL)) {
			well = false;
			break;
		}
		if (plan.seen < plan.at)
			break;
		runs++;
		if (outcome->refused > 1) {
			printf("# %s, %s failed at %lu: %lu requests did\n",
			       scenario->name, fault->name, plan.at,
			       outcome->refused);
			well = false;
		}
		well &= left_alike(scenario, fault, plan.at, usual);
	}
	snprintf(what, sizeof(what), "%s, errno %d", fault->name, fault->err);
	if (runs || !well)
		say(well, scenario->name, what, runs);
}

static void each_malloc(const struct scenario *scenario,
			const struct outcome *usual)
{
	static const struct fault fault = { .name = "malloc" };
	struct plan none = { .number = -1 };
	unsigned long at;
	bool well = true;

	for (at = 1; well && at <= usual->mallocs; at++) {
		mallocs_fail_next = at;
		well = run_one(scenario, 1, &none, NULL) &&
		       left_alike(scenario, &fault, at, usual) &&
		       outcome->refused <= 1;
		mallocs_fail_next = 0;
		if (!well)
			printf("# %s, malloc failed at %lu\n", scenario->name,
			       at);
	}
	say(well, scenario->name, "malloc", at - 1);
}

static void at_random(const struct scenario *scenario)
{
	unsigned long runs = number_of("FAULTS_RANDOM", 60);
	bool well = true;

	for (unsigned int seed = 1; seed <= runs; seed++) {
		struct plan plan = { .odds = 2 + seed % 40, .seed = seed };

		for (size_t i = 0; i < FAULTS; i++)
			plan.errors[i] = (struct plan_error){
				faults[i].number, faults[i].err };
		plan.n = FAULTS;
		well &= run_one(scenario, seed, &plan, NULL);
	}
	say(well, scenario->name, "any call at random", runs);
}

static int limited;
static rlim_t limited_to;

static void set_limit(bool on)
{
	static struct rlimit before;
	struct rlimit now;

	if (on)
		getrlimit(limited, &before);
	now = before;
	if (on)
		now.rlim_cur = limited_to < before.rlim_max ? limited_to :
							      before.rlim_max;
	if (setrlimit(limited, &now))
		wrong("setrlimit: %s", strerror(errno));
}

static size_t address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void with_limits(const struct scenario *scenario)
{
	static const struct {
		const char *name;
		int resource;
		rlim_t from, to, step;
	} limits[] = {
		{ "RLIMIT_AS", RLIMIT_AS, 0, 200 << 20, 7 << 20 },
		{ "RLIMIT_DATA", RLIMIT_DATA, 0, 100 << 20, 9 << 20 },
		{ "RLIMIT_NOFILE", RLIMIT_NOFILE, 3, 12, 1 },
		{ "RLIMIT_FSIZE", RLIMIT_FSIZE, 0, 2 << 20, 100 << 10 },
		{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK, 0, 4096, 4096 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		rlim_t base = limits[i].resource == RLIMIT_AS ?
				      address_space() : 0;
		unsigned long runs = 0;
		bool well = true;

		for (rlim_t to = limits[i].from; to <= limits[i].to;
		     to += limits[i].step, runs++) {
			struct plan plan = { .number = -1 };

			limited = (int)limits[i].resource;
			limited_to = base + to;
			well &= run_one(scenario, 1, &plan, set_limit);
		}
		say(well, scenario->name, limits[i].name, runs);
	}
}

static void go_through(const struct scenario *scenario)
{
	struct plan none = { .number = -1 };
	struct outcome usual;

	if (!run_one(scenario, 1, &none, NULL) || outcome->refused) {
		say(false, scenario->name, "nothing fails", 1);
		return;
	}
	usual = *outcome;
	for (size_t i = 0; i < FAULTS; i++)
		one_by_one(scenario, &faults[i], &usual);
	if (HAVE_MALLOC)
		each_malloc(scenario, &usual);
	at_random(scenario);
	with_limits(scenario);
}

int main(int argc, char **argv)
{
	const char *reason = supervision_missing();

	if (reason) {
		printf("1..0 # SKIP %s\n", reason);
		return 0;
	}
	setvbuf(stderr, NULL, _IOLBF, 0);
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcome == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < SCENARIOS; i++)
		if (argc < 2 || !strcmp(argv[1], scenarios[i].name))
			go_through(&scenarios[i]);
	printf("1..%u\n", points);
	return !all_well;
}

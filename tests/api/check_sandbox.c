/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Sandboxes. Each system call that the library makes is refused by seccomp(2)
 * in turn, after its start, in one scenario that covers the public interface:
 * requests succeed or fail as promised, nothing is printed, nothing loops. And
 * a small program makes few calls: those that are rarely needed may kill it.
 */
#include <datamem.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "filter.h"
#include "huge-pool.h"
#include "library.h"

#define REPORT 9   /* the descriptor for what went wrong */

enum effect {
	NONE,      /* all requests succeed */
	SHORTAGE,  /* requests may fail with ENOMEM */
};

/* Not futex(2): without it glibc itself prints and aborts. */
static const struct refusable {
	const char *name;
	int number;
	enum effect effect;
} calls[] = {
#define CALL(name, effect) { #name, SYS_##name, effect }
	CALL(mmap, SHORTAGE), CALL(munmap, NONE), CALL(mremap, NONE),
	CALL(madvise, NONE), CALL(mprotect, NONE), CALL(mincore, NONE),
	CALL(prctl, NONE), CALL(membarrier, NONE), CALL(memfd_create, NONE),
	CALL(ftruncate, NONE), CALL(fcntl, NONE), CALL(uname, NONE),
	CALL(gettid, NONE), CALL(tgkill, NONE), CALL(getpid, NONE),
	CALL(getrusage, NONE), CALL(ioctl, NONE), CALL(openat, NONE),
	CALL(read, NONE), CALL(pread64, NONE), CALL(close, NONE),
	CALL(fstat, NONE), CALL(sysinfo, NONE), CALL(prlimit64, NONE),
	CALL(mbind, NONE), CALL(sched_yield, NONE), CALL(clone, NONE),
	CALL(msync, NONE),
#ifdef SYS_newfstatat
	CALL(newfstatat, NONE),
#endif
#ifdef SYS_open
	CALL(open, NONE), CALL(stat, NONE),
#endif
#ifdef SYS_clone3
	CALL(clone3, NONE),
#endif
#ifdef SYS_statx
	CALL(statx, NONE),
#endif
};

static const int errors[] = { EPERM, ENOSYS, EINVAL, EACCES };

#define FEW_ERRORS 2    /* of make check; make check-long takes all */

static const struct refusable *refused;
static int refused_with;

#define demand(condition)                                                    \
	do {                                                                 \
		if (!(condition)) {                                          \
			dprintf(REPORT, "line %d, errno %d: %s", __LINE__,   \
				errno, #condition);                          \
			_exit(2);                                            \
		}                                                            \
	} while (0)

/* A request that gave nothing was allowed to. */
static bool came(const void *ptr)
{
	if (ptr)
		return true;
	demand(errno == ENOMEM);
	demand(refused->effect == SHORTAGE);
	return false;
}

static int install(const int *numbers, size_t count, unsigned int action)
{
	struct sock_filter filter[FILTER_LEN(COUNT(calls))];
	struct sock_fprog program = make_filter(filter, numbers, count, action);

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

static void use_blocks(void)
{
	static const size_t sizes[] = {
		1, 100, 5000, 100 * KIB, 700 * KIB, 3 * MIB, 9 * MIB,
	};
	char *ptr[COUNT(sizes)], *more;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		ptr[i] = i & 1 ? datamem_alloc_zeroed(sizes[i], 1) :
				 datamem_alloc(sizes[i]);
		if (!came(ptr[i]))
			continue;
		demand(!(i & 1) || (!ptr[i][0] && !ptr[i][sizes[i] - 1]));
		memset(ptr[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		if (!ptr[i])
			continue;
		demand(datamem_usable_size(ptr[i]) >= sizes[i]);
		more = datamem_realloc(ptr[i], 4 * sizes[i]);
		ptr[i] = came(more) ? more : ptr[i];
		demand(ptr[i][0] == (char)(i + 1));
		demand(ptr[i][sizes[i] - 1] == (char)(i + 1));
		ptr[i] = datamem_realloc(ptr[i], sizes[i] / 2);
		demand(ptr[i] && ptr[i][0] == (char)(i + 1));
	}
	for (size_t i = 0; i < COUNT(sizes); i++)
		datamem_free(ptr[i], sizes[i]);
	more = datamem_alloc_aligned(5 * MIB, 2 * MIB);
	demand(!came(more) || !((uintptr_t)more & (2 * MIB - 1)));
	datamem_free(more, 1);
	more = datamem_dims_alloc(3);
	came(more);
	datamem_dims_free(more, 3);
	more = datamem_raw_new(300);
	demand(more || errno == ENOMEM);
	datamem_raw_free(more);
}

static void use_handlers(void)
{
	const struct datamem_handler *before = datamem_handler_get(), *debug;
	struct datamem_buffer buffer;
	struct datamem_context *context;
	void *ptr;

	debug = datamem_handler_find("debug");
	demand(debug);
	if (!came(datamem_handler_set(debug)))
		return;
	if (!datamem_buffer_init_zeroed(&buffer, 1000, 100)) {
		datamem_buffer_resize(&buffer, 500000);
		datamem_buffer_release(&buffer);
	}
	demand(datamem_handler_set(before));
	context = datamem_context_copy();
	if (came(context)) {
		demand(!datamem_context_enter(context));
		demand(!datamem_context_leave(context));
		datamem_context_free(context);
	}
	ptr = datamem_handler_alloc(datamem_handler_default(), 200000);
	if (came(ptr))
		datamem_handler_free(datamem_handler_default(), ptr, 200000);
}

static void use_huge_pages(void)
{
	struct datamem_hugepage_receipt receipt;
	struct datamem_hugepage_probe probe;
	char *ptr = datamem_alloc(5 * MIB);

	demand(!datamem_hugepage_probe_get(&probe, sizeof(probe)));
	demand(datamem_hugepage_reason_text(probe.reason)[0] != '?');
	demand(refused->number != SYS_madvise || refused_with == EINVAL ||
	       probe.mode != DATAMEM_MODE_MADVISE ||
	       probe.prctl_state > 0 ||
	       probe.reason == DATAMEM_REASON_FILTER);
	if (!came(ptr))
		return;
	memset(ptr, 1, 5 * MIB);
	demand(!datamem_hugepage_receipt_get(ptr, 0, &receipt,
					     sizeof(receipt)));
	demand(receipt.backed == SIZE_MAX ||
	       receipt.backed <= receipt.eligible);
	datamem_promote(ptr, 0);
	datamem_hugepage_set_advice(datamem_hugepage_set_advice(false));
	datamem_free(ptr, 1);
}

static void use_accounts(void)
{
	struct datamem_trace_totals totals;
	void *ptr;

	if (datamem_trace_start())
		return;
	ptr = datamem_alloc(1000);
	if (came(ptr)) {
		demand(!datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						 sizeof(totals)));
		demand(totals.blocks == 1);
	}
	datamem_free(ptr, 1000);
	datamem_trace_stop();
}

static void *be_thread(void *arg)
{
	(void)arg;
	use_blocks();
	return NULL;
}

/* What cannot be started is not the library's doing. */
static void use_company(void)
{
	pthread_t thread;
	int status;
	pid_t pid;

	if (!pthread_create(&thread, NULL, be_thread, NULL))
		pthread_join(thread, NULL);
	pid = fork();
	if (!pid) {
		use_blocks();
		datamem_trim(0);
		_exit(0);
	}
	if (pid > 0) {
		demand(waitpid(pid, &status, 0) == pid);
		demand(!status);
	}
}

static void use_control(void)
{
	static const char *const settings[][2] = {
		{ "retain.max", "0" }, { "retain.max", "auto" },
		{ "zero.policy", "lazy" }, { "zero.policy", "eager" },
		{ "zero.policy", "auto" }, { "place.prefault", "on" },
		{ "place.hugetlb", "on" }, { "place.numa", "local" },
	};
	struct datamem_stats stats;
	char value[64];
	int err;

	for (size_t i = 0; i < COUNT(settings); i++) {
		demand(!datamem_setting_set(settings[i][0], settings[i][1]));
		demand(!datamem_setting_get(settings[i][0], value,
					    sizeof(value)));
		use_blocks();
	}
	datamem_control_stop();
	err = datamem_control_start();
	demand(err <= 0 && err >= -ENOTSUP);
	datamem_control_poll();
	demand(!datamem_stats_get(&stats, sizeof(stats)));
	demand(!stats.foreign_pointers && !stats.double_frees);
	datamem_peak_reset();
}

static int scenario(void)
{
	struct datamem_stats stats;

	use_blocks();
	demand(!datamem_stats_get(&stats, sizeof(stats)));
	demand(!stats.live_bytes);
	use_handlers();
	use_huge_pages();
	use_accounts();
	use_company();
	use_control();
	use_company();
	datamem_trim(0);
	demand(!datamem_stats_get(&stats, sizeof(stats)));
	/* All but what its cache keeps, or as much as nobody takes back. */
	demand(stats.held_bytes + stats.lazy_bytes <= stats.mapped_bytes);
	return 0;
}

/* In a program of its own: refuse calls[which] with an errno. */
static int be_refused(int which, int err)
{
	refused = &calls[which];
	refused_with = err;
	alarm(100);
	if (install(&refused->number, 1,
		    SECCOMP_RET_ERRNO | (unsigned int)err))
		return 77;
	return scenario();
}

static int be_small(void)
{
	char *ptr = datamem_alloc(100);

	if (!ptr)
		return 1;
	memset(ptr, 1, 100);
	datamem_free(ptr, 100);
	return 0;
}

/* Run this program again with its output in a file; returns its status. */
static int run(char *const argv[], const char *const control, int *reported,
	       char *text, size_t size)
{
	FILE *output = tmpfile(), *report = tmpfile();
	int status;
	long length;
	pid_t pid;

	ck_assert(output && report);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		setenv("DATAMEM_CONTROL", control, 1);
		dup2(fileno(output), STDOUT_FILENO);
		dup2(fileno(output), STDERR_FILENO);
		dup2(fileno(report), REPORT);
		execv("/proc/self/exe", argv);
		_exit(126);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	fseek(output, 0, SEEK_END);
	length = ftell(output);
	*reported = (int)length;
	rewind(length ? output : report);
	length = (long)fread(text, 1, size - 1, length ? output : report);
	text[length] = '\0';
	fclose(output);
	fclose(report);
	return status;
}

static void refuse(int which, int err)
{
	char first[16], second[16], text[1024];
	char *argv[] = { (char *)"check_sandbox", (char *)"refuse", first,
			 second, NULL };
	int status, printed;

	snprintf(first, sizeof(first), "%d", which);
	snprintf(second, sizeof(second), "%d", err);
	status = run(argv, "on", &printed, text, sizeof(text));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		harness_skip("seccomp is not permitted here");
	if (status || printed)
		ck_abort_msg("%s refused with %s: status %#x: %s",
			     calls[which].name, strerror(err),
			     (unsigned int)status, text);
}

START_TEST(each_call_refused)
{
	refuse(_i % (int)COUNT(calls), errors[_i / (int)COUNT(calls)]);
}
END_TEST

/*
 * What a program that allocates 100 bytes does without. Its calls, beside those
 * of the C library: mmap, munmap, mprotect, open, read, close, stat, uname,
 * gettid, tgkill; with a control page also memfd_create, ftruncate, fcntl,
 * fstat, mremap, prlimit. The last two of these in THP mode `always`.
 */
static const int not_needed[] = {
	SYS_membarrier, SYS_mincore, SYS_sysinfo, SYS_mbind, SYS_ioctl,
	SYS_sched_yield, SYS_clone, SYS_getrusage, SYS_prctl, SYS_madvise,
};
static const int only_for_control[] = {
	SYS_memfd_create, SYS_ftruncate, SYS_mremap,
};

static bool huge_without_advice(void)
{
	struct datamem_hugepage_probe probe;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	return probe.mode == DATAMEM_MODE_ALWAYS ||
	       probe.size_mode == DATAMEM_MODE_ALWAYS;
}

START_TEST(small_program_makes_few_calls)
{
	int numbers[COUNT(not_needed) + COUNT(only_for_control)];
	size_t count = COUNT(not_needed) - 2 * huge_without_advice();
	const char *control = _i ? "off" : "on";
	char *argv[] = { (char *)"check_sandbox", (char *)"small", NULL };
	int status;
	pid_t pid;

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer makes calls of its own");
	memcpy(numbers, not_needed, sizeof(not_needed));
	if (_i) {
		memcpy(numbers + count, only_for_control,
		       sizeof(only_for_control));
		count += COUNT(only_for_control);
	}
	pid = fork();
	if (!pid) {
		setenv("DATAMEM_CONTROL", control, 1);
		if (install(numbers, count, SECCOMP_RET_KILL))
			_exit(77);
		execv("/proc/self/exe", argv);
		_exit(126);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		harness_skip("seccomp is not permitted here");
	ck_assert_msg(!status, "control=%s: %#x", control, (unsigned int)status);
}
END_TEST

int main(int argc, char **argv)
{
	size_t kinds = harness_is_long() ? COUNT(errors) : FEW_ERRORS;
	Suite *suite;
	TCase *tc;

	if (argc == 4 && !strcmp(argv[1], "refuse"))
		exit(be_refused(atoi(argv[2]), atoi(argv[3])));
	if (argc == 2 && !strcmp(argv[1], "small"))
		return be_small();
	if (HARNESS_SANITIZED)
		return harness_skip_all("a sanitizer makes calls of its own");
	huge_pool_enter();
	suite = suite_create("sandbox");
	tc = tcase_create("sandbox");
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, each_call_refused, 0, (int)(kinds * COUNT(calls)));
	tcase_add_loop_test(tc, small_program_makes_few_calls, 0, 2);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

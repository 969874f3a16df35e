/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What a process runs, and where it belongs, out of what /proc says. */

#include "config.h"

#include "harness.h"

#include "../../src/datamem-ctl/process/describe.h"

#include <string.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *path, *unit;
} paths[] = {
	{ "", "" },
	{ "/", "" },
	{ "/user.slice/user-1000.slice/session-2.scope", "session-2.scope" },
	{ "/system.slice/train.service", "train.service" },
	{ "/system.slice/train.service/workers", "train.service" },
	{ "/system.slice/docker-" ID ".scope", "0123456789ab" },
	{ "/docker/" ID, "0123456789ab" },
	{ "/docker/" ID "/system.slice/cron.service", "cron.service" },
	{ "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope",
	  "0123456789ab" },
	{ "/machine.slice/libpod-" ID ".scope/container", "0123456789ab" },
	{ "/lxc.payload.box", "" },
	{ "/a.service/", "a.service" },
	{ "//.scope/.service", "" },
};

START_TEST(units_and_containers_are_found)
{
	char unit[64] = "";

	ctl_describe_unit(paths[_i].path, unit, sizeof(unit));
	ck_assert_str_eq(unit, paths[_i].unit);
}
END_TEST

START_TEST(a_long_unit_is_cut)
{
	char path[300] = "/", unit[64] = "";

	memset(path + 1, 'a', 200);
	strcpy(path + 201, ".service");
	ctl_describe_unit(path, unit, sizeof(unit));
	ck_assert_uint_eq(strlen(unit), sizeof(unit) - 1);
}
END_TEST

#define ARGUMENTS(text) text, sizeof(text)

static const struct {
	const char *arguments;
	size_t nbytes;
	const char *command, *handler;
} commands[] = {
	{ ARGUMENTS("/usr/bin/python3\0train.py\0--epochs\0003"), "train.py",
	  "" },
	{ ARGUMENTS("python3.11\0-u\0-X\0utf8\0-W\0error\0/a/b/train.py"),
	  "train.py", "" },
	{ ARGUMENTS("python3\0-m\0pkg.module\0x"), "pkg.module", "" },
	{ ARGUMENTS("python3\0-m\0datamem\0train.py\0-m\0x"), "train.py",
	  "datamem" },
	{ ARGUMENTS("python\0-m\0datamem\0--handler=debug\0--stats\0-m\0pytest"),
	  "pytest", "debug" },
	{ ARGUMENTS("python3\0-c\0import this"), "", "" },
	{ ARGUMENTS("python3"), "", "" },
	{ ARGUMENTS("python3\0-m"), "", "" },
	/* Workers of joblib, multiprocessing, pytest-xdist. */
	{ ARGUMENTS("/v/bin/python\0-m\0joblib.externals.loky.backend."
		    "popen_loky_posix\0--process-name\0LokyProcess-1\0--pipe\0"
		    "15"), "loky", "" },
	{ ARGUMENTS("python3\0-m\0loky.backend.popen_loky_posix"), "loky", "" },
	{ ARGUMENTS("python3\0-c\0from joblib.externals.loky.backend."
		    "resource_tracker import main; main(5, False)"), "loky", "" },
	{ ARGUMENTS("python3\0-X\0utf8\0-c\0from multiprocessing.spawn import "
		    "spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)\0"
		    "--multiprocessing-fork"), "multiprocessing", "" },
	{ ARGUMENTS("python3\0-c\0from multiprocessing.forkserver import main; "
		    "main(4, 5)"), "multiprocessing", "" },
	{ ARGUMENTS("python3\0-B\0-c\0import sys; from multiprocessing."
		    "forkserver import main; main(11, 12)\0fit.py\0a"),
	  "multiprocessing", "" },
	{ ARGUMENTS("python3.14\0-c\0import sys; from multiprocessing.forkserver "
		    "import main; main(4, 5, [], sys_argv=sys.argv[1:])\0a.py"),
	  "multiprocessing", "" },
	{ ARGUMENTS("/usr/bin/python3\0-u\0-c\0import sys;exec(eval(sys.stdin."
		    "readline()))"), "xdist", "" },
	{ ARGUMENTS("python3\0-c\0import sys; from multiprocessing.pool import x"),
	  "", "" },
	/* Interpreters without the global lock, and for debugging. */
	{ ARGUMENTS("/v/bin/python3.14t\0fit.py"), "fit.py", "" },
	{ ARGUMENTS("python3.13td\0fit.py"), "fit.py", "" },
	{ ARGUMENTS("python3-dbg\0fit.py"), "fit.py", "" },
	{ ARGUMENTS("/usr/sbin/sshd\0fit.py"), "", "" },
	{ ARGUMENTS("pythont\0fit.py"), "", "" },
	/* Options of one letter, several in a word or with their value. */
	{ ARGUMENTS("python3\0-um\0pkg.module"), "pkg.module", "" },
	{ ARGUMENTS("python3\0-mpytest\0tests/test_a.py"), "pytest", "" },
	{ ARGUMENTS("python3\0-uc\0print(1/2)"), "", "" },
	{ ARGUMENTS("python3\0-Wonce\0-Xdev\0-bb\0fit.py"), "fit.py", "" },
	{ ARGUMENTS("python3\0-\0data.csv"), "", "" },
	{ ARGUMENTS("bash\0-lc\0exec fit/a.out"), "", "" },
	/* The wheel's command, and options that take a word. */
	{ ARGUMENTS("/v/bin/python\0/v/bin/datamem\0fit.py"), "fit.py",
	  "datamem" },
	{ ARGUMENTS("/v/bin/python\0/v/bin/datamem\0--set\0a=b\0--handler\0"
		    "debug\0-m\0pytest"), "pytest", "debug" },
	{ ARGUMENTS("python3\0-m\0datamem\0--profile\0out\0--stats\0-\0a"), "",
	  "datamem" },
	{ ARGUMENTS("sh\0-c"), "", "" },
	{ ARGUMENTS("/bin/sh\0./job.sh"), "job.sh", "" },
	{ ARGUMENTS("octave-cli\0-q\0fit.m"), "fit.m", "" },
	{ ARGUMENTS("/usr/lib/R/bin/exec/R\0--no-echo\0--file=fit.R\0--args"),
	  "fit.R", "" },
	{ ARGUMENTS("./simulate\0100"), "", "" },
	{ ARGUMENTS("/opt/shell\0a"), "", "" },
	{ ARGUMENTS(""), "", "" },
	/* Cut off in the middle of an argument. */
	{ "python3\0trai", 12, "", "" },
	{ NULL, 0, "", "" },
};

START_TEST(scripts_and_modules_are_found)
{
	struct ctl_identity is;

	memset(&is, 0, sizeof(is));
	ctl_describe_command(commands[_i].arguments, commands[_i].nbytes, &is);
	ck_assert_str_eq(is.command, commands[_i].command);
	ck_assert_str_eq(is.numpy_handler, commands[_i].handler);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("describe");
	TCase *tc = tcase_create("describe");

	tcase_add_loop_test(tc, units_and_containers_are_found, 0,
			    sizeof(paths) / sizeof(paths[0]));
	tcase_add_test(tc, a_long_unit_is_cut);
	tcase_add_loop_test(tc, scripts_and_modules_are_found, 0,
			    sizeof(commands) / sizeof(commands[0]));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

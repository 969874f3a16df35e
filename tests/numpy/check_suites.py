# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""NumPy's own tests with libdatamem as the handler.

Arguments: HANDLER PACKAGE..., again and again; "datamem" and "debug" are
handlers.  The counts must be those in the file `counts` for this NumPy; where
they are not, or there are none, those of a run with NumPy's own handler here
and now.

After the argument "threads" each test runs in several threads at once
(DATAMEM_TEST_PARALLEL, 4), by pytest-run-parallel.  Some of NumPy's tests fail
there now and then; none may that passes with NumPy's own handler, again and
again.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
# Where a package is that was renamed.
MOVED = {"core": "_core"} if numpy.__version__[:2] == "2." else {}
PARALLEL = os.environ.get("DATAMEM_TEST_PARALLEL", "4")
# How often a test that failed in threads is run again.
AGAIN = 3
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def recorded(package):
    """The counts in the file for this NumPy and package, a line or more."""
    with open(os.path.join(HERE, "counts")) as file:
        lines = [line.split() for line in file]
    return [tuple(map(int, words[2:])) for words in lines
            if words[:2] == [numpy.__version__, package]]


def counts_of(result):
    return tuple(result[outcome] for outcome in COUNTED)


def run(package, handler, threads=False, only=()):
    """Run a package's tests, or only some; what the plugin wrote, and what was
    said."""
    with tempfile.TemporaryDirectory(prefix="datamem-numpy.") as folder:
        path = os.path.join(folder, "result.json")
        env = dict(os.environ, DATAMEM_TEST_HANDLER=handler,
                   DATAMEM_TEST_RESULT=path,
                   DATAMEM_DEBUG="warn" if handler == "debug" else "none",
                   PYTHONPATH=HERE + ":" + os.environ["PYTHONPATH"])
        # test_new_policy runs the suites once more, under its own handler.
        command = [sys.executable, "-m", "pytest", "-p", "datamem_plugin",
                   "-p", "no:cacheprovider", "-q", "-m", "not slow",
                   "-k", "not test_new_policy"]
        command += only or ["--pyargs",
                            "numpy." + MOVED.get(package, package)]
        if threads:
            command.append("--parallel-threads=" + PARALLEL)
        done = subprocess.run(command, cwd=folder, env=env, text=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in done.stdout.splitlines()[-15:]:
            print("# " + line)
        if not os.path.exists(path):
            return None, "no result, exit status %d" % done.returncode
        with open(path) as file:
            result = json.load(file)
    # What debug finds when the process ends is said after the tests.
    said = re.findall(r"^libdatamem: .*", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1):
        said.append("exit status %d" % done.returncode)
    return result, "; ".join(said)


def fail_always(package, handler, tests):
    """Those of some tests that fail in threads each time."""
    for _ in range(AGAIN):
        if tests:
            result, said = run(package, handler, True, sorted(tests))
            assert result is not None, said
            tests = tests & set(result["failures"])
    return tests


def problems_in_threads(package, handler, failures):
    ours = fail_always(package, handler, set(failures))
    both = fail_always(package, "", ours)
    print("# failed: %d, each time: %s, with NumPy's own handler, too: %d"
          % (len(failures), sorted(ours), len(both)))
    if ours - both:
        yield "fail with this handler alone: %s" % sorted(ours - both)


def problems(package, handler, threads):
    result, said = run(package, handler, threads)
    if result is None:
        yield said
        return
    if said:
        yield said
    if result["handler"] != handler:
        yield "the handler at the end is %s" % result["handler"]
    if result["allocs"] < 1000:
        yield "only %d blocks came from the library" % result["allocs"]
    for name, number in result["misuse"].items():
        if number:
            yield "%s: %d" % (name, number)
    print("# %s %s %s" % (numpy.__version__, package,
                          " ".join(map(str, counts_of(result)))))
    if threads:
        yield from problems_in_threads(package, handler, result["failures"])
        return
    if counts_of(result) in recorded(package):
        return
    print("# not as recorded (%s): running with NumPy's own handler"
          % recorded(package), flush=True)
    stock, said = run(package, "")
    if stock is None:
        yield "with NumPy's own handler: " + said
    elif (counts_of(stock), stock["failures"]) != (
            counts_of(result), result["failures"]):
        yield "%s; with NumPy's own handler %s; failures: %s" % (
            counts_of(result), counts_of(stock),
            sorted(set(result["failures"]) ^ set(stock["failures"])))


def main():
    plan, handler, threads = [], "", False
    for word in sys.argv[1:]:
        if word in ("datamem", "debug"):
            handler = word
        elif word == "threads":
            threads = True
        else:
            plan.append((handler, word, threads))
    print("1..%d" % len(plan), flush=True)
    failed = False
    for number, (handler, package, threads) in enumerate(plan, 1):
        title = "%d - numpy.%s under %s%s" % (
            number, package, handler, ", in threads" if threads else "")
        if threads and not importlib.util.find_spec("pytest_run_parallel"):
            print("ok %s # SKIP no pytest-run-parallel" % title, flush=True)
            continue
        found = list(problems(package, handler, threads))
        failed = failed or bool(found)
        for problem in found:
            print("# " + problem)
        print("%sok %s" % ("not " if found else "", title), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Where standard streams, the current folder or parts of a reference are missing
or wrong: a program runs as it would without the package."""

import os
import shutil
import subprocess
import sys
import tempfile

import tap
from environment import ENV, WORK, environment

# $1 is a command of sh that redirects, the rest a program.
_REDIRECTED = 'eval "exec $1"; shift; exec "$@"'
_GONE = 'mkdir "$1" && cd "$1" && rmdir "$1" || exit 99; shift; exec "$@"'


def run(redirection, *words, **more):
    env = dict(ENV, **more.pop("env", {}))
    done = subprocess.run(
        ["sh", "-c", _REDIRECTED, "sh", redirection, environment(), *words],
        cwd=WORK, env=env, timeout=300, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, **more)
    return done.returncode, done.stdout, done.stderr


def streams():
    """Redirections of standard error to where nothing can be written."""
    return ["2>&-"] + ["2>/dev/full"] * os.path.exists("/dev/full")


LATE = """
import threading
go = threading.Event()
thread = threading.Thread(target=go.wait)
thread.start()
import numpy
go.set()
thread.join()
print(1)
"""

CLOSES = "import sys; sys.stderr.close(); import numpy; print(1)"


def test_a_message_that_cannot_be_written():
    no_library = {"DATAMEM": "numpy", "DATAMEM_LIBRARY": "/nonexistent"}
    no_handler = {"DATAMEM": "numpy", "DATAMEM_HANDLER": "nosuch"}
    for env in no_library, no_handler:
        for stream in streams():
            got = run(stream, "-c", "import numpy; print(1)", env=env)
            assert got[:2] == (0, "1\n"), (env, stream, got)
        got = run("2>&1", "-c", CLOSES, env=env)
        assert got[:2] == (0, "1\n"), (env, got)
    for stream in streams():
        got = run(stream, "-W", "error", "-c", LATE, env={"DATAMEM": "numpy"})
        assert got[:2] == (0, "1\n"), (stream, got)


SPAWNS = """
import multiprocessing, os
if __name__ == "__main__":
    import datamem, numpy
    datamem.install()
    os.environ["DATAMEM_LIBRARY"] = "/nonexistent"
    process = multiprocessing.get_context("spawn").Process(
        target=print, args=("there",), kwargs={"flush": True})
    process.start()
    process.join()
    print(process.exitcode)
"""


def test_a_child_that_cannot_say_why():
    path = os.path.join(WORK, "spawns.py")
    with open(path, "w") as file:
        file.write(SPAWNS)
    for stream in streams():
        got = run(stream, path)
        assert got[:2] == (0, "there\n0\n"), (stream, got)


def test_the_command_without_streams():
    for stream in streams():
        for words in (("--nosuch",), ("nosuch.py",)):
            got = run(stream, "-m", "datamem", *words)
            assert got[:2] == (2, ""), (stream, words, got)
        got = run(stream, "-m", "datamem", "-c", "1",
                  env={"DATAMEM_LIBRARY": "/nonexistent"})
        assert got[:2] == (2, ""), (stream, got)
    for word in "--help", "--version", "--status":
        assert run(">&-", "-m", "datamem", word) == (0, "", ""), word
        if os.path.exists("/dev/full"):
            status, _, err = run(">/dev/full", "-m", "datamem", word)
            assert status == 2 and err.startswith("datamem: write error:") \
                and err.count("\n") == 1, (word, status, err)


def test_the_status_without_numpy_is_printed_or_a_write_error():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "numpy.py"), "w") as file:
            file.write("raise ImportError('no numpy here')")
        path = os.pathsep.join([folder, ENV.get("PYTHONPATH", "")])
        for stream, expected in (("2>&2", 1), (">/dev/full", 2)):
            if "/" in stream and not os.path.exists("/dev/full"):
                continue
            status, out, err = run(stream, "-m", "datamem", "--status",
                                   env={"PYTHONPATH": path})
            assert status == expected, (stream, status, out, err)
            assert (out + err).count("\n") == 1, (stream, out, err)
            assert (out if expected == 1 else err).startswith("datamem: ")


COPIES = """
import importlib, sys
import _datamem_start as first
for _ in range(3):
    copy = importlib.reload(importlib.import_module("_datamem_start"))
    copy.start()
    del sys.modules["_datamem_start"]
from multiprocessing import spawn
import numpy
import datamem
print(datamem.handler_name(), len(first._finder.waiting), len(copy._finder.waiting))
"""


def test_more_than_one_copy_of_what_waits_for_numpy():
    got = run("2>&2", "-c", COPIES, env={"DATAMEM": "numpy"})
    assert got == (0, "datamem 0 0\n", ""), got


def gone(*words):
    """Run in a folder that is no more."""
    done = subprocess.run(
        ["sh", "-c", _GONE, "sh", tempfile.mkdtemp(dir=WORK) + "/gone",
         sys.executable, *words], timeout=300, capture_output=True, text=True,
        stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_no_current_folder():
    path = os.path.join(WORK, "shows.py")
    with open(path, "w") as file:
        file.write("import sys\nprint(sys.argv, sys.path, __file__)\n1/0\n")
    folder = os.path.join(WORK, "shown")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "__main__.py"), "w") as file:
        file.write("import sys\nprint(sys.argv, sys.path)\n1/0\n")
    show = "import sys; print(sys.argv, sys.path); 1/0"
    for words in ((path, "a"), (folder, "a"), ("nosuch.py",), ("-c", show),
                  ("-m", "this"), ("-m", "nosuch")):
        stock, ours = gone(*words), gone("-m", "datamem", *words)
        assert ours == stock, "%r\nstock %r\nours  %r" % (words, stock, ours)
    status, out, err = gone("-m", "datamem", "--profile=a.prof", "-c", "1")
    assert (status, out) == (2, "") and err.startswith("datamem: no profile:") \
        and err.count("\n") == 1, (status, out, err)


def test_a_program_that_removes_its_folder():
    code = ("import os, tempfile; name = tempfile.mkdtemp(); os.chdir(name);"
            " os.rmdir(name); 1/0")
    stock, ours = (subprocess.run(
        [sys.executable, *words, "-c", code], capture_output=True, text=True,
        timeout=300) for words in ((), ("-m", "datamem")))
    assert ours.returncode == 1 and ours.stderr == stock.stderr, ours


# In a process of its own, which wrong references must not bring to its end.
REFERENCE = """
import numpy, datamem
from datamem import _shared
arr = datamem.share(numpy.arange(1 << 18, dtype=float))
receive, arguments = _shared._reduce(arr)
numbers, kind, dtype, shape, strides, ahead, writable = arguments
assert (receive(*arguments) == arr).all()
wrong = [(numbers, kind, kinds, shape, strides, ahead, writable)
         for kinds in (object, "O", [("a", "f8"), ("b", "O")])]
wrong += [(numbers, kind, dtype, *layout, writable) for layout in (
    ((1 << 30,), (8,), 0), ((2,), (1 << 40,), 0), ((2,), (-8,), 0),
    ((1,), (8,), -8), ((1,), (8,), 1 << 40), ((-1,), (8,), 0),
    ((2, 2), (8,), 0), (None, None, None))]
for i in range(len(numbers)):
    for value in -1, 1 << 31, (1 << 63) - 1, "x", None:
        changed = list(numbers)
        changed[i] = value
        wrong.append((tuple(changed), kind, dtype, shape, strides, ahead,
                      writable))
wrong += [(), (numbers,), (numbers + (1,),) + arguments[1:]]
for one in wrong:
    try:
        print(one, receive(*one))
    except (RuntimeError, MemoryError, TypeError, ValueError):
        pass
print(arr.sum() == (1 << 17) * ((1 << 18) - 1))
"""


def test_a_reference_that_was_changed():
    done = subprocess.run([sys.executable, "-c", REFERENCE], timeout=300,
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", ""), (
        done)


try:
    tap.run(globals())
finally:
    shutil.rmtree(WORK)

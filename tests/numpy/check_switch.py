# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""DATAMEM=numpy: every process of a Python that has the package."""

import os
import pkgutil
import pty
import re
import shutil
import subprocess
import sys

import tap
from environment import ENV, SOURCE, WORK, environment, need, result, script

ASK = "import shown; print(shown.show(3))"


def test_one_variable_is_enough():
    assert result("-c", ASK) == (0, "datamem\n", "")
    for switch in (None, "", "off"):
        assert result("-c", ASK, switch=switch)[:2] == (
            0, "default_allocator\n")
    code = ("import subprocess, sys\n"
            "print(subprocess.run([sys.executable, '-c', %r], text=True,"
            " capture_output=True).stdout)" % ASK)
    assert result("-c", code) == (0, "datamem\n\n", "")


def test_who_does_not_want_it_loads_nothing():
    code = ("import sys; print([name for name in sys.modules"
            " if 'datamem' in name or name == 'ctypes'])")
    pth = sys.version_info < (3, 15)
    for switch in (None, "", "numpy"):
        got = result("-c", code, switch=switch)
        assert got == (0, "[]\n" if pth and not switch
                       else "['_datamem_start']\n", ""), (switch, got)


def test_flags_that_switch_it_off():
    for flag in ("-E", "-I"):
        code = "import sys; sys.path.insert(0, %r); %s" % (
            ENV["PYTHONPATH"], ASK)
        assert result(flag, "-c", code) == (0, "default_allocator\n", ""), flag


def test_the_files_name_what_there_is():
    with open(os.path.join(SOURCE, "datamem.start")) as file:
        lines = file.read().splitlines()
    sys.path.insert(0, SOURCE)
    import _datamem_start
    assert [pkgutil.resolve_name(line) for line in lines] == [
        _datamem_start.start]
    with open(os.path.join(SOURCE, "datamem.pth")) as file:
        (line,) = file.read().splitlines()
    assert line.startswith("import ")   # else Python takes it for a folder


def test_start_by_an_entry_point():
    # What Python 3.15 does with datamem.start, on every Python.
    folder = os.path.join(WORK, "entry")
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    code = ("import pkgutil; pkgutil.resolve_name(open(%r).read().strip())();"
            + ASK) % os.path.join(folder, "datamem.start")
    env = dict(ENV, PYTHONPATH=folder + ":" + ENV["PYTHONPATH"],
               DATAMEM="numpy")
    environment()
    done = subprocess.run([sys.executable, "-c", code], env=env, text=True,
                          capture_output=True, cwd=WORK)
    assert (done.returncode, done.stdout, done.stderr) == (
        0, "datamem\n", ""), done


def test_multiprocessing_and_futures():
    path = script("""
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from shown import show
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            print(method, set(pool.map(show, range(4))))
        with context.Pool(2) as pool:
            print(method, set(pool.map(show, range(4))))
""")
    assert result(path) == (0, "".join(
        "%s {'datamem'}\n" % method for method in
        ("fork", "fork", "spawn", "spawn", "forkserver", "forkserver")), "")


def test_joblib():
    need("joblib")
    path = script("""
from joblib import Parallel, delayed
from shown import show
if __name__ == "__main__":
    for backend in ("loky", "multiprocessing", "threading"):
        print(backend, set(Parallel(n_jobs=2, backend=backend)(
            delayed(show)(i) for i in range(6))))
""")
    status, out, err = result(path)
    assert (status, out) == (0, "loky {'datamem'}\nmultiprocessing {'datamem'}"
                             "\nthreading {'datamem'}\n"), (status, out, err)


def test_dask_processes():
    need("distributed")
    path = script("""
from distributed import Client, LocalCluster
from shown import show
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=2, processes=True,
                      dashboard_address=None) as cluster:
        with Client(cluster) as client:
            print(set(client.gather(client.map(show, range(9), pure=False))))
""")
    status, out, err = result(path)
    assert (status, out) == (0, "{'datamem'}\n"), (status, out, err)


def test_pytest_xdist():
    need("pytest"), need("xdist")
    path = os.path.join(WORK, "test_shown.py")
    with open(path, "w") as file:
        file.write("import os, shown\n"
                   "def test_a():\n"
                   "    assert 'PYTEST_XDIST_WORKER' in os.environ\n"
                   "    assert shown.show(1) == 'datamem'\n")
    status, out, err = result("-m", "pytest", "-q", "-n", "2", "-p",
                              "no:cacheprovider", path)
    assert status == 0 and "1 passed" in out, (status, out, err)


def test_notebook_kernel():
    need("ipykernel"), need("jupyter_client")
    path = script("""
import sys
from jupyter_client.manager import KernelManager
manager = KernelManager()
manager.kernel_spec.argv[0] = sys.executable
manager.start_kernel()
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready(timeout=120)
client.execute_interactive("import shown; print(shown.show(3))", timeout=120,
    output_hook=lambda m: print(m["content"].get("text", ""), end=""))
client.stop_channels()
manager.shutdown_kernel(now=True)
""")
    status, out, err = result(path, env={"HOME": WORK})
    assert (status, out) == (0, "datamem\n"), (status, out, err)


def test_the_command_sets_it_for_its_children():
    code = ("import os, subprocess, sys\n"
            "print(os.environ['DATAMEM'], flush=True)\n"
            "subprocess.run([sys.executable, '-c', %r])\n" % (
                ASK + "; import datamem; s = datamem.settings;"
                "print(s['retain.age'], s['hugepage'])"))
    assert result("-m", "datamem", "--handler=debug", "--set=retain.age=77",
                  "--hugepage=off", "-c", code, switch=None) == (
        0, "numpy\ndebug\n77 off\n", "")


def test_other_settings_count():
    assert result("-c", ASK, env={"DATAMEM_HANDLER": "debug"}) == (
        0, "debug\n", "")
    status, out, err = result("-c", ASK, switch="numpi")
    assert (status, out) == (0, "default_allocator\n"), (status, out, err)
    assert "numpi" in err and "off, numpy" in err, err


def test_a_handler_that_nobody_has_registered():
    code = ("import datamem, threading, numpy as np\n"
            "print(datamem.handler_name(), datamem.installed())\n"
            "print(datamem.status().active, len(datamem.status().notes))\n"
            "h = datamem._library.CHandler.from_buffer_copy(datamem._library."
            "CHandler.from_address(datamem._library.lib.datamem_handler_find("
            "b'datamem')))\n"
            "h.name = b'later'\n"
            "import ctypes\n"
            "register = ctypes.CDLL(datamem.status().library)."
            "datamem_handler_register\n"
            "assert register(ctypes.byref(h)) == 0\n"
            "t = threading.Thread(target=lambda: print("
            "datamem.handler_name()))\n"
            "t.start(); t.join()\n"
            "print(datamem.handler_name())\n")
    for words, env in ((("-m", "datamem", "--handler=later"), {}),
                       ((), {"DATAMEM_HANDLER": "later"})):
        status, out, err = result(*words, "-c", code, env=env)
        assert (status, out) == (
            0, "default_allocator later\nFalse 1\nlater\nlater\n"), (out, err)
        assert err.count("no handler is named 'later' yet") == 1, err


def test_status():
    code = ("import datamem\n%s\ns = datamem.status()\n"
            "print(s.active, s.handler, s.installed, s.numpy is not None,"
            " s.threads_missed, s.switch, s.obstacle, s.notes)\n"
            "assert s.library.endswith('.so') or '.so.' in s.library\n"
            "assert 'DATAMEM=numpy' in str(s)\n")
    assert result("-c", code % "") == (
        0, "False None None False 0 True None []\n", "")
    # NumPy is not there yet.
    for switch, said in (("numpy", "datamem, as soon as NumPy is imported"),
                         (None, "nothing")):
        out = result("-c", "import datamem; print(datamem.status());"
                     " datamem.report()", switch=switch)[1]
        assert re.search("(?m)^installed +%s$" % said, out), out
        assert ("handler                  %s (NumPy was not imported)" % (
            "datamem" if switch else "none")) in out, out
    assert result("-c", code % "import numpy") == (
        0, "True datamem datamem True 0 True None []\n", "")
    assert result("-c", code % "import numpy", switch="NumPy") == (
        0, "True datamem datamem True 0 True None []\n", "")
    assert result("-c", code % "import numpy", switch=None) == (
        0, "False default_allocator None True 0 False None []\n", "")
    out = result("-c", code % "import os, numpy; os.environ['DATAMEM'] ="
                 " 'numpy'", switch=None)[1]
    assert "was set after this process had started" in out, out
    for flag, word in (("-E", "-E and -I"), ("-S", "-S")):
        where = os.path.dirname(result(
            "-c", "import datamem; print(datamem.__path__[0])")[1].strip())
        out = result(flag, "-c", "import sys; sys.path.append(%r); import"
                     " datamem; print(datamem.status())" % where)[1]
        assert word in out, (flag, out)
    done = subprocess.run(
        [sys.executable, "-c", "import datamem; print(datamem.status())"],
        env=dict(ENV, DATAMEM="numpy", PYTHONPATH=SOURCE), text=True,
        capture_output=True, cwd=WORK)
    assert "PYTHONPATH" in done.stdout and not done.stderr, done


def test_status_of_the_command():
    status, out, err = result("-m", "datamem", "--status", switch=None)
    assert (status, err) == (0, "") and "by datamem" in out, (out, err)
    assert "new processes  would see DATAMEM=numpy" in out, out


LATE = """
import sys, threading, warnings
go, ready = threading.Event(), threading.Event()
seen = []
def work():
    ready.set()
    go.wait(60)
    import datamem
    seen.append(datamem.handler_name())
thread = threading.Thread(target=work)
thread.start()
ready.wait(60)
%s
import datamem
print(datamem.status().threads_missed, datamem.handler_name())
go.set()
thread.join()
print(seen, datamem.status().threads_missed)
"""


def test_running_threads_are_said_once():
    for install, switch in (
            ("import numpy, datamem; datamem.install(); datamem.install()",
             None), ("import numpy", "numpy")):
        status, out, err = result("-c", LATE % install, switch=switch)
        assert (status, out) == (0, "1 datamem\n['default_allocator'] 0\n"), (
            out, err)
        assert err.count("1 running thread") == 1, err
        assert "DATAMEM=numpy" in err, err
    # As errors, they must not keep the handler from being installed, nor say
    # that it is not.
    for install, switch in (
            ("import numpy", "numpy"),
            ("import numpy, datamem; datamem.install_on_import()", None)):
        status, out, err = result("-W", "error::RuntimeWarning", "-c",
                                  LATE % install, switch=switch)
        assert (status, out) == (0, "1 datamem\n['default_allocator'] 0\n"), (
            out, err)
        assert err.startswith("datamem: 1 running thread"), err
        assert err.count("\n") == 1, err


def test_numpy_imported_in_a_thread_reaches_the_main_thread():
    code = """
import threading
def load():
    import numpy
thread = threading.Thread(target=load)
thread.start()
thread.join()
import shown
print(shown.show(3))
"""
    assert result("-c", code) == (0, "datamem\n", "")


def test_a_program_on_standard_input():
    code = ASK + "\nimport sys\nprint(sys.argv, __name__)\n"
    for words, argv in (((), [""]), (("-",), ["-"]), (("-", "a"), ["-", "a"])):
        assert result("-m", "datamem", *words, input=code, switch=None) == (
            0, "datamem\n%r __main__\n" % argv, ""), words
    for code in ("1/0\n", "x = = 1\n", "raise SystemExit(4)\n"):
        ours = result("-m", "datamem", "-", input=code, switch=None)
        stock = result("-", input=code, switch=None)
        assert ours == stock, (ours, stock)


def test_a_session_at_a_terminal():
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise tap.Skip("no terminal: %s" % error) from None
    env = dict(ENV, TERM="dumb")
    process = subprocess.Popen(
        [environment(), "-q", "-m", "datamem"], stdin=slave, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, cwd=WORK)
    os.close(slave)
    os.write(master, ASK.encode() + b"\nraise SystemExit(5)\n")
    out = process.communicate(timeout=120)[0]
    os.close(master)
    assert process.returncode == 5 and "datamem\n" in out, (
        process.returncode, out)


def test_a_missing_or_wrong_numpy_is_one_sentence():
    code = ("import datamem\n"
            "try: datamem.install()\n"
            "except ImportError as error: print(error)\n"
            "print(datamem.installed())\n")
    for text, said in (
            ("raise ModuleNotFoundError('No module named numpy',"
             " name='numpy')", "is not installed"),
            ("raise ImportError('''\n\nIMPORTANT: READ THIS\n\nOriginal error"
             " was: x.so: no such file\n''')", "Original error was: x.so"),
            ("import nosuchthing", "nosuchthing"),
            ("value = 1", "is not NumPy"),
            ("__version__ = '1.21.0'\nndarray = 0", "1.21.0 is")):
        folder = os.path.join(WORK, "wrong", "numpy")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "__init__.py"), "w") as file:
            file.write(text + "\n")
        try:
            env = {"PYTHONPATH": os.path.dirname(folder)}
            status, out, err = result("-c", code, env=env, switch=None)
            lines = out.splitlines()
            assert (status, err, len(lines)) == (0, "", 2), (out, err)
            assert said in lines[0] and lines[0].startswith("datamem: "), out
            assert lines[1] == "None", out
            # What the program itself sees of it is what it always sees.
            ask = "try: import numpy\nexcept ImportError: print('none')\n"
            status, out, err = result("-c", ask + "print('end')", env=env)
            assert status == 0 and out.endswith("end\n"), (out, err)
            assert err.count("\n") <= 1, err
        finally:
            shutil.rmtree(folder)


def test_no_library_is_one_sentence():
    status, out, err = result("-c", "import numpy; print('end')",
                              env={"DATAMEM_LIBRARY": "/nonexistent.so"})
    assert (status, out, err.count("\n")) == (0, "end\n", 1), (out, err)
    assert err.startswith("datamem: ") and "DATAMEM_LIBRARY" in err, err


try:
    tap.run(globals())
finally:
    shutil.rmtree(WORK)

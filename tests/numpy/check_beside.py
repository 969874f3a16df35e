# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Threads, signals, forks and interpreters beside the package."""

import importlib.machinery
import os
import sys
import tempfile
import threading

import numpy as np

import datamem
import tap
from adapter import in_thread, python

MIB = 1 << 20


def test_two_threads_enter_their_first_scopes():
    inside, go = threading.Event(), threading.Event()
    datamem.install(), datamem.uninstall()      # nothing is hooked

    def slow():
        if threading.current_thread() is other:
            inside.set()
            go.wait()

    def enter():
        with datamem.scope("first"):
            pass

    other = threading.Thread(target=enter)
    datamem._current.followers.insert(0, slow)
    try:
        other.start()
        inside.wait()
        with datamem.scope("second") as s:
            in_thread(lambda: np.ones(MIB, "u1"))
        assert s.allocated >= MIB, s
    finally:
        go.set()
        other.join()
        datamem._current.followers.remove(slow)


def test_a_signal_that_looks_at_a_scope():
    # In a process of its own: where it goes wrong it waits for itself.
    code = """
import signal, datamem
seen = []
with datamem.scope("x") as s:
    signal.signal(signal.SIGALRM, lambda *_: seen.append(str(s)))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while len(seen) < 100:
        s.calls
        with datamem.scope("y"):
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
print("end")
"""
    assert python(code, timeout=120) == "end\n"


def test_children_of_threads_that_look_at_a_scope():
    code = """
import os, signal, threading, datamem
end, statuses = [], set()
def look():
    while not end:
        s.calls
with datamem.scope("x") as s:
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        pid = os.fork()
        if not pid:
            signal.alarm(60)
            s.calls
            with datamem.scope("y"):
                pass
            os._exit(0)
        statuses.add(os.waitpid(pid, 0)[1])
        if statuses != {0}:
            break
    end.append(1)
    for thread in threads:
        thread.join()
print(statuses)
"""
    assert python(code, "-W", "ignore") == "{0}\n"


def test_an_array_forgets_no_setting():
    settings = datamem.settings
    with settings(hugepage="off", retain_age=50):
        with datamem._arrays._advised():
            assert settings["hugepage"] == "on"
            settings["retain.age"] = 60         # by another thread, say
        assert settings["hugepage"] == settings.changed["hugepage"] == "off"
        assert settings.changed["retain.age"] == "60", settings.changed


def test_a_module_that_another_thread_imports_meanwhile():
    import _datamem_start as start

    class Waiting(dict):
        def __setitem__(self, name, function):
            super().__setitem__(name, function)
            sys.modules[name] = tap     # has been imported now

    called = []
    before = start._finder.waiting
    start._finder.waiting = Waiting()
    try:
        start.after("no_such_module", lambda: called.append(1))
    finally:
        start._finder.waiting = before
        sys.modules.pop("no_such_module", None)
    assert called == [1]


def test_who_looks_for_a_module_passes_over_nothing():
    import _datamem_start as start

    class Other:
        def find_spec(self, name, path=None, target=None):
            start.forget("no_such_module")      # as another thread may

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "datamem_found.py"), "w"):
            pass
        path, meta = list(sys.path), list(sys.meta_path)
        start.after("no_such_module", print)
        place = sys.meta_path.index(importlib.machinery.PathFinder)
        sys.meta_path.insert(place, Other())
        sys.path.insert(0, folder)
        try:
            import datamem_found                # noqa: F401
        finally:
            sys.path[:] = path
            sys.meta_path[:] = meta


# What interpreters run; PyDLL, as others let go of the lock.
PART = """
import ctypes
alloc = ctypes.PyDLL(%r).datamem_alloc
alloc.restype, alloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
def hold_%d():
    for i in range(100):
        alloc(1 << 10)
    return alloc(8 << 20)
hold_%d()
"""


def test_interpreters_with_locks_of_their_own():
    try:
        import _interpreters    # noqa: F401
    except ImportError:
        raise tap.Skip("before Python 3.13") from None
    try:
        datamem.profile().stop()
    except OSError as error:
        raise tap.Skip("no profile: %s" % error) from None
    code = """
import threading
import _interpreters as sub
import datamem
from datamem._library import lib
made = []
def work(number):
    one = sub.create("isolated")
    made.append(one)
    said = sub.exec(one, PART % (lib._name, number, number))
    assert said is None, said.formatted
with datamem.profile(interval=1) as profile:
    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    lines = profile.collapsed().splitlines()
print([sum(int(line.split()[-1]) for line in lines if "hold_%d (" % i in line)
       for i in range(3)])
for one in made:        # 3.14 warns of what is left
    sub.destroy(one)
"""
    out = python("PART = %r\n" % PART + code)
    assert out == "%s\n" % ([(8 << 20) + 100 * (1 << 10)] * 3), out


tap.run(globals())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Threads of NumPy programs start with the adapter's handler."""

import concurrent.futures
import os
import sys
import threading

import datamem
import tap
from adapter import in_thread, name, python


def test_threads():
    import _thread
    assert in_thread() == "default_allocator"
    datamem.install()
    try:
        assert in_thread() == "datamem"

        class Own(threading.Thread):
            def run(self):
                super().run()
        assert in_thread(start=Own) == "datamem"
        done = threading.Semaphore(0)
        seen = []
        _thread.start_new_thread(
            lambda *a, **k: (seen.append((name(), a, k)), done.release()),
            (1,), {"b": 2})
        assert done.acquire(timeout=60)
        assert seen == [("datamem", (1,), {"b": 2})]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert set(pool.map(lambda i: name(), range(9))) == {"datamem"}
        with datamem.handler("debug"):
            assert in_thread() in ("datamem", "debug")
        datamem.install(threads=False)
        # Also where threads inherit contexts.
        assert in_thread() == "default_allocator"
    finally:
        datamem.uninstall()
    assert in_thread() == "default_allocator"
    assert _thread.start_new_thread.__name__ == "start_new_thread"
    assert type(_thread.start_new_thread) is type(len)


def test_uninstall_in_another_thread():
    datamem.install()
    in_thread(datamem.uninstall)
    assert datamem.installed() is None
    assert name() == "datamem"      # a thread's handler is its own affair
    datamem.uninstall()
    assert name() == "default_allocator"
    with datamem.handler("system"):
        datamem.install()
        datamem.install("debug")
        in_thread(lambda: (datamem.uninstall(), datamem.install()))
        assert (name(), datamem.installed()) == ("debug", "datamem")
        datamem.uninstall()
        assert name() == "system" and datamem.installed() is None
    datamem.install()
    try:
        assert in_thread(lambda: (name(), datamem.uninstall(), name())) == (
            "datamem", None, "default_allocator")
    finally:
        datamem.uninstall()
    assert name() == "default_allocator"


def test_install_beside_an_import_of_numpy():
    # The one thread holds the lock of NumPy's import when the other begins
    # install(): a module that NumPy needs waits for that.
    code = """
import sys, threading, time
import datamem
datamem.install_on_import()
inside, asked = threading.Event(), threading.Event()
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy.version":
            inside.set()
            asked.wait(60)
            time.sleep(0.2)     # for the other to reach the lock
        return None
sys.meta_path.insert(0, Slow())
def load():
    import numpy
def install():
    inside.wait(60)
    asked.set()
    datamem.install()
    print(datamem.handler_name())
threads = [threading.Thread(target=f, daemon=True) for f in (load, install)]
for thread in threads: thread.start()
for thread in threads: thread.join(60)
print([thread.is_alive() for thread in threads], flush=True)
if any(thread.is_alive() for thread in threads):
    import os
    os._exit(1)
"""
    # Each is a running thread to the other one, which is warned of.
    assert python(code, "-W", "ignore") == "datamem\n[False, False]\n"


def test_threads_start_whatever_fails_in_the_hook():
    # In a process of its own: where it goes wrong, start() never returns.
    code = """
import _thread, contextvars, datamem, threading
from datamem import _handlers
datamem.install()
threading.excepthook = lambda args: None    # 3.14 itself objects
thread = threading.Thread(target=int)
thread._context = contextvars.copy_context()
thread._context.run(thread.start)
thread.join()
def fail():
    raise MemoryError
_handlers._hook._begin = fail
seen = []
thread = threading.Thread(target=seen.append, args=(1,))
thread.start()
thread.join()
done = threading.Semaphore(0)
_thread.start_new_thread(done.release, ())
print(seen, done.acquire(timeout=60))
"""
    assert python(code, timeout=60) == "[1] True\n"


def test_threads_of_classes_that_refuse_attributes():
    class Strict(threading.Thread):
        def __setattr__(self, name, value):
            if name.startswith("_datamem"):
                raise AttributeError(name)
            super().__setattr__(name, value)

    datamem.install()
    try:
        assert in_thread(start=Strict) == "datamem"
        with datamem.scope("x"):
            assert in_thread(start=Strict) == "datamem"
    finally:
        datamem.uninstall()


def test_threads_that_inherit_a_context():
    if not hasattr(sys.flags, "thread_inherit_context"):
        raise tap.Skip("before Python 3.14")
    code = """
import contextvars, threading
import datamem
def seen(**more):
    names = []
    thread = threading.Thread(
        target=lambda: names.append(datamem.handler_name()), **more)
    thread.start()
    thread.join()
    return names[0]
print(seen())
datamem.install()
print(seen())
for name in "debug", "default_allocator":
    with datamem.handler(name):
        copy = contextvars.copy_context()
        print(seen(), seen(context=contextvars.Context()))
    print(seen(), seen(context=copy))
datamem.install(threads=False)
print(seen(), seen(context=contextvars.copy_context()))
datamem.uninstall()
print(seen())
"""
    expected = """default_allocator
datamem
%s datamem
datamem debug
%s datamem
datamem default_allocator
default_allocator datamem
default_allocator
"""
    for flag, names in ((0, ("datamem", "datamem")),
                        (1, ("debug", "default_allocator"))):
        got = python(code, "-X", "thread_inherit_context=%d" % flag)
        assert got == expected % names, (flag, got)


# Python 3.14 can be told whether threads inherit their creator's context.
INHERIT = [("-X", "thread_inherit_context=%d" % flag) for flag in (0, 1)] \
    if hasattr(sys.flags, "thread_inherit_context") else [()]


def test_a_handler_that_another_thread_installs():
    # The creator has the one that was installed before, or NumPy's own, and a
    # scope perhaps.
    code = """
import sys
sys.path.insert(0, %r)
import datamem, numpy
from adapter import in_thread, name
datamem.install()
in_thread(lambda: datamem.install("debug"))
print(name(), in_thread())
datamem.uninstall()
print(name(), in_thread())
with datamem.scope("x") as s:
    in_thread(lambda: datamem.install("system"))
    print(in_thread(), in_thread(lambda: name(numpy.ones(1 << 20))))
assert s.allocated >= 1 << 23, s
""" % os.path.dirname(os.path.abspath(__file__))
    for words in INHERIT:
        assert python(code, *words) == (
            "datamem debug\n"
            "default_allocator default_allocator\n"
            "system system\n"), words


def test_threads_that_are_about_to_start_are_not_missed():
    class Slow(threading.Thread):
        def _bootstrap(self):
            reached.set()
            go.wait(60)
            super()._bootstrap()

    reached, go = threading.Event(), threading.Event()
    datamem.install()
    thread = Slow(target=lambda: None)
    starter = threading.Thread(target=thread.start)
    try:
        starter.start()
        assert reached.wait(60)
        assert datamem.status().threads_missed == 0
    finally:
        go.set()
        starter.join()
        thread.join()
        datamem.uninstall()


def test_start_new_thread_is_no_method():
    import _thread
    import pickle
    builtin = _thread.start_new_thread
    datamem.install()
    try:
        assert _thread.start_new_thread is not builtin

        class Spawner:
            spawn = _thread.start_new_thread

        done = threading.Semaphore(0)
        Spawner().spawn(done.release, ())
        assert done.acquire(timeout=60)
        ours = _thread.start_new_thread
        assert ours.__name__ == "start_new_thread"
        assert ours.__doc__ == builtin.__doc__
        assert repr(ours) == repr(builtin)
        assert pickle.loads(pickle.dumps(ours)) is ours
    finally:
        datamem.uninstall()
    assert _thread.start_new_thread is builtin


tap.run(globals())

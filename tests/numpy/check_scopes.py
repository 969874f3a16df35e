# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Scopes, and settings for a stretch of code."""

import asyncio
import concurrent.futures
import contextvars
import gc
import io
import os
import sys
import threading
import warnings

import numpy as np

import datamem
import tap
from adapter import in_thread, name, raises

MIB = 1 << 20


def test_scope_counts_a_stretch():
    before = np.ones(MIB, "u1")
    with datamem.scope("outer") as s:
        a = np.ones(2 * MIB, "u1")
        assert s.live == s.kept and s.peak >= s.live >= 2 * MIB, repr(s)
        b = np.ones(MIB, "u1")
        del b, before       # the latter was there before
        assert name(a) == name() == "default_allocator"
        c = datamem.zeros(MIB, "u1", alignment=4096)
        with datamem.handler("datamem"):
            d = np.ones(MIB, "u1")
            assert name(d) == "datamem"
    e = np.ones(MIB, "u1")
    slack = 64 << 10        # what NumPy asks for beside, and sizes of glibc
    assert 4 * MIB <= s.kept <= 4 * MIB + slack, repr(s)
    assert 4 * MIB <= s.peak <= 4 * MIB + slack, repr(s)
    assert 5 * MIB <= s.allocated <= 5 * MIB + slack, repr(s)
    assert 4 <= s.calls < 20 and s.failed == 0
    kept = s.kept
    d.resize(10, refcheck=False)
    del a, c
    assert s.live < slack and s.kept == kept
    assert repr(s).count("\n") == 0 and "kept 4.0 MiB" in repr(s)
    assert name() == "default_allocator" and name(np.ones(3)) == name(e)
    raises(RuntimeError, s.__enter__, "once")


def test_scopes_inside_each_other():
    out = io.StringIO()
    with datamem.scope("load", out) as s:
        for i in range(3):
            with datamem.scope("part") as part:
                a = np.ones((i + 1) * MIB, "u1")
                with datamem.scope("deep"):
                    b = np.ones(MIB, "u1")
            del a, b
        with datamem.scope("still") as still:
            kept = np.ones(MIB, "u1")
            assert "still" in str(s)
            inside = str(s).splitlines()[-1].split()
        assert still.around is s and part.around is s
    lines = out.getvalue().splitlines()
    assert lines == str(s).splitlines()
    assert lines[0].split() == ["calls", "peak", "allocated", "kept", "name"]
    names = [line.split("  ")[-1].strip() for line in lines[1:]]
    assert names == ["load", "part", "deep", "still"], lines
    assert lines[2].split()[1:5] == ["4.0", "MiB", "9.0", "MiB"], lines
    assert inside[-1] == "still" and inside[-3:-1] == ["1.0", "MiB"], inside
    del kept


def test_scope_in_threads():
    outside = concurrent.futures.ThreadPoolExecutor(1)
    outside.submit(int).result()

    def work():
        return name(np.ones(MIB, "u1"))

    for install in (False, True):
        if install:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")     # of that thread
                datamem.install()
        expected = "datamem" if install else "default_allocator"
        with datamem.scope("threads") as s:
            assert in_thread(work) == expected
            assert s.allocated >= MIB
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                assert set(pool.map(lambda _: work(), range(6))) == {expected}
            assert s.allocated >= 7 * MIB
            seen = s.allocated
            outside.submit(work).result()
            assert s.allocated == seen      # it was running already
            outside.submit(s.bind(work)).result()
            assert s.allocated >= seen + MIB
            seen = s.allocated
            outside.submit(contextvars.copy_context().run, work).result()
            assert s.allocated >= seen + MIB
        seen = s.allocated
        outside.submit(s.bind(work)).result()
        assert in_thread(work) == expected and s.allocated == seen
        assert s.kept < 64 << 10, repr(s)
    datamem.uninstall()
    outside.shutdown()


def test_scope_in_tasks():
    async def part(n, go):
        with datamem.scope("task") as s:
            a = np.ones(n * MIB, "u1")
            await go.wait()
            assert n * MIB <= s.peak <= n * MIB + (64 << 10), repr(s)
            del a

    async def main():
        go = asyncio.Event()
        tasks = [asyncio.ensure_future(part(n, go)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*tasks)

    with datamem.scope("all") as s:
        asyncio.run(main())
    assert s.peak >= 6 * MIB and s.kept < MIB, repr(s)
    row = [line for line in str(s).splitlines() if line.endswith("task")]
    assert len(row) == 1 and row[0].split()[1:3] == ["3.0", "MiB"], row


def test_a_thread_that_outlives_its_scope():
    go, done = threading.Event(), []

    def work():
        a = np.ones(MIB, "u1")
        go.wait()
        done.append(np.ones(MIB, "u1"))
        with datamem.scope("later") as later:
            done.append(np.ones(MIB, "u1"))
        done.append(later)
        del a

    with datamem.scope("short") as s:
        thread = threading.Thread(target=work)
        thread.start()
        while s.allocated < MIB:
            pass
    numbers = (s.calls, s.allocated, s.peak, s.kept)
    go.set()
    thread.join()
    assert numbers == (s.calls, s.allocated, s.peak, s.kept)
    assert len(done) == 3 and done[2].around is None
    assert done[2].allocated >= MIB


def scopes(count, kept):
    for i in range(count):
        with datamem.scope("x"):
            a = np.ones(40)
            if i % 500 == 0:
                kept.append(a)


def test_many_scopes_take_no_memory():
    kept = []
    for work in (lambda: scopes(3000, kept),
                 lambda: in_thread(lambda: scopes(3000, kept))):
        scopes(500, kept)
        before = datamem.stats().meta_bytes
        work()
        assert len(datamem._current.Tally.ended) < 100
        assert datamem.stats().meta_bytes <= before + (64 << 10)
    assert all((a == 1).all() for a in kept)
    kept.clear()
    gc.collect()
    scopes(100, [])
    assert len(datamem._current.Tally.ended) < 40


def test_arrays_of_scopes_that_other_threads_free():
    made = [in_thread(lambda: datamem_arrays(20)) for _ in range(5)]
    ended = datamem._current.Tally.ended
    before = len(ended)
    assert before >= 100
    made.clear()
    scopes(300, [])
    assert len(ended) < 40, (before, len(ended))


def datamem_arrays(count):
    found = []
    for _ in range(count):
        with datamem.scope("x"), datamem.handler("datamem"):
            found.append(np.ones(100))
    return found


def test_scopes_that_do_not_end_in_order():
    def generator(name):
        with datamem.scope(name) as s:
            yield s

    numpy = datamem._numpy.table()
    before = numpy.get()
    for _ in range(5):
        one, two = generator("one"), generator("two")
        first, second = next(one), next(two)
        one.close()
        a = np.ones(MIB, "u1")
        assert second.live >= MIB
        two.close()
        assert numpy.get() is before
    del a


def test_a_scope_that_another_thread_ends():
    numpy = datamem._numpy.table()
    before = numpy.get()
    with datamem.scope("around") as around:
        s = datamem.scope("given away").__enter__()
        in_thread(lambda: s.__exit__())
        assert s.ended
        a = np.ones(MIB, "u1")
        with datamem.scope("next") as after:
            b = np.ones(MIB, "u1")
        assert after.around is around and after.kept >= MIB
    assert around.allocated >= 2 * MIB and numpy.get() is before
    del a, b

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for _ in range(300):
            s = pool.submit(datamem.scope("x").__enter__).result()
            s.__exit__()
        del s
        assert len(datamem._current.Tally.ended) < 40


def test_an_install_in_a_scope():
    numpy = datamem._numpy.table()
    before = numpy.get()
    with datamem.scope("outer") as outer:
        with datamem.scope("inner") as inner:
            datamem.install()
            a = np.ones(MIB, "u1")
            assert name(a) == "datamem" and inner.live >= MIB
        b = np.ones(MIB, "u1")
        assert name(b) == "datamem" and outer.live >= 2 * MIB
        assert inner.kept < 2 * MIB
    assert numpy.get() is numpy.capsule("datamem")
    with datamem.scope("uninstalled") as s:
        datamem.uninstall()
        c = np.ones(MIB, "u1")
        assert name(c) == "default_allocator" and s.live >= MIB
    assert numpy.get() is before
    del a, b, c


def test_a_thread_with_a_context_of_its_own_in_a_scope():
    if sys.version_info < (3, 14):
        raise tap.Skip("before Python 3.14 a thread is given no context")
    with datamem.handler("debug"):
        context = contextvars.copy_context()
    with datamem.scope("x") as s:
        seen = []
        thread = threading.Thread(
            target=lambda: seen.append(name(np.ones(MIB, "u1"))),
            context=context)
        thread.start()
        thread.join()
    assert seen == ["debug"] and s.allocated >= MIB, (seen, s)


def test_a_handler_of_the_program_is_not_counted():
    library = datamem._library.lib
    system = datamem._library.CHandler.from_address(
        library.datamem_handler_find(b"system"))
    own = datamem._library.CHandler(b"own", 1, system.allocator)
    numpy = datamem._numpy.table()
    import ctypes
    capsule = numpy.new_capsule(ctypes.addressof(own))
    _keep.append((own, capsule))
    previous = numpy.set(capsule)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with datamem.scope("own") as s:
                a = np.ones(1000)
                assert name(a) == "own" and s.calls == 0
                b = datamem.ones(1000)
                assert s.calls >= 1
        assert "'own'" in str(caught[0].message), caught
        # As an error it keeps the statement from beginning.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            raises(RuntimeWarning, datamem.scope("own").__enter__, "'own'")
        assert datamem._current.get() is None
        assert not datamem._current.is_open()
        assert name() == "own"
    finally:
        numpy.set(previous)
    del a, b


_keep = []


def test_scope_in_a_forked_child():
    with datamem.scope("fork") as s:
        a = np.ones(MIB, "u1")
        pid = os.fork()
        if not pid:
            b = np.ones(MIB, "u1")
            os._exit(0 if s.live >= 2 * MIB and len(b) else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert s.live < 2 * MIB
    del a


def test_settings_for_a_stretch():
    settings = datamem.settings
    old, changed = dict(settings), dict(settings.changed)
    with settings({"limit.max": "2GiB"}, retain_age=50) as inside:
        assert inside is settings and settings["limit.max"] == "2G"
        assert settings["retain.age"] == "50"
        assert settings.changed["retain.age"] == "50"
        with settings(retain_age=60):
            assert settings["retain.age"] == "60"
        assert settings["retain.age"] == "50"
    assert dict(settings) == old and settings.changed == changed
    for error, values in ((KeyError, {"nothing": 1}),
                          (ValueError, {"retain.age": "x"}),
                          (TypeError, {"retain.age": [1]})):
        raises(error, settings({"limit.max": "1G", **values}).__enter__)
        assert dict(settings) == old and settings.changed == changed
    raises(TypeError, settings(3).__enter__, "values must be")
    raises(TypeError, lambda: datamem.Scope("x", 3), "file must be")
    try:
        with settings(retain_age=70):
            raise EOFError
    except EOFError:
        assert dict(settings) == old


def test_settings_of_tasks_that_overlap():
    settings = datamem.settings
    old, changed = dict(settings), dict(settings.changed)

    async def first(begun, done):
        with settings(retain_age=50):
            begun.set()
            await done.wait()
            assert settings["retain.age"] == "60"   # the other's, by now

    async def second(begun, done):
        await begun.wait()
        with settings({"retain.age": 60, "limit.max": "2GiB"}):
            done.set()
            for _ in range(5):
                await asyncio.sleep(0)
            # The end of the first one takes nothing away.
            assert settings["retain.age"] == "60"
            assert settings.changed["retain.age"] == "60"

    async def both():
        begun, done = asyncio.Event(), asyncio.Event()
        await asyncio.gather(first(begun, done), second(begun, done))

    asyncio.run(both())
    assert dict(settings) == old and settings.changed == changed


def test_differences_of_snapshots():
    with datamem.handler("datamem"):
        one = datamem.stats()
        a = np.ones(MIB)
        two = datamem.stats()
    assert (two - one).live_bytes >= a.nbytes
    assert datamem.Stats._make(two - one) == two - one


tap.run(globals())

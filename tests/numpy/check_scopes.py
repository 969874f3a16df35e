# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Arrays as they are wished, scopes, and settings for a stretch of code."""

import asyncio
import concurrent.futures
import contextvars
import gc
import io
import itertools
import os
import sys
import threading
import warnings

import numpy as np

import datamem
import tap
from adapter import in_thread, name

MIB = 1 << 20


def raises(error, function, *words):
    try:
        function()
    except error as caught:
        assert all(word in str(caught) for word in words), caught
    else:
        raise AssertionError("no %s" % error.__name__)


def test_arrays_are_numpys():
    a = np.arange(24.).reshape(2, 3, 4)
    for dtype, order in itertools.product((None, "i2", "U3"), "CFKA"):
        for proto in (a, a.T, a[:, ::2], a.transpose(1, 0, 2), [[1, 2]], 3.5):
            for ours, theirs, more in (
                    (datamem.zeros_like, np.zeros_like, ()),
                    (datamem.ones_like, np.ones_like, ()),
                    (datamem.full_like, np.full_like, (7,)),
                    (datamem.empty_like, np.empty_like, ())):
                one = ours(proto, *more, dtype=dtype, order=order)
                other = theirs(proto, *more, dtype=dtype, order=order)
                assert one.dtype == other.dtype and one.shape == other.shape
                assert one.strides == other.strides, (order, ours)
                if theirs is not np.empty_like:
                    assert (one == other).all()
                assert ours(proto, *more, shape=(4, 5)).shape == (4, 5)
    for ours, theirs, words in (
            (datamem.zeros, np.zeros, ()), (datamem.ones, np.ones, ()),
            (datamem.full, np.full, (2.5,)), (datamem.full, np.full, (3,))):
        one, other = ours((3, 2), *words), theirs((3, 2), *words)
        assert one.dtype == other.dtype and (one == other).all()
        assert name(one).startswith("datamem")
    assert datamem.full(3, [1, 2, 3], "f4", "F").tolist() == [1, 2, 3]
    assert datamem.empty((2, 3), order="F").flags.f_contiguous


def test_alignment_and_handler():
    for alignment in (16, 4096, "2MiB"):
        for make in (datamem.ones, datamem.zeros, datamem.empty):
            a = make(1001, "u1", alignment=alignment)
            size = datamem._arguments.size("alignment", alignment)
            assert a.ctypes.data % size == 0
            del a
    assert datamem.ones(3).ctypes.data % 64 == 0
    for handler in ("debug", "system", "default_allocator"):
        assert name(datamem.ones(3, handler=handler)) == handler
        assert name(datamem.zeros_like([1], handler=handler)) == handler
    raises(ValueError, lambda: datamem.ones(3, handler="none"), "none")
    assert name() == "default_allocator"


def resident(arr):
    """Bytes of an array that are resident; it begins and ends on pages."""
    low = arr.ctypes.data
    with open("/proc/self/smaps", encoding="ascii") as file:
        total, inside = 0, False
        for line in file:
            word = line.split(None, 1)[0]
            if "-" in word and word[-1] != ":":
                begin, end = (int(part, 16) for part in word.split("-"))
                inside = begin < low + arr.nbytes and end > low
            elif inside and word == "Rss:":
                total += int(line.split()[1]) * 1024
    return total


def test_lazy_and_prefault():
    a = datamem.zeros_like(np.empty(0), shape=64 * MIB, lazy=True)
    before = resident(a)
    a[::8 * MIB] = 1
    assert resident(a) - before <= 1 * MIB
    assert a.sum() == 8
    b = datamem.empty(32 * MIB, "u1", lazy=True)
    assert not b[5] and resident(b) < 4 * MIB
    c = datamem.full(32 * MIB, 3, "u1", hugepage=False)
    assert (c == 3).all()
    assert not datamem.receipt(c).backed
    d = datamem.empty(40 * MIB, "u1", prefault=True)
    assert resident(d) >= d.nbytes
    e = datamem.zeros((5, 8 * MIB), "u1", prefault=True, order="F")
    assert not e.any()
    datamem.zeros(0, prefault=True)
    datamem.empty(3, object, prefault=True)


def test_huge_pages_are_asked_for():
    before = datamem.settings["hugepage"]
    with datamem.settings(hugepage="off"):
        a = datamem.zeros(16 * MIB, "u1", hugepage=True, prefault=True)
        assert datamem.settings["hugepage"] == "off"
        got = datamem.receipt(a)
        assert got.advised or got.reason, got
    assert datamem.settings["hugepage"] == before
    assert not a.any()


def test_nodes():
    raises(ValueError, lambda: datamem.zeros(3, node=63), "63")
    raises(ValueError, lambda: datamem.zeros(3, node=-1), "-1")
    for nbytes in (100, 200_000, 5 * MIB):
        a = datamem.zeros(nbytes, "u1", node=0, alignment="64KiB")
        assert a.ctypes.data % (2 * MIB) == 0 and not a.any()
        assert name(a) == "datamem_node_0"
        a[:] = 7
        for size in (3 * nbytes, nbytes // 2):
            a.resize(size, refcheck=False)
            assert (a[:nbytes // 2] == 7).all() and len(a) == size
        where = a.ctypes.data
        with open("/proc/self/numa_maps", encoding="ascii") as file:
            lines = [line for line in file
                     if int(line.split()[0], 16) == where]
        assert not lines or "bind:0" in lines[0], lines
    before = datamem.stats().mapped_bytes
    del a
    assert datamem.stats().mapped_bytes < before


def test_wishes_that_exclude_each_other():
    for wishes in (dict(lazy=True, prefault=True),
                   dict(lazy=True, hugepage=True), dict(lazy=True, node=0),
                   dict(node=0, hugepage=False),
                   dict(handler="datamem", alignment=64),
                   dict(handler="datamem", lazy=True),
                   dict(handler="datamem", node=0)):
        raises(ValueError, lambda: datamem.zeros(3, **wishes),
               "exclude each other")
    for argument in ("lazy", "prefault", "hugepage", "node", "handler"):
        raises(TypeError, lambda: datamem.full(3, 1, **{argument: [1]}),
               argument + " must be")
    raises(TypeError, lambda: datamem.scope(3), "name must be a str")


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


def test_many_scopes_take_no_memory():
    kept = []
    for i in range(3000):
        with datamem.scope("x"):
            a = np.ones(40)
            if i % 500 == 0:
                kept.append(a)
        if i == 500:
            before = datamem.stats().meta_bytes
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        assert len(datamem._current.Tally.ended) < 100
        assert datamem.stats().meta_bytes <= before + (64 << 10)
    else:       # the manual has it: some 500 bytes each
        assert datamem.stats().meta_bytes <= before + 2500 * 600
    assert all((a == 1).all() for a in kept)
    del kept, a
    gc.collect()


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
    try:
        with settings(retain_age=70):
            raise EOFError
    except EOFError:
        assert dict(settings) == old


def test_differences_of_snapshots():
    with datamem.handler("datamem"):
        one = datamem.stats()
        a = np.ones(MIB)
        two = datamem.stats()
    assert (two - one).live_bytes >= a.nbytes
    assert datamem.Stats._make(two - one) == two - one


tap.run(globals())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Choices for an array: alignment, handler, pages, place."""

import itertools

import numpy as np

import datamem
import tap
from adapter import name, raises

MIB = 1 << 20


def test_arrays_are_numpys():
    a = np.arange(24.).reshape(2, 3, 4)
    for dtype, order in itertools.product((None, "i2", "U3"),
                                          [*"CFKAcfka", None]):
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
    with open("/proc/self/smaps", errors="replace") as file:
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
        with open("/proc/self/numa_maps", errors="replace") as file:
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


tap.run(globals())

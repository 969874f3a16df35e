# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Profiles of NumPy programs: Python lines with the bytes that they hold."""

import gc
import os
import re
import subprocess
import sys
import textwrap
import threading

import numpy as np

import datamem
import tap

MIB = 1 << 20

HERE = os.path.basename(__file__)

try:
    datamem.profile().stop()
except OSError as error:
    print("1..0 # SKIP no profile: %s" % error)
    sys.exit(0)

datamem.install()


def by_line(text, name=HERE):
    """Bytes by the innermost line of a file that a stack passes."""
    found = {}
    for line in text.splitlines():
        stack, nbytes = line.rsplit(" ", 1)
        lines = re.findall(r"([^;]*) \(%s:(\d+)\)" % re.escape(name), stack)
        key = lines[-1] if lines else ("", "0")
        # From 3.11 on with what it is in.
        key = key[0].split(".")[-1], key[1]
        found[key] = found.get(key, 0) + int(nbytes)
    return found


def by_function(text, name=HERE):
    """The same by function."""
    found = {}
    for (function, _line), nbytes in by_line(text, name).items():
        found[function] = found.get(function, 0) + nbytes
    return found


def near(found, truth, part):
    assert abs(found - truth) <= part * truth, (found, truth)


def hold_4_mib():
    return [np.empty(4 * MIB, np.uint8) for _ in range(20)]


def hold_1_mib():
    return [np.zeros(MIB // 8) for _ in range(50)]


def temporaries(n, rounds):
    a = np.ones(n)
    for _ in range(rounds):
        np.sqrt(a).sum()


def by_holder(text, function):
    """Bytes of all stacks that pass a function of this file."""
    return sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if "%s (%s:" % (function, HERE) in line)


class Holder:
    def hold(self):
        self.data = np.empty(8 * MIB, np.uint8)


def test_methods_are_named_with_their_class():
    if sys.version_info < (3, 11):
        raise tap.Skip("before Python 3.11")
    with datamem.profile() as profile:
        holder = Holder()
        holder.hold()
        near(by_holder(profile.collapsed(), "Holder.hold"), 8 * MIB, 0.001)


def test_lines_that_hold_are_named():
    with datamem.profile() as profile:
        kept = hold_4_mib(), hold_1_mib()
        text = profile.collapsed()
        near(by_holder(text, "hold_4_mib"), 80 * MIB, 0.05)
        # p = 0.865: a standard error of 2.8 MiB.
        near(by_holder(text, "hold_1_mib"), 50 * MIB, 0.25)
        del kept
        gc.collect()
        text = profile.collapsed()
        assert not by_holder(text, "hold_4_mib"), text
        assert not by_holder(text, "hold_1_mib"), text


def test_temporaries_are_counted_as_allocated():
    with datamem.profile() as profile:
        temporaries(4 * MIB // 8, 50)
        temporaries(MIB // 8, 400)
        near(by_holder(profile.collapsed(True), "temporaries"),
             (51 * 4 + 401) * MIB, 0.25)
        assert not by_holder(profile.collapsed(), "temporaries")


def test_small_arrays_are_estimated():
    with datamem.profile(interval="16K") as profile:
        kept = [np.empty(1000) for _ in range(20000)]
        # 160 MB: 1 %, if intervals stay.
        near(sum(by_line(profile.collapsed()).values()), 160e6, 0.25)
        del kept


def test_stacks_go_from_the_outermost_line_to_c():
    def outer():
        return inner()

    def inner():
        return np.empty(8 * MIB, np.uint8)

    with datamem.profile() as profile:
        kept = outer()
        line, = [line for line in profile.collapsed().splitlines()
                 if "inner" in line]
        frames = line.rsplit(" ", 1)[0].split(";")
        names = [frame.split(" ")[0].split(".")[-1] for frame in frames]
        assert names.index("outer") < names.index("inner"), line
        # The interpreter between the lines is left out.
        assert "_PyEval_EvalFrameDefault" not in names, line
        last = names.index("inner")
        assert all("(" not in frame for frame in frames[last + 1:]), line
        del kept


def test_each_thread_has_its_own_stack():
    kept = []

    def first():
        kept.append(np.empty(8 * MIB, np.uint8))

    def second():
        kept.append(np.empty(16 * MIB, np.uint8))

    with datamem.profile() as profile:
        threads = [threading.Thread(target=target)
                   for target in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = by_function(profile.collapsed())
        near(found["first"], 8 * MIB, 0.001)
        near(found["second"], 16 * MIB, 0.001)
        kept.clear()


def test_an_exception_under_way_is_kept():
    class Own:
        def __array__(self, *_args, **_kwargs):
            raise KeyError("mine")

    with datamem.profile(interval=1):
        for _ in range(100):
            try:
                np.ones(3) + Own()
            except KeyError as error:
                assert error.args == ("mine",)
            try:
                raise ValueError(np.ones(1000))
            except ValueError as error:
                assert error.args[0].sum() == 1000
        assert gc.isenabled()


def test_the_collector_stays_as_it_was():
    gc.disable()
    try:
        with datamem.profile(interval=1):
            np.ones(1000)
            assert not gc.isenabled()
    finally:
        gc.enable()
    with datamem.profile(interval=1):
        for _ in range(1000):
            cycle = [np.ones(10)]
            cycle.append(cycle)
        assert gc.isenabled()


def test_the_collector_is_left_to_other_threads():
    end = threading.Event()

    def sample():
        while not end.is_set():
            np.ones(100)

    with datamem.profile(interval=1):
        threads = [threading.Thread(target=sample) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(2000):
                gc.disable()
                assert not any(gc.isenabled() for _ in range(20))
                gc.enable()
                assert all(gc.isenabled() for _ in range(20))
        finally:
            end.set()
            for thread in threads:
                thread.join()
            gc.enable()


def test_threads_at_once_have_their_own_lines():
    kept = []
    barrier = threading.Barrier(8)

    def one(depth):
        if depth:
            return one(depth - 1)
        return np.empty(8 * MIB, np.uint8)

    def two(depth):
        if depth:
            return two(depth - 1)
        return np.empty(16 * MIB, np.uint8)

    def work(number):
        barrier.wait()
        for i in range(200):
            np.ones(1 + (i * number) % 500)
            if i % 100 == 0:
                kept.append((one, two)[number % 2](i // 20))

    with datamem.profile(interval="64K") as profile:
        threads = [threading.Thread(target=work, args=(number,))
                   for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = by_function(profile.collapsed())
        near(found["one"], 2 * 4 * 8 * MIB, 0.001)
        near(found["two"], 2 * 4 * 16 * MIB, 0.001)
        kept.clear()
        gc.collect()
        found = by_function(profile.collapsed())
        assert "one" not in found and "two" not in found, found


def test_deep_recursion_is_cut():
    def deep(depth):
        if depth:
            return deep(depth - 1)
        return np.empty(8 * MIB, np.uint8)

    with datamem.profile() as profile:
        kept = deep(300)
        line, = [line for line in profile.collapsed().splitlines()
                 if "deep" in line]
        assert 10 < line.count("deep (") <= 64, line
        del kept


def test_generators_and_names_beyond_ascii():
    def größe(n):
        yield np.empty(n, np.uint8)

    with datamem.profile() as profile:
        kept = list(größe(8 * MIB))
        near(by_function(profile.collapsed())["größe"], 8 * MIB, 0.001)
        del kept


SMALL = textwrap.dedent("""\
    import ctypes, datamem
    from datamem._library import lib
    lib.datamem_alloc.restype = ctypes.c_void_p
    lib.datamem_alloc.argtypes = [ctypes.c_size_t]
    lib.datamem_free.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    with datamem.profile(interval=1) as profile:
        block = lib.datamem_alloc(100)
        text = profile.collapsed()
        assert text.endswith(" 100\\n"), text
        lib.datamem_free(block, 100)
        assert profile.collapsed() == "", profile.collapsed()
    """)


def test_small_blocks_of_every_handler():
    for name in ("default_allocator", "debug", "system"):
        subprocess.run([sys.executable, "-c", SMALL], check=True,
                       env=dict(os.environ, DATAMEM_HANDLER=name))


if __name__ == "__main__":
    tap.run(globals())

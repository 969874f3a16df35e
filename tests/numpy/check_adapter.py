# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The interface of the adapter, in this process or in new ones."""

import asyncio
import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import tracemalloc

import numpy as np

import datamem
import tap
from adapter import in_thread, name, python
from datamem import _library


def test_structures_are_those_of_the_header():
    lines = []
    for c_name, structure in _library.STRUCTURES.items():
        lines.append('printf("%s %%zu\\n", sizeof(struct %s));'
                     % (c_name, c_name))
        lines += ['printf("%s.%s %%zu %%zu\\n", offsetof(struct %s, %s),'
                  ' sizeof(((struct %s *)0)->%s));'
                  % (c_name, field[0], c_name, field[0], c_name, field[0])
                  for field in structure._fields_]
    expected = []
    for c_name, structure in _library.STRUCTURES.items():
        expected.append("%s %d" % (c_name, ctypes.sizeof(structure)))
        for field in structure._fields_:
            place = getattr(structure, field[0])
            expected.append("%s.%s %d %d" % (c_name, field[0], place.offset,
                                             place.size))
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "layout.c")
        with open(source, "w") as file:
            file.write("#include <datamem.h>\n#include <stdio.h>\n"
                       "int main(void)\n{\n%s\nreturn 0;\n}\n"
                       % "\n".join(lines))
        program = os.path.join(folder, "layout")
        compiler = (os.environ.get("CC") or "cc").split()
        includes = ["-I" + os.path.join(os.environ[top], "include")
                    for top in ("top_srcdir", "top_builddir")]
        try:
            subprocess.run(compiler + includes + ["-o", program, source],
                           check=True)
        except FileNotFoundError:
            raise tap.Skip("no C compiler") from None
        out = subprocess.run([program], stdout=subprocess.PIPE, text=True,
                             check=True).stdout
    differ = [pair for pair in zip(out.splitlines(), expected)
              if pair[0] != pair[1]]
    assert not differ and len(out.splitlines()) == len(expected), differ


def test_members_are_those_of_the_structures():
    def names(structure):
        return {field[0] for field in structure._fields_}

    for python_type, structure in ((datamem.Stats, _library.CStats),
                                   (datamem.ClassStats, _library.CClassStats)):
        assert len(python_type._fields) == len(set(python_type._fields))
        assert set(python_type._fields) == names(structure)
    assert datamem.Stats._fields[-1] == "classes"


def test_versions():
    assert datamem.__version__ == datamem.library_version


def test_install_and_uninstall():
    before = np.ones(1000)
    assert name() == name(before) == "default_allocator"
    assert datamem.installed() is None
    datamem.install()
    assert name() == datamem.installed() == "datamem"
    ours = np.ones(1000)
    assert (name(ours), name(before)) == ("datamem", "default_allocator")
    assert name(ours[1:]) is None
    datamem.install("debug")
    assert name() == "debug"
    datamem.install()
    datamem.uninstall()
    assert name() == "default_allocator" and datamem.installed() is None
    assert name(ours) == "datamem"
    datamem.uninstall()     # once is enough, twice does no harm
    before.resize(5000), ours.resize(5000)
    assert (name(ours), name(before)) == ("datamem", "default_allocator")


def test_unknown_names():
    for function in (datamem.install, lambda n: datamem.handler(n).__enter__()):
        try:
            function("nobody")
        except ValueError as error:
            assert "nobody" in str(error)
        else:
            raise AssertionError("taken")
    assert name() == "default_allocator" and datamem.installed() is None


def test_what_was_forgotten_shows():
    with datamem.handler("debug"):
        assert (np.empty(1 << 23) < -1e56).all()


def test_scopes():
    with datamem.handler("debug"):
        assert name(np.ones(3)) == "debug"
        with datamem.handler("datamem_aligned_4096"):
            assert np.ones(3).ctypes.data % 4096 == 0
        with datamem.handler("default_allocator"):
            assert name(np.ones(3)) == "default_allocator"
        assert name() == "debug"
    assert name() == "default_allocator"
    try:
        with datamem.handler("system"):
            raise KeyError
    except KeyError:
        pass
    assert name() == "default_allocator"


def test_asyncio():
    async def task():
        return name()

    async def main():
        made = asyncio.ensure_future(task())
        loop = asyncio.get_running_loop()
        return (await made, await task(),
                await loop.run_in_executor(None, name),
                await asyncio.to_thread(name))

    datamem.install()
    try:
        assert asyncio.run(main()) == ("datamem",) * 4
    finally:
        datamem.uninstall()


def test_a_handler_of_the_programs_own_is_kept():
    from datamem._numpy import table
    api = table()
    datamem.install()
    own = api.capsule("system")
    api.set(own)        # as a program would, by its own means
    assert name() == "system"
    np.ones(10)
    in_thread()
    assert name() == "system"

    def sets_its_own():
        api.set(own)
        np.ones(10)
        return name()

    assert in_thread(sets_its_own) == "system"
    datamem.uninstall()
    assert name() == "system"
    api.set(api.default)


def test_one_capsule_for_each_handler():
    from datamem._numpy import table
    first = table().capsule("datamem")
    for _ in range(3):
        datamem.install()
        assert table().get() is first
        datamem.uninstall()


def test_alignments():
    for alignment in (1, 16, 64, 256, 4096, 2 << 20):
        for make in (datamem.empty, datamem.zeros):
            for shape in (0, 1, (3, 5), 1000, 100000, (300, 3000)):
                arr = make(shape, np.float32, alignment=alignment)
                assert arr.shape == np.empty(shape).shape
                assert arr.dtype == np.float32
                assert arr.ctypes.data % alignment == 0
                assert name(arr) == "datamem_aligned_%d" % alignment
                assert make is datamem.empty or not arr.any()
                arr.fill(7)
                old = arr.size
                for size in (4 * old + 9, 500000, 3, 70000):
                    arr.resize(size)
                    assert arr.ctypes.data % alignment == 0
                assert (arr[:min(old, 3)] == 7).all()
                assert not arr[3:].any()
        for shape in (0, (3, 5), (300, 3000)):
            arr = datamem.zeros(shape, alignment=alignment, lazy=True)
            assert name(arr) == "datamem_lazy_%d" % alignment
            assert arr.ctypes.data % alignment == 0 and not arr.any()
            arr.resize(700000)
            assert arr.ctypes.data % alignment == 0 and not arr.any()
    assert name() == "default_allocator"
    order = datamem.zeros((3, 4), "i2", "F", alignment=128)
    assert order.flags.f_contiguous and order.dtype == np.int16
    for bad in (0, 3, 4 << 20):
        try:
            datamem.empty(3, alignment=bad)
        except ValueError as error:
            assert "power of two" in str(error)
        else:
            raise AssertionError(bad)


def test_settings():
    settings = datamem.settings
    assert "limit.max" in settings and "nosuch" not in settings
    assert len(list(settings)) == len(settings) > 5
    old = settings["limit.max"]
    settings["limit.max"] = "64M"
    try:
        assert settings.describe("limit.max").origin == "program"
        with datamem.handler("datamem"):
            np.empty(1 << 20)
            with np.testing.assert_raises(MemoryError):
                np.empty(1 << 24)
    finally:
        settings["limit.max"] = old
    settings["cache.enabled"] = False
    assert settings["cache.enabled"] == "off"
    settings["cache.enabled"] = True
    for key, value, error in (
            ("nosuch", "1", KeyError), ("cache.max\0", "1", KeyError),
            ("cache.max", "x", ValueError), ("cache.max", "1\0", ValueError)):
        try:
            settings[key] = value
        except error:
            pass
        else:
            raise AssertionError(key)
        assert key not in settings or settings.describe(key).value != "1"


def test_stats_and_trim():
    with datamem.handler("datamem"):
        before = datamem.stats()
        arr = np.ones(1 << 20)
        small = [np.empty(20) for _ in range(100)]
        now = datamem.stats()
        assert now.live_bytes >= before.live_bytes + arr.nbytes
        assert now.allocs >= before.allocs + 101
        assert sum(c.live_blocks for c in now.classes) >= len(small)
        datamem.peak_reset()
        del arr, small
        assert datamem.stats().live_bytes <= before.live_bytes + 4096
    datamem.trim()
    after = datamem.stats()
    assert after.retained_bytes == 0 and after.cached_bytes == 0, after[:12]


def test_probe_and_receipts():
    probe = datamem.probe()
    assert probe.page_size == os.sysconf("SC_PAGE_SIZE")
    assert probe.release == os.uname().release
    assert os.path.samefile(probe.library, os.environ["DATAMEM_LIBRARY"])
    assert probe.library_version == datamem.library_version
    with datamem.handler("datamem"):
        arr = np.ones((1024, 4096))
    receipt = datamem.receipt(arr)
    assert receipt.asked == arr.nbytes
    assert receipt.backed is None or receipt.backed <= receipt.eligible
    if probe.state == "active":
        assert receipt.eligible > 0 and receipt.advised > 0
    for view in (arr[::-1], arr[:, ::-2], arr.T[5:9]):
        assert 0 < datamem.receipt(view).asked <= arr.nbytes
    foreign = datamem.receipt(np.ones(1 << 20))
    assert foreign.eligible == 0 and foreign.reason
    assert datamem.receipt(np.empty(0)).asked == 0


def test_tracemalloc_counts_once():
    domain = getattr(np, "lib").tracemalloc_domain
    datamem.install()
    tracemalloc.start()
    try:
        arr = np.empty(1 << 20, np.uint8)
        traces = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.DomainFilter(True, domain)]).traces
        sizes = [t.size for t in traces if t.size >= 1 << 20]
        assert domain == 389047 and sizes == [1 << 20], sizes
        arr.resize(1 << 21)
        del arr
        gc.collect()
        traces = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.DomainFilter(True, domain)]).traces
        assert not [t for t in traces if t.size >= 1 << 20]
    finally:
        tracemalloc.stop()
        datamem.uninstall()


def test_fork():
    datamem.install()
    arr = np.arange(1 << 20)
    pid = os.fork()
    if pid == 0:
        try:
            ok = (name() == "datamem" == in_thread() and arr[-1] == arr.size - 1
                  and np.arange(1 << 20)[7] == 7)
            arr.resize(1 << 21)
            os._exit(0 if ok else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    assert arr[-1] == (1 << 20) - 1
    datamem.uninstall()


PROCESSES = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
import numpy as np

def work(n):
    try:
        from numpy._core.multiarray import get_handler_name
    except ImportError:
        from numpy.core.multiarray import get_handler_name
    return get_handler_name(np.ones(n)), np.arange(n)

if __name__ == "__main__":
    if "install" in sys.argv:
        import datamem
        datamem.install()
        datamem.settings["retain.age"] = "777"
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for n, (handler, arr) in zip((3, 300000), pool.map(work, (3, 300000))):
            assert handler == "datamem", handler
            assert arr.size == n and arr[-1] == n - 1
    with context.Pool(1) as pool:
        assert pool.apply(work, (5,))[0] == "datamem"
    print("end")
"""


def test_processes():
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "processes.py")
        with open(script, "w") as file:
            file.write(PROCESSES)
        for method in ("fork", "spawn", "forkserver"):
            for words in (["-m", "datamem", script, method],
                          [script, method, "install"]):
                done = subprocess.run(
                    [sys.executable, "-W", "ignore"] + words, text=True,
                    capture_output=True, timeout=300)
                assert (done.stdout, done.stderr) == ("end\n", ""), (
                    method, words, done)


def test_end_of_the_interpreter():
    code = """
import datamem, numpy as np, sys, threading, time, atexit
datamem.install(%r)
kept = [np.ones(n) for n in (1, 100, 10000, 1000000)]
sys.kept = kept
class Late:
    def __init__(self): self.arr = np.ones(100000)
    # The names of a module may be gone by then.
    def __del__(self, empty=np.empty):
        self.arr.resize(200000); empty(5000)[:] = 1
cycle = Late(); cycle.me = cycle
late = Late()
atexit.register(lambda: kept.append(np.zeros(1 << 20)))
threading.Thread(target=lambda: [np.ones(9999) for _ in range(300)]).start()
threading.Thread(target=lambda: time.sleep(60) or np.ones(3),
                 daemon=True).start()
print("end")
"""
    for handler in ("datamem", "debug"):
        assert python(code % handler) == "end\n"


def test_subinterpreters_are_refused():
    try:
        import _interpreters    # noqa: F401
        module, run, kinds = "_interpreters", "exec", ("legacy", "isolated")
    except ImportError:
        module, run, kinds = "_xxsubinterpreters", "run_string", (False, True)
    try:
        __import__(module)
    except ImportError:
        raise tap.Skip("this Python shows no subinterpreters") from None
    code = """
import %s as sub
interpreter = sub.create(%s%r)
said = sub.%s(interpreter, '''
try:
    import datamem
except ImportError as error:
    print(type(error).__name__, error)
''')
assert said is None, said.formatted
sub.destroy(interpreter)
"""
    for kind in kinds:
        keyword = "" if isinstance(kind, str) else "isolated="
        out = python(code % (module, keyword, kind, run))
        assert (out.startswith("UnavailableError")
                and "subinterpreter" in out), (kind, out)


def test_pools_of_interpreters_work_beside_us():
    try:
        from concurrent.futures import InterpreterPoolExecutor  # noqa: F401
    except ImportError:
        raise tap.Skip("before Python 3.14") from None
    code = """
import math
from concurrent.futures import InterpreterPoolExecutor
import numpy as np
arr = np.ones(3)
with InterpreterPoolExecutor(2) as pool:
    print(sum(pool.map(math.sqrt, (4, 9))), arr.sum(), np.ones(4).sum())
"""
    assert python(code) == python(code, "-m", "datamem") == "5.0 3.0 4.0\n"


def test_no_python_runs_in_an_allocation():
    datamem.install()
    calls = []

    def profile(frame, event, arg):
        if event == "call":
            calls.append(frame.f_code.co_filename)

    try:
        sys.setprofile(profile)
        arr = np.empty(1000)
        arr.resize(2000, refcheck=False)
        arr = np.zeros(10 ** 6) + 1
        del arr
    finally:
        sys.setprofile(None)
        datamem.uninstall()
    assert not [c for c in calls if "datamem" in os.path.basename(
        os.path.dirname(c))], calls


tap.run(globals())

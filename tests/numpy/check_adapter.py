# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The interface of the adapter, in this process or in new ones."""

import asyncio
import concurrent.futures
import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc

import numpy as np

import datamem
import tap
from datamem import _library


def python(code, *words, **more):
    """Run code in a new interpreter; its output, which must be all it says."""
    more.setdefault("timeout", 300)
    done = subprocess.run([sys.executable, *words, "-c", code], text=True,
                          capture_output=True, **more)
    assert done.returncode == 0 and not done.stderr, (
        done.returncode, done.stdout, done.stderr)
    return done.stdout


def name(arr=None):
    return datamem.handler_name(arr)


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


def in_thread(function=name, start=threading.Thread):
    seen = []
    thread = start(target=lambda: seen.append(function()))
    thread.start()
    thread.join()
    return seen[0]


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
    assert python(code) == "datamem\n[False, False]\n"


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
        assert settings.describe("limit.max").origin == "API"
        with datamem.handler("datamem"):
            np.empty(1 << 20)
            try:
                np.empty(1 << 24)
            except MemoryError:
                pass
            else:
                raise AssertionError("beyond the limit")
    finally:
        settings["limit.max"] = old
    settings["cache.enabled"] = False
    assert settings["cache.enabled"] == "off"
    settings["cache.enabled"] = True
    for key, value, error in (("nosuch", "1", KeyError),
                              ("cache.max", "plenty", ValueError)):
        try:
            settings[key] = value
        except error:
            pass
        else:
            raise AssertionError(key)


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
    def __del__(self): self.arr.resize(200000); np.ones(5000).sum()
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
        import _xxsubinterpreters  # noqa: F401
    except ImportError:
        raise tap.Skip("this Python shows no subinterpreters") from None
    code = """
import _xxsubinterpreters as sub
interpreter = sub.create(isolated=False)
sub.run_string(interpreter, '''
try:
    import datamem
except ImportError as error:
    print(type(error).__name__, error)
''')
sub.destroy(interpreter)
"""
    out = python(code)
    assert out.startswith("UnavailableError") and "subinterpreter" in out, out


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

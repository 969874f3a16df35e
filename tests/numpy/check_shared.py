# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""datamem.share(): arrays that workers map."""

import concurrent.futures
import copy
import ctypes
import errno
import gc
import multiprocessing
import multiprocessing.connection
import multiprocessing.reduction
import os
import pickle
import resource
import signal
import sys
import tempfile
import threading
import time

import numpy as np

import datamem
import tap
from adapter import python, raises
from datamem import _shared

N = 1 << 18             # of float64: 2 MiB
LIB = datamem._library.lib


def kind(arr):
    return type(arr).__name__


def look(arr):
    """In a worker."""
    return (kind(arr), float(arr.sum()), arr.flags.writeable,
            _shared.is_shared(arr), str(arr.dtype), arr.strides)


def change(arr):
    arr[0] = 99
    return os.getpid()


def refuse(arr):
    try:
        arr.flags.writeable = True
    except ValueError:
        return "refused"
    return "taken"


def make(n):
    return datamem.share(np.full(n, 3.0))


def make_by_handler(n):
    with datamem.handler("shared"):
        return np.full(n, 4.0)


def put(queue):
    queue.put(make(N))


def put_late(queue):
    """Pickled by the queue's feeder when the worker is at its end."""
    reference = _shared.reference

    def late(arr):
        time.sleep(0.5)
        return reference(arr)

    _shared.reference = late
    put(queue)


def on(arr):
    return arr      # a reference to what was received


def settled(wanted=0):
    """Nothing is on its way, once all have done with it."""
    gc.collect()
    return LIB.datamem_shared_pending() == wanted


def test_workers_of_all_kinds():
    a = datamem.share(np.arange(N, dtype=float))
    assert kind(a) == "SharedArray" and _shared.is_shared(a)
    total = float(a.sum())
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            for got in pool.map(look, [a] * 6):
                assert got == ("SharedArray", total, False, True, "float64",
                               (8,)), (method, got)
            assert pool.apply(refuse, (a,)) == "refused"
            results = pool.map(make, [N] * 3) + pool.map(on, [a, a])
            results += pool.map(make_by_handler, [N])
            assert settled(), method
        assert all(_shared.is_shared(arr) for arr in results)
        assert not any(arr.flags.writeable for arr in results)
        # The workers have ended.
        assert [float(arr.sum()) for arr in results] == [3. * N] * 3 + [
            total] * 2 + [4. * N]
        assert kind(results[-1]) == "ndarray"


def test_executors():
    a = datamem.share(np.ones(N))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert {got[1:4] for got in pool.map(look, [a] * 4)} == {
            (float(N), False, True)}


def test_layouts():
    base = np.arange(4 * N, dtype="i4").reshape(4, -1)
    record = np.zeros(N, [("a", "i4"), ("b", "f8")])
    record["b"] = 2
    with multiprocessing.Pool(1) as pool:
        for arr in (base, np.asfortranarray(base), record, base[:, ::-1],
                    base > 3):
            ours = datamem.share(arr)
            for view in (ours, ours[1:], ours[..., ::-2], ours[:, None]):
                if view.dtype.names:
                    view = view["b"]
                got = pool.apply(look, (view,))
                assert got[1] == float(view.sum()), got
                assert got[3] and not got[2] and got[4] == str(view.dtype)
                assert got[5] == view.strides
        few = ours.reshape(-1)[:100]        # faster as bytes
        assert not pool.apply(look, (few,))[3]
        assert settled()


def test_what_is_not_shared_goes_as_bytes():
    small = datamem.share(np.ones(100))
    plain = np.ones(N)
    objects = np.array([None, {}] * 20000)
    datamem.share(np.ones(N))       # reducers are there
    with multiprocessing.Pool(1) as pool:
        assert pool.apply(look, (small,))[:3] == ("ndarray", 100., True)
        assert pool.apply(look, (plain,))[:4] == ("ndarray", N, True, False)
        assert pool.apply(len, (objects,)) == 40000
    masked = np.ma.array(np.arange(N), mask=np.arange(N) % 2)
    for wrong, error in ((objects, TypeError), ([1], TypeError),
                         (masked, TypeError)):
        try:
            datamem.share(wrong)
        except error as caught:
            assert str(caught).startswith("arr "), caught
        else:
            raise AssertionError(wrong)


def hide(number):
    PR_SET_DUMPABLE = 4
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, number, 0, 0, 0)


def test_a_hidden_process_sends_bytes():
    """A worker that cannot receive ends, and its pool waits for ever."""
    a = datamem.share(np.arange(N, dtype=float))
    hide(0)
    try:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            got = pool.apply_async(kind, (a,)).get(60)
    finally:
        hide(1)
    assert got == "ndarray", got


def take_all_descriptors():
    """Those taken, and the limit to set again; none is left then."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        assert error.errno == errno.EMFILE
    return taken, before


def test_a_receiver_without_descriptors():
    """It ends silently if it cannot receive, and its pool waits for ever."""
    a = datamem.share(np.arange(N, dtype=float))
    context = multiprocessing.get_context("fork")
    with context.Pool(1, take_all_descriptors) as pool:
        got = pool.apply_async(look, (a,)).get(60)
        assert got == ("SharedArray", float(a.sum()), False, True, "float64",
                       (8,)), got
        # What cannot be sent on goes back as bytes.
        assert pool.apply_async(on, (a,)).get(60).flags.writeable
    with context.Pool(1) as pool:
        assert pool.apply_async(len, (a,)).get(60) == N
        taken, before = take_all_descriptors()
        try:
            back = pool.apply_async(make, (N,)).get(60)
        finally:
            for number in taken:
                os.close(number)
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert _shared.is_shared(back) and back.sum() == 3 * N
    assert settled()


def test_what_cannot_be_received_is_no_end_of_a_connection():
    a = datamem.share(np.ones(N))
    for number, error in ((errno.ENFILE, RuntimeError),
                          (errno.ENOMEM, MemoryError)):
        raises(error, lambda: _shared._receive(
            (os.getpid(),) + (0,) * 5, "", a.dtype, a.shape, a.strides, 0,
            False, take=lambda *_: -number), "datamem: ")


def test_other_pickles_have_the_bytes():
    a = datamem.share(np.arange(N))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        text = pickle.dumps(a, protocol)
        assert len(text) > a.nbytes
        b = pickle.loads(text)
        assert kind(b) == "ndarray" and (a == b).all()
    assert settled()


def test_a_connection_over_tcp_has_the_bytes():
    a = datamem.share(np.ones(N))
    for family, shared in (("AF_INET", False), ("AF_UNIX", True)):
        with multiprocessing.connection.Listener(family=family,
                                                 authkey=b"x") as listener:
            got = []

            def receive():
                with multiprocessing.connection.Client(
                        listener.address, authkey=b"x") as client:
                    got.append(_shared.is_shared(client.recv()))

            thread = threading.Thread(target=receive)
            thread.start()
            with listener.accept() as connection:
                connection.send(a)
                thread.join()
        assert got == [shared], family


def test_what_was_received_read_only_stays_so():
    a = datamem.share(np.zeros(N))
    got = pickle.loads(multiprocessing.reduction.ForkingPickler.dumps(a))
    assert kind(got) == "SharedArray" and not got.flags.writeable
    assert np.shares_memory(datamem.share(got), got)
    ours = datamem.share(got, writable=True)
    with multiprocessing.Pool(1) as pool:
        pool.apply(change, (ours,))
    assert ours[0] == 99 and a[0] == 0
    del got
    assert settled()


def test_writable_when_asked():
    a = datamem.share(np.zeros(N), writable=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        worker = pool.apply(change, (a,))
        assert worker != os.getpid() and a[0] == 99
    again = datamem.share(a)
    assert again.ctypes.data == a.ctypes.data       # no copy
    assert np.shares_memory(again, a) and not again._writable
    kept = np.broadcast_to(a, a.shape, subok=True)      # read-only
    assert not pickle.loads(
        multiprocessing.reduction.ForkingPickler.dumps(kept)).flags.writeable
    assert a is a.astype(a.dtype, copy=False) is a.byteswap(True)   # no copies


def test_a_worker_that_ends_waits():
    for method, target in ("fork", put), ("spawn", put), ("fork", put_late), \
            ("spawn", put_late):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        worker = context.Process(target=target, args=(queue,))
        worker.start()
        if target is put_late:
            assert queue._reader.poll(60)
            worker.join(1)
            assert worker.is_alive(), "gone before anybody has the array"
        arr = queue.get(timeout=60)
        worker.join()
        assert worker.exitcode == 0
        assert _shared.is_shared(arr) and arr.sum() == 3 * N


def test_a_sender_that_is_gone():
    a = datamem.share(np.ones(N))
    numbers, ahead = _shared.reference(a)
    dead = os.fork()
    if not dead:
        os._exit(0)
    os.waitpid(dead, 0)
    try:
        _shared._receive((dead,) + numbers[1:], "", a.dtype, a.shape,
                         a.strides, ahead, False)
    except RuntimeError as error:
        assert "has ended" in str(error)
    else:
        raise AssertionError("received")
    b = _shared._receive(numbers, "", a.dtype, a.shape, a.strides, ahead,
                         False)
    assert settled() and (a == b).all()


def files():
    """Descriptors of shared arrays of this process."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += "datamem-shared" in os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass
    return count


def named():
    """Those that have a name in /dev/shm; others' files come and go there."""
    ours = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            path = "/proc/self/fd/" + name
            if "datamem-shared" in os.readlink(path):
                ours.add((os.stat(path).st_dev, os.stat(path).st_ino))
        except OSError:
            pass
    found = []
    for entry in os.scandir("/dev/shm"):
        try:
            state = entry.stat()
        except OSError:
            continue
        if (state.st_dev, state.st_ino) in ours:
            found.append(entry.name)
    return found


def holder(connection):
    arr = connection.recv()
    connection.send(float(arr[0]))
    signal.pause()


def test_memory_goes_also_after_a_kill():
    gc.collect()
    before = files()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=holder, args=(there,))
    worker.start()
    a = datamem.share(np.full(N, 5.0))
    here.send(a)
    assert here.recv() == 5
    assert files() == before + 1
    assert not named()
    worker.kill()
    worker.join()
    del a
    assert settled() and files() == before
    # Sent, and never received.
    here, there = context.Pipe()
    here.send(datamem.share(np.ones(N)))
    gc.collect()
    assert files() == before + 1 and LIB.datamem_shared_pending() == 1
    there.recv()
    assert settled() and files() == before


def test_fork_shares_what_is_written():
    a = datamem.share(np.zeros(N))
    pid = os.fork()
    if not pid:
        a[7] = 7
        os._exit(0)
    os.waitpid(pid, 0)
    assert a[7] == 7


def test_results_are_ordinary_arrays():
    a = datamem.share(np.ones((512, 1024)))
    assert kind(a + 1) == kind(np.sqrt(a)) == kind(a[[1, 2]]) == "ndarray"
    assert {kind(b) for b in (
        a.copy(), copy.copy(a), copy.deepcopy(a), a.astype(int), a.flatten(),
        a.take([1]), a.repeat(2), np.sort(a), a.byteswap())} == {"ndarray"}
    assert kind(a[a > 3]) == kind(a.sum(axis=0)) == "ndarray"
    assert kind(a[3]) == kind(a.T) == "SharedArray"
    assert isinstance(a.sum(), np.floating) and np.asarray(a).sum() == a.size
    with datamem.scope("share") as s:
        b = datamem.share(np.ones(N))
    assert s.kept >= b.nbytes


def test_a_module_of_loky_that_another_thread_imports():
    # It is in sys.modules from the beginning of its import on.  The name is
    # joblib's, so in a process of its own.
    name = "joblib.externals.loky.backend.reduction"
    code = """
import sys, threading
sys.path.insert(0, %r)
inside, go = threading.Event(), threading.Event()
sys.slow = lambda: (inside.set(), go.wait(60))
thread = threading.Thread(target=__import__, args=(%r,))
thread.start()
inside.wait(60)
from datamem import _shared, _shared_array
threading.Timer(0.2, go.set).start()
_shared._in_loky(%r)
print(sys.seen)
thread.join()
"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, *name.split("."))
        os.makedirs(os.path.dirname(path))
        for part in range(1, len(name.split("."))):     # before the real one
            with open(os.path.join(folder, *name.split(".")[:part],
                                   "__init__.py"), "w"):
                pass
        with open(path + ".py", "w") as file:
            file.write("import sys\nsys.slow()\n"
                       "def register(kind, _): sys.seen = kind.__name__\n")
        assert python(code % (folder, name, name)) == "SharedArray\n"


def test_joblib():
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise tap.Skip("no joblib") from None
    if not sys.argv[0]:
        raise tap.Skip("loky needs a program")
    a = datamem.share(np.arange(N, dtype=float))
    got = Parallel(2)(delayed(look)(a) for _ in range(6))
    assert set(got) == {("SharedArray", float(a.sum()), False, True,
                         "float64", (8,))}, got
    back = Parallel(2)(delayed(make)(N) for _ in range(3))
    assert all(_shared.is_shared(arr) and arr.sum() == 3 * N for arr in back)
    assert settled()


if __name__ == "__main__":
    tap.run(globals())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""datamem.dask: workers in processes of their own, on the library."""

import contextlib
import os
import sys
import time

import tap

os.environ.pop("DATAMEM", None)
# The tests look at what is kept; ageing has no part in it.
os.environ["DATAMEM_CONF"] = "retain.age=3600000,retain.max=512M"

METRICS = {"datamem_live", "datamem_held", "datamem_retained", "datamem_huge"}


def show(n):
    import numpy as np
    import time as clock
    clock.sleep(0.02)       # for each thread to get some
    multiarray = getattr(np, "_core", None) or np.core
    return multiarray.multiarray.get_handler_name(np.ones(n + 1))


@contextlib.contextmanager
def cluster(**options):
    import dask
    from distributed import Client, LocalCluster
    with dask.config.set({
            "distributed.worker.memory.target": 0.5,
            "distributed.worker.memory.spill": 0.9,
            "distributed.worker.memory.pause": False,
            "distributed.worker.memory.terminate": False}):
        with LocalCluster(n_workers=1, threads_per_worker=3, processes=True,
                          dashboard_address=None, **options) as local:
            with Client(local) as client:
                yield client


def handlers(client):
    return set(client.gather(client.map(show, range(30), pure=False)))


def register(client, plugin):
    if hasattr(client, "register_plugin"):
        client.register_plugin(plugin)
    else:
        client.register_worker_plugin(plugin)


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return True
        time.sleep(0.1)
    return False


def metrics(client):
    (worker,) = client.scheduler_info()["workers"].values()
    return worker["metrics"]


def test_preload():
    with cluster(preload=["datamem.dask"]) as client:
        assert handlers(client) == {"datamem"}
        assert wait_for(lambda: METRICS <= set(metrics(client)))
        for name in METRICS:
            assert isinstance(metrics(client)[name], int), name


def test_plugin_reaches_workers_and_threads_that_run():
    import datamem.dask
    with cluster() as client:
        assert handlers(client) == {"default_allocator"}
        register(client, datamem.dask.Plugin())
        assert handlers(client) == {"datamem"}
        assert wait_for(lambda: METRICS <= set(metrics(client)))
        register(client, datamem.dask.Plugin("debug"))
        assert handlers(client) == {"debug"}    # Dask replaces the plugin


def test_plugin_with_a_handler_and_a_worker_that_goes_on_without_one():
    import datamem.dask
    with cluster() as client:
        register(client, datamem.dask.Plugin("nobody"))
        assert handlers(client) == {"default_allocator"}
        register(client, datamem.dask.Plugin("debug"))
        assert handlers(client) == {"debug"}


def test_free_memory_is_given_back_before_dask_spills():
    def work():
        import numpy as np
        for _ in range(3):
            np.ones(25 << 20)       # 200 MiB, freed at once

    def look(dask_worker):
        import datamem.dask
        return (datamem.stats().retained_bytes,
                datamem.dask._attached[dask_worker].trimmed)

    def limit(dask_worker, nbytes=None):
        if nbytes is not None:
            dask_worker.memory_manager.memory_limit = nbytes

    with cluster(preload=["datamem.dask"], memory_limit="64GB") as client:
        client.submit(work, pure=False).result()
        ((retained, trimmed),) = client.run(look).values()
        if retained < 100 << 20:
            raise tap.Skip("the machine is short of memory")
        assert trimmed == 0
        client.run(limit, nbytes=100 << 20)
        assert wait_for(lambda: list(client.run(look).values())[0][0] == 0), \
            client.run(look)
        ((_, trimmed),) = client.run(look).values()
        assert trimmed >= 100 << 20, trimmed


def arrays_and_survivors(n):
    """Much at once, in arrays of which each may be in a heap; little is left.
    """
    import numpy as np
    count = (HEAP << 20) // (8 * n)
    arrays, kept = [], []
    for i in range(count):
        arrays.append(np.full(n, 1.0))
        if i % 16 == 0:
            kept.append(np.full(256, 1.0))
    return kept


def large(i):
    import numpy as np
    return np.full(5 << 20, float(i))       # 40 MiB, of a mapping


HEAP = 240


def near_the_limit(options):
    """Bytes that a worker has spilled, and has resident."""
    import dask
    from distributed import Client, LocalCluster

    def begin(dask_worker):
        import psutil
        base = psutil.Process().memory_info().rss
        # Dask spills from 0.7 of it on: what is stored fits, and what has been
        # freed does not fit beside it.
        dask_worker.memory_manager.memory_limit = int(
            (base + (HEAP + 60 << 20)) / 0.7)

    def spilled(dask_worker):
        import psutil
        return (dask_worker.data.spilled_total.memory,
                psutil.Process().memory_info().rss)

    with dask.config.set({"distributed.worker.memory.target": 0.6,
                          "distributed.worker.memory.spill": 0.7,
                          "distributed.worker.memory.pause": False}):
        with LocalCluster(n_workers=1, threads_per_worker=1, processes=True,
                          dashboard_address=None, memory_limit="64GB",
                          **options) as local, Client(local) as client:
            client.submit(large, 0, pure=False).result()    # all is imported
            client.run(begin)
            kept = [client.submit(arrays_and_survivors, n, pure=False)
                    for n in (5000, 9000, 14000)]
            client.gather(kept)
            time.sleep(1)       # for Dask, and us, to look
            for i in range(4):
                kept.append(client.submit(large, i, pure=False))
                client.submit(len, kept[-1], pure=False).result()
                time.sleep(0.5)
            ((nbytes, resident),) = client.run(spilled).values()
            assert all(client.gather(client.map(len, kept, pure=False)))
            return nbytes, resident


def test_near_the_memory_limit_nothing_is_spilled():
    ours = near_the_limit({"preload": ["datamem.dask"]})
    print("# spilled, resident: %d and %d MiB" % tuple(n >> 20 for n in ours))
    if os.environ.get("TEST_LONG"):     # to compare with
        print("# with NumPy's own: %d and %d MiB"
              % tuple(n >> 20 for n in near_the_limit({})))
    assert ours[0] == 0, ours


def look(ref, i):
    arr = ref.array()
    return (type(arr).__name__, float(arr[i].sum()), arr.flags.writeable,
            arr is ref.array(), arr.ctypes.data)


def test_references():
    import numpy as np
    import datamem.dask
    arr = np.arange(8 << 18, dtype=float).reshape(8, -1)    # 16 MiB
    ref = datamem.dask.Reference(arr)
    assert ref.array() is ref.array() and (ref.array() == arr).all()
    import pickle
    assert len(pickle.dumps(ref)) < 2000 and ref.nbytes == arr.nbytes
    with cluster() as client:
        for _ in range(2):      # the same reference, as often as one likes
            got = client.gather(client.map(look, [ref] * 8, range(8),
                                           pure=False))
            assert [one[:4] for one in got] == [
                ("SharedArray", float(arr[i].sum()), False, True)
                for i in range(8)], got
        # A task hands it on to another one; a part of an array is its own.
        part = datamem.dask.Reference(ref.array()[2:5], writable=True)
        again = client.submit(lambda ref: ref, part)
        assert client.submit(look, again, 1).result()[1:3] == (
            float(arr[3].sum()), True)
        # Once it is gone, tasks are told.
        lost = pickle.loads(pickle.dumps(datamem.dask.Reference(arr)))
        try:
            client.submit(look, lost, 0).result()
        except RuntimeError as error:
            assert "has let it go" in str(error), error
        else:
            raise AssertionError("received")
    assert datamem._library.lib.datamem_shared_pending() == 0


def test_references_elsewhere_and_wrong_ones():
    import pickle
    import numpy as np
    import datamem.dask
    for wrong, error in (([1.0], TypeError), (np.ones(9), ValueError),
                         (np.array([None] * (1 << 18)), TypeError)):
        try:
            datamem.dask.Reference(wrong)
        except error as caught:
            assert str(caught).startswith("arr "), caught
        else:
            raise AssertionError(wrong)
    there = pickle.loads(pickle.dumps(datamem.dask.Reference(
        np.ones(1 << 18))))
    key, _, nbytes, reference = there._state
    there._state = (key, "another machine", nbytes, reference)
    try:
        there.array()
    except RuntimeError as error:
        assert "on the machine" in str(error), error
    else:
        raise AssertionError("received")


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    tap.run(globals())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Dask workers on the library.

    dask worker --preload datamem.dask ADDRESS
    dask.config.set({"distributed.worker.preload": ["datamem.dask"]})
    import datamem.dask                             # a cluster that runs
    client.register_plugin(datamem.dask.Plugin())

Each gives the arrays of a worker to the library, adds what the library holds to
the worker's metrics, and gives free memory back to the kernel before Dask
spills because of it.

    big = datamem.dask.Reference(arr)
    client.map(lambda ref, i: ref.array()[i].sum(), [big] * n, range(n))

has workers on this machine map an array in place of getting its bytes.
"""

import logging
import os
import socket
import uuid
import weakref
from concurrent.futures import Executor
from time import monotonic
from typing import Any, Callable, Dict, Optional, Tuple

from distributed.diagnostics.plugin import WorkerPlugin
from distributed.threadpoolexecutor import ThreadPoolExecutor
from tornado.ioloop import PeriodicCallback

from . import _arguments, _handlers, _report, _shared, _switch
from ._locks import new_lock
from ._statistics import stats, trim

_log = logging.getLogger("distributed.datamem")

#: Milliseconds between looks at the process's memory; Dask's own is 100.
INTERVAL = 100
# Seconds for which a count of huge pages holds: the kernel walks all pages.
_HUGE_AGE = 10


def _resident() -> int:
    """Bytes of memory that this process has; what Dask calls process memory."""
    import psutil       # distributed needs it
    return psutil.Process().memory_info().rss


def _limit(worker: Any) -> int:
    """Process memory from which on Dask moves data to disk; 0: it does not."""
    manager = worker.memory_manager
    fraction = (manager.memory_target_fraction
                or manager.memory_spill_fraction or 0)
    return int((manager.memory_limit or 0) * fraction)


class _Attached:
    """What we have added to one worker."""

    def __init__(self, worker: Any, handler: Optional[str]) -> None:
        self.trimmed = 0        # bytes given back
        self._worker = weakref.ref(worker)
        self._huge = 0
        self._huge_at = float("-inf")
        name = handler or _switch.chosen_handler()
        before = _handlers.installed()
        _handlers.install_quietly(name, True)
        if _handlers.threads_missed() or before not in (None, name):
            self._reach_threads(worker)
        self.metrics: Dict[str, Callable] = {
            "datamem_live": lambda worker: stats().live_bytes,
            "datamem_held": lambda worker: stats().held_bytes,
            "datamem_retained": lambda worker: stats().retained_bytes,
            "datamem_huge": self._huge_bytes,
        }
        worker.metrics.update(self.metrics)
        self._callback = PeriodicCallback(self.look, INTERVAL)
        self._callback.start()

    @staticmethod
    def _reach_threads(worker: Any) -> None:
        """Threads that run already have another handler."""
        for name, executor in list(worker.executors.items()):
            if not isinstance(executor, Executor):
                continue
            if type(executor) is ThreadPoolExecutor and name == "default":
                # Its tasks end in its threads; the next begin in new ones.
                worker.executors[name] = ThreadPoolExecutor(
                    worker.state.nthreads,
                    thread_name_prefix="Dask-Default-Threads")
                executor.shutdown(wait=False)
            else:
                # Those of one thread.
                executor.submit(_handlers.install_in_context)

    def look(self) -> None:
        """Give back what is free, as far as process memory is too much."""
        worker = self._worker()
        if worker is None:
            self._callback.stop()
            return
        limit = _limit(worker)
        if not limit:
            return
        above = _resident() - limit
        if above > 0:
            retained = stats().retained_bytes
            if retained:
                self.trimmed += trim(max(retained - above, 0), heap=False)

    async def _huge_bytes(self, worker: Any) -> int:
        now = monotonic()
        if now - self._huge_at >= _HUGE_AGE:
            self._huge_at = now
            self._huge = await worker.loop.run_in_executor(
                None, _report.huge_bytes) or 0
        return self._huge

    def detach(self, worker: Any) -> None:
        """Take metrics and callback away; the handler stays."""
        self._callback.stop()
        for name, function in self.metrics.items():
            if worker.metrics.get(name) is function:
                del worker.metrics[name]


_attached: "weakref.WeakKeyDictionary[Any, _Attached]" = (
    weakref.WeakKeyDictionary())


def attach(worker: Any, handler: Optional[str] = None) -> None:
    """Put a worker of this process on the library, once.

    A worker without a usable NumPy or library goes on as it is; its log says
    why.
    """
    if worker in _attached:
        return
    try:
        _attached[worker] = _Attached(worker, handler)
    except (ImportError, ValueError) as error:
        _log.warning("%s", error)


def detach(worker: Any) -> None:
    """Undo attach(), but for the handler."""
    found = _attached.pop(worker, None)
    if found is not None:
        found.detach(worker)


class Plugin(WorkerPlugin):
    """For Client.register_plugin(): all workers, also those that come later.

    handler: as of datamem.install(); by default what the settings say.
    """

    name = "datamem"

    def __init__(self, handler: Optional[str] = None) -> None:
        if handler is not None:
            _arguments.name_of_handler("handler", handler)
        self.handler = handler

    def setup(self, worker: Any) -> None:
        """Called by Dask in each worker."""
        attach(worker, self.handler)

    def transition(self, key: Any, start: str, finish: str,
                   **kwargs: Any) -> None:
        """Called by Dask in the context that a task will inherit.

        Newer versions run tasks in a copy of it, which may be older than us.
        """
        if finish == "executing":
            _handlers.install_in_context()

    def teardown(self, worker: Any) -> None:
        """Called by Dask when the plugin or the worker goes."""
        detach(worker)


def dask_setup(service: Any) -> None:
    """Called by Dask for --preload: of workers, nannies and schedulers."""
    if hasattr(service, "executors"):       # a worker
        attach(service)


def dask_teardown(service: Any) -> None:
    """Called by Dask when a service with --preload ends."""
    detach(service)


#: Arrays that are attached in this process, by the key of their reference.
_arrays: "weakref.WeakValueDictionary[str, Any]" = (
    weakref.WeakValueDictionary())
_arrays_lock = new_lock()


def _machine() -> str:
    """The same for all processes that see each other's files in /proc."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            name = file.read().strip()
    except OSError:
        name = socket.gethostname()
    try:
        return "%s %s" % (name, os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return name


class Reference:
    """An array that tasks on this machine map, in place of getting its bytes.

        big = datamem.dask.Reference(arr)
        futures = client.map(work, [big] * 8)

        def work(ref):
            return ref.array().sum()

    The array is copied into shared memory once, or not at all if it is one of
    datamem.share().  What goes through the scheduler is some hundred bytes,
    whatever its size, and may be used by any number of tasks and workers, again
    after a failure, too; a worker maps it once for all of its tasks.  What
    array() returns is read-only, unless writable is given or was to share().

    The memory is there as long as the process that made the Reference has it:
    keep it until the results are there.  A worker that has called array() keeps
    its mapping as long as it has the array.  On other machines, and once the
    array is gone, array() raises a RuntimeError.
    """

    def __init__(self, arr: Any, writable: bool = False) -> None:
        _arguments.array("arr", arr)
        writable = _arguments.flag("writable", writable)
        if arr.nbytes < _shared.SMALLEST_FILE:
            raise ValueError("arr has %d bytes; arrays of less than 1 MiB are"
                             " sent as they are" % arr.nbytes)
        shared = _shared.share(
            arr, writable or (getattr(arr, "_writable", False)
                              and arr.flags.writeable))
        self._state: Tuple[Any, ...] = (
            uuid.uuid4().hex, _machine(), shared.nbytes,
            _shared.lasting_reference(shared))
        self._owned = shared

    def array(self) -> Any:
        """The array; in the process that made the Reference, its own."""
        if self._owned is not None:
            return self._owned
        key, machine, _, reference = self._state
        with _arrays_lock:
            found = _arrays.get(key)
            if found is None:
                if machine != _machine():
                    raise RuntimeError(
                        "datamem: a Reference is for tasks on the machine, and"
                        " in the container, where it was made; this is another"
                        " one")
                found = _arrays[key] = _shared.attached(reference)
            return found

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return self._state[2]

    def __getstate__(self) -> Tuple[Any, ...]:
        return self._state

    def __setstate__(self, state: Tuple[Any, ...]) -> None:
        self._state, self._owned = state, None

    def __dask_tokenize__(self) -> str:
        return self._state[0]

    def __sizeof__(self) -> int:
        # What Dask believes a worker to hold: the memory is its owner's.
        return 1000

    def __repr__(self) -> str:
        return "<datamem.dask.Reference to %d bytes>" % self.nbytes

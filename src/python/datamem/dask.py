# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Dask workers on the library.

    dask worker --preload datamem.dask ADDRESS
    dask.config.set({"distributed.worker.preload": ["datamem.dask"]})
    client.register_plugin(datamem.dask.Plugin())   # a cluster that runs

Each gives the arrays of a worker to the library, adds what the library holds to
the worker's metrics, and gives free memory back to the kernel before Dask
spills because of it.
"""

import logging
import weakref
from concurrent.futures import Executor
from time import monotonic
from typing import Any, Callable, Dict, Optional

from distributed.diagnostics.plugin import WorkerPlugin
from distributed.threadpoolexecutor import ThreadPoolExecutor
from tornado.ioloop import PeriodicCallback

from . import _handlers, _report, _switch
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

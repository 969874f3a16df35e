# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""One contestant of datamem.bench: measures what it is told to, on demand.

Reads requests from standard input and answers on standard output, one JSON
object a line, so that contestants in different processes take turns.
"""

import ctypes
import gc
import json
import sys
import threading
import timeit
from time import perf_counter, thread_time
from typing import Any, Callable, Dict, List, Tuple

import numpy as np

# mallopt(3): no mapping of its own for any block, nothing given back.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4

#: case: (statement, the same arithmetic with out=)
STATEMENTS: Dict[str, Tuple[str, str]] = {
    "add": ("c = a + b", "np.add(a, b, out=t)"),
    "expr": ("c = (a * 2 + b - 1) * a / (b + 1)",
             "np.multiply(a, 2, out=t); np.add(t, b, out=t);"
             " np.subtract(t, 1, out=t); np.multiply(t, a, out=t);"
             " np.add(b, 1, out=u); np.divide(t, u, out=t)"),
    "zeros": ("c = np.zeros(n); c.fill(1)", "t.fill(0); t.fill(1)"),
    "empty": ("np.empty(n)", ""),
    "zeros-small": ("np.zeros(n)", ""),
}


class _Statement:
    """Times a statement; its arrays live as long as this."""

    def __init__(self, case: str, nbytes: int,
                 clock: Callable[[], float]) -> None:
        n = max(nbytes // 8, 1)
        names: Dict[str, Any] = {"np": np, "n": n}
        statement, with_out = STATEMENTS[case]
        if with_out:
            for name in "abtu" if case == "expr" else (
                    "abt" if case == "add" else "t"):
                names[name] = np.full(n, 1.5)
        self._timers = [timeit.Timer(text, timer=clock, globals=names)
                        for text in (statement, with_out) if text]

    def measure(self, number: int) -> List[float]:
        """Seconds a run: of the statement, and of the one with out=."""
        return [timer.timeit(number) / number for timer in self._timers]


class _Resize:
    """Times ndarray.resize() to twice the size, and a copy into an array."""

    def __init__(self, nbytes: int, clock: Callable[[], float]) -> None:
        self._n = max(nbytes // 8, 1)
        self._clock = clock
        self._target = np.ones(2 * self._n)

    def measure(self, number: int) -> List[float]:
        n, target, clock = self._n, self._target, self._clock
        seconds = copying = 0.0
        for _ in range(number):
            arr = np.ones(n)
            begin = clock()
            arr.resize(2 * n, refcheck=False)
            seconds += clock() - begin
            begin = clock()
            target[:n] = arr[:n]
            target[n:] = 0
            copying += clock() - begin
            del arr
        return [seconds / number, copying / number]


def _make(case: str, nbytes: int, processor: bool) -> Any:
    # Of the thread, which other programs on the machine disturb less.
    clock = thread_time if processor else perf_counter
    return (_Resize(nbytes, clock) if case == "resize"
            else _Statement(case, nbytes, clock))


class _Threads:
    """The same in several threads at once; they stay for the whole case."""

    def __init__(self, make: Callable[[], Any], count: int) -> None:
        self._start = threading.Barrier(count + 1)
        self._end = threading.Barrier(count + 1)
        self._number = 0
        self._results: List[List[float]] = [[] for _ in range(count)]
        for index in range(count):
            threading.Thread(target=self._work, args=(make, index)).start()

    def _work(self, make: Callable[[], Any], index: int) -> None:
        subject = make()
        while True:
            self._start.wait()
            if not self._number:
                return
            self._results[index] = subject.measure(self._number)
            self._end.wait()

    def measure(self, number: int) -> List[float]:
        self._number = number
        self._start.wait()
        self._end.wait()
        return [sum(times) / len(times) for times in zip(*self._results)]

    def close(self) -> None:
        self._number = 0
        self._start.wait()


def _prepare(contestant: str) -> str:
    """Make this process the contestant; the handler that it then has."""
    if contestant == "datamem":
        import datamem
        datamem.install()
        return str(datamem.handler_name())
    if contestant == "mallopt":
        libc = ctypes.CDLL(None)
        if not (libc.mallopt(_M_MMAP_MAX, 0)
                and libc.mallopt(_M_TRIM_THRESHOLD, ctypes.c_int(-1))):
            raise OSError("mallopt(3) refused")
    return ""


def _answer(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve requests until the end of the input."""
    _answer(handler=_prepare(sys.argv[1]), numpy=np.__version__)
    subject: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "open":
            what = request["case"], request["nbytes"], request["processor"]
            if request["threads"]:
                subject = _Threads(lambda: _make(*what), request["threads"])
            else:
                subject = _make(*what)
            _answer()
        elif request["do"] == "measure":
            _answer(seconds=subject.measure(request["number"]))
        else:
            if isinstance(subject, _Threads):
                subject.close()
            subject = None
            gc.collect()
            _answer()


if __name__ == "__main__":
    main()

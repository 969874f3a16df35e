# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What a stretch of code allocates: scopes, and their tables.

The library counts, in handlers that stand before those of the program; no
Python code runs when NumPy allocates.
"""

import functools
import warnings
from typing import Any, Dict, List, Optional

from . import _arguments, _current
from ._arguments import size_text
from ._current import Tally
from ._locks import new_lock
from ._numpy import table


class _Row:
    """A line of the table: all scopes of one name in the same place."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls = self.peak = self.allocated = self.kept = 0
        self.rows: Dict[str, "_Row"] = {}

    def add(self, other: "_Row") -> None:
        self.calls += other.calls
        self.peak = max(self.peak, other.peak)
        self.allocated += other.allocated
        self.kept += other.kept
        for row in other.rows.values():
            self.row(row.name).add(row)

    def row(self, name: str) -> "_Row":
        return self.rows.setdefault(name, _Row(name))

    def lines(self, depth: int = 0) -> List[str]:
        found = ["%9d %11s %11s %11s  %s%s" % (
            self.calls, size_text(self.peak), size_text(self.allocated),
            size_text(self.kept), "  " * depth, self.name)]
        for row in self.rows.values():
            found += row.lines(depth + 1)
        return found


_HEAD = "%9s %11s %11s %11s  %s" % ("calls", "peak", "allocated", "kept",
                                    "name")

_lock = new_lock()


class Scope:
    """What a with statement of scope() has counted; print() shows a table.

    The numbers are those of the moment inside the statement, and stay as they
    were at its end.  All are of NumPy's data memory alone, and in bytes but for
    calls and failed.
    """

    def __init__(self, name: str, file: Any = None) -> None:
        if not isinstance(name, str):
            raise _arguments.wrong_type("name", "a str", name)
        self.name = name
        self.ended = False
        self.tally: Any = None              # None: not entered yet
        self.around: Optional["Scope"] = None
        self._file = _arguments.writable("file", file)
        self._entered: Any = None
        self._final: Any = None
        self._rows: Dict[str, _Row] = {}    # of scopes inside that have ended
        self._running: List["Scope"] = []   # and of those that have not

    def _counts(self) -> Any:
        if self.ended:
            return self._final
        return _current.NOTHING if self.tally is None else self.tally.counts()

    @property
    def calls(self) -> int:
        """Arrays made and resized."""
        return self._counts().calls

    @property
    def failed(self) -> int:
        """Of the calls, those that found no memory."""
        return self._counts().failed_calls

    @property
    def allocated(self) -> int:
        """Arrays made, and growth of resized ones."""
        return self._counts().allocated_bytes

    @property
    def peak(self) -> int:
        """The most that arrays of this stretch have had at once."""
        return self._counts().peak_bytes

    @property
    def kept(self) -> int:
        """In arrays of this stretch that were still there at its end."""
        return self._counts().live_bytes

    @property
    def live(self) -> int:
        """In arrays of this stretch that are there now, also after its end."""
        return 0 if self.tally is None else self.tally.counts().live_bytes

    def __enter__(self) -> "Scope":
        table()                     # imports NumPy: not below our lock
        with _lock:
            if self.tally is not None:
                raise RuntimeError("a scope is entered once; make another one")
            self.around = _current.get()
            self.tally = Tally(self.around and self.around.tally)
            if self.around is not None:
                self.around._running.append(self)
        try:
            self._entered = _current.prepare(self)
            _current.begun(self)
            _current.enter(self, self._entered)
            if self._entered[2] is None:
                warnings.warn("datamem: arrays of the handler %r are not"
                              " counted, as it is one of the program"
                              % _current.name(), RuntimeWarning, 2)
        except BaseException:   # also of a signal; warnings may be errors
            self._end()
            raise
        return self

    def __exit__(self, *_error: Any) -> None:
        try:
            self._end()
        except BaseException:       # of a signal: what is left, too
            self._end()
            raise
        if self._file is not None:
            print(self, file=self._file)

    def _end(self) -> None:
        """Also once more, where a signal raised an exception in it."""
        with _lock:
            if not self.ended:
                self._final = self.tally.counts()
                self.ended = self.tally.over = True
            if self.around is not None and self in self.around._running:
                row = self._row()
                self.around._running.remove(self)
                self.around._rows.setdefault(self.name,
                                             _Row(self.name)).add(row)
        try:
            if self._entered is not None:   # else a signal was faster
                _current.leave(self, self._entered)
                self._entered = None
        finally:
            _current.over(self)
            self.tally.end()

    def bind(self, function: Any) -> Any:
        """A function that calls another one, in this scope.

        For workers of pools that were started outside:
        pool.map(s.bind(work), jobs).
        """
        if not callable(function):
            raise _arguments.wrong_type("function", "callable", function)

        @functools.wraps(function)
        def bound(*args: Any, **kwargs: Any) -> Any:
            if self.ended or self.tally is None:
                return function(*args, **kwargs)
            entered = _current.prepare(self)
            try:
                _current.enter(self, entered)
                return function(*args, **kwargs)
            finally:
                try:
                    _current.leave(self, entered)
                except BaseException:       # of a signal: what is left, too
                    _current.leave(self, entered)
                    raise
        return bound

    def _row(self) -> _Row:
        row, counts = _Row(self.name), self._counts()
        row.calls, row.peak = counts.calls, counts.peak_bytes
        row.allocated, row.kept = counts.allocated_bytes, counts.live_bytes
        row.rows = {}
        for inner in self._rows.values():
            row.row(inner.name).add(inner)
        for scope in self._running:
            row.row(scope.name).add(scope._row())
        return row

    def table(self) -> str:
        """The table, also of the scopes inside."""
        with _lock:
            return "\n".join([_HEAD] + self._row().lines())

    __str__ = table

    def __repr__(self) -> str:
        counts = self._counts()
        return "<Scope %r: %d calls, peak %s, allocated %s, %s %s>" % (
            self.name, counts.calls, size_text(counts.peak_bytes),
            size_text(counts.allocated_bytes),
            "kept" if self.ended else "live",
            size_text(counts.live_bytes))


def scope(name: str, file: Any = None) -> Scope:
    """Count what the body of a with statement allocates for arrays.

        with datamem.scope("load") as s:
            ...
        print(s)

    Counted are the arrays that are made in the body, by any handler of the
    library or by NumPy's own: in this thread, in asyncio tasks and in threads
    that start in it; Scope.bind() takes it to workers that run already.  Scopes
    may be inside each other, and one of the same name adds to its line.  Arrays
    that are freed in the body, but were made before, are not counted.

    file: print the table there at the end.
    """
    return Scope(name, file)

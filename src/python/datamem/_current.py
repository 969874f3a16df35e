# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The scope that this context is in, and the handlers that count for it."""

import contextvars
import ctypes
import errno
import sys
from typing import Any, Dict, List, Optional

from ._library import CScopeCounts, filled, lib
from ._locks import new_lock
from ._numpy import table

NOTHING = CScopeCounts()

_scope: "contextvars.ContextVar[Any]" = contextvars.ContextVar(
    "datamem in scope", default=None)

_lock = new_lock()

#: Address of a handler of a scope: that of the handler behind it.
_behind: Dict[int, int] = {}

#: Called when there is one scope more.
followers: List[Any] = []
_open = 0


def _references(value: Any) -> int:
    """Those of a capsule that lies in a dict, as _unused() finds it."""
    return sys.getrefcount(value)


_sample = {0: object()}
_ALONE = max(_references(value) for value in _sample.values())


class Tally:
    """A scope of the library, with the capsules of its handlers."""

    #: Of scopes that have ended; their arrays may live.
    ended: "List[Tally]" = []
    _swept = 0

    def __init__(self, around: "Optional[Tally]") -> None:
        self._sweep()
        self.capsules: Dict[int, Any] = {}
        with _lock:
            self.address = lib.datamem_scope_new(around and around.address)
        if not self.address:
            raise MemoryError("no memory for a scope")

    def counts(self) -> Any:
        with _lock:
            if not self.address:
                return NOTHING
            return filled(lib.datamem_scope_get, CScopeCounts, self.address)

    def capsule(self, capsule: Any) -> Any:
        """The capsule that counts for another; None: it cannot be counted."""
        numpy = table()
        behind = numpy.address_of(capsule)
        with _lock:
            if not self.address:
                return None
            address = lib.datamem_scope_handler(self.address, behind)
            if not address and ctypes.get_errno() == errno.ENOTSUP:
                return None
            if not address:
                raise MemoryError("no memory for a scope")
            found = self.capsules.get(address)
            if found is None:
                found = self.capsules[address] = numpy.new_capsule(address)
                _behind[address] = _behind.get(behind, behind)
            return found

    def end(self) -> None:
        """No more is counted but what is freed."""
        with _lock:
            self.ended.append(self)

    def _unused(self) -> bool:
        """Whether neither an array nor a context has one of the capsules.

        Without the global lock references come and go unseen meanwhile.
        """
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            return False
        return all(_references(value) <= _ALONE
                   for value in self.capsules.values())

    @classmethod
    def _sweep(cls) -> None:
        """Give back what scopes that have ended do not need any more."""
        with _lock:
            if len(cls.ended) < 2 * cls._swept + 16:
                return
            left = []
            for tally in cls.ended:
                if tally._unused():
                    tally._forget()
                else:
                    left.append(tally)
            cls.ended[:] = left
            cls._swept = len(left)

    def _forget(self) -> None:
        for address in self.capsules:
            _behind.pop(address, None)
        self.capsules.clear()
        lib.datamem_scope_free(self.address)
        self.address = None


def get() -> Any:
    """The innermost scope of this context; None: it is in none."""
    scope = _scope.get()
    while scope is not None and scope.ended:
        scope = scope.around
    return scope


def name() -> Any:
    """The name of the handler of this context."""
    return table().name_of()


def behind(address: int) -> int:
    """The handler that one of a scope counts for; else itself."""
    return _behind.get(address, address)


def counted(capsule: Any) -> Any:
    """The capsule to use for a handler in this context."""
    scope = get()
    return capsule if scope is None else scope.tally.capsule(capsule) \
        or capsule


def enter(scope: Any) -> Any:
    """Count in this context for a scope: for leave(); None: cannot count."""
    numpy = table()
    previous, around = numpy.get(), _scope.get()
    capsule = scope.tally.capsule(previous)
    if capsule is not None:
        numpy.set(capsule)
    _scope.set(scope)
    return around, previous, capsule


def leave(scope: Any, entered: Any) -> None:
    """Undo enter(), where nobody has set another handler since."""
    around, previous, capsule = entered
    numpy = table()
    if capsule is not None and numpy.get() is capsule:
        numpy.set(previous)
    if _scope.get() is scope:
        _scope.set(around)


def enter_thread(scope: Any, capsule: Any) -> None:
    """In a new thread: count for the scope of who started it."""
    if scope.ended or _scope.get() is scope:    # inherited
        return
    table().set(scope.tally.capsule(capsule) or capsule)
    _scope.set(scope)


def note(more: int) -> None:
    """There are more scopes, or less."""
    global _open
    with _lock:
        _open += more
    # Also for the second one: another thread may not be through with the first.
    if more > 0:
        for follower in followers:
            follower()


def is_open() -> bool:
    """Whether there is a scope in any context."""
    return _open > 0

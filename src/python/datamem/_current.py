# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The scope that this context is in, and the handlers that count for it."""

import contextvars
import ctypes
import errno
from typing import Any, Dict, List, Optional, Set, Tuple

from ._library import CScopeCounts, filled, lib
from ._locks import new_lock
from ._numpy import table
from ._references import alone, count_exactly

NOTHING = CScopeCounts()

_scope: "contextvars.ContextVar[Any]" = contextvars.ContextVar(
    "datamem in scope", default=None)

_lock = new_lock()

#: Address of a handler of a scope: the capsule behind it, and the tally.
_behind: Dict[int, Tuple[Any, "Tally"]] = {}

#: Called when there is one scope more.
followers: List[Any] = []
_open: Set[int] = set()


class Tally:
    """A scope of the library, with the capsules of its handlers."""

    #: Of scopes that have ended; their arrays may live.
    ended: "List[Tally]" = []
    _swept = 0

    def __init__(self, around: "Optional[Tally]") -> None:
        self._sweep()
        self.capsules: Dict[int, Any] = {}
        self.over = False           # its scope has ended
        self._exact = True          # who has a capsule can be told
        self._noted = False         # as one that has ended
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
                found = numpy.new_capsule(address)
                self._exact = count_exactly(found) and self._exact
                self.capsules[address] = found
                _behind[address] = raw(capsule), self
            return found

    def end(self) -> None:
        """Give it back as soon as nobody has a capsule of it."""
        with _lock:
            if not self._noted:
                self._noted = True
                self.ended.append(self)

    def _unused(self) -> bool:
        """Whether neither an array nor a context has one of the capsules."""
        return self._exact and alone(self.capsules)

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


def raw(capsule: Any) -> Any:
    """The capsule that one of a scope counts for; else itself."""
    # Most processes have no scope, and threads that begin ask.
    found = _behind and _behind.get(table().address_of(capsule))
    return found[0] if found else capsule


def counted(capsule: Any) -> Any:
    """The capsule to use for a handler in this context."""
    scope = get()
    return capsule if scope is None else scope.tally.capsule(capsule) \
        or capsule


def _living(capsule: Any) -> Any:
    """The same; for one of a scope that has ended, what is used after it.

    Scopes of generators, or those that another thread ends, do not end in the
    order of their beginnings.
    """
    found = _behind and _behind.get(table().address_of(capsule))
    return counted(found[0]) if found and found[1].over else capsule


def use(capsule: Any) -> Any:
    """Set a handler in this context; returns what was there, without scopes."""
    return raw(table().set(counted(capsule)))


def prepare(scope: Any) -> Any:
    """For enter() and leave(); the last is None where it cannot count."""
    previous, around = _living(table().get()), get()
    return around, previous, scope.tally.capsule(previous)


def enter(scope: Any, prepared: Any) -> None:
    """Count in this context for a scope."""
    _scope.set(scope)
    if prepared[2] is not None:
        table().set(prepared[2])


def leave(scope: Any, entered: Any) -> None:
    """Undo enter(); another handler that was set since stays, uncounted."""
    around, previous, capsule = entered
    numpy = table()
    if _scope.get() is scope:
        _scope.set(around)
        _scope.set(get())       # around may have ended meanwhile
    now = numpy.get()
    found = _behind.get(numpy.address_of(now))
    if now is capsule:
        numpy.set(_living(previous))
    elif found and (found[1] is scope.tally or found[1].over):
        numpy.set(counted(found[0]))


def enter_thread(scope: Any) -> None:
    """In a new thread: count for the scope of who started it."""
    if scope.ended or get() is scope:       # inherited
        return
    use_in = scope.tally.capsule(table().get())
    if use_in is not None:
        table().set(use_in)
    _scope.set(scope)


def begun(scope: Any) -> None:
    """There is one scope more."""
    _open.add(id(scope))
    # Also for the second one: another thread may not be through with the first.
    for follower in followers:
        follower()


def over(scope: Any) -> None:
    """It has ended, be it that it had not begun."""
    _open.discard(id(scope))


def is_open() -> bool:
    """Whether there is a scope in any context."""
    return bool(_open)

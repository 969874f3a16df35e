# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Which handler NumPy uses: install, uninstall, scopes."""

import contextlib
import contextvars
import sys
import threading
import warnings
import weakref
from ctypes import PYFUNCTYPE, c_int, c_void_p, pythonapi
from typing import Any, Iterator, List, Optional, Tuple

import _datamem_start as _imports

from . import _arguments, _current, _spawn
from ._library import HandlerVisit, entries, lib
from ._locks import new_lock
from ._numpy import numpy_imported, table
from ._threads import Hook

# Never held over an import: who imports NumPy has the lock of that import and
# wants this one in _on_import().
_lock = new_lock()

# In each context that we have bound: our capsule, and the one before it.
# NumPy's handler is a context variable too, so both go the same ways.
_bound: "contextvars.ContextVar[Optional[Tuple[Any, Any]]]" = (
    contextvars.ContextVar("datamem", default=None))

# Whether the context is that of a handler(): a thread that inherits it keeps its
# handler, be it NumPy's default.
_scoped: "contextvars.ContextVar[bool]" = (
    contextvars.ContextVar("datamem scope", default=False))


class _State:
    """The effects of install(), for uninstall() and for new threads."""

    name: Optional[str] = None      # installed, or to be when NumPy is there
    threads = True
    capsule: Any = None             # None: NumPy is not there yet
    waiting = False                 # NumPy is there, a handler of name is not
    warned = False


_state = _State()

# Whether threads start with the context of their creator, and so with our
# handler, asked or not (3.14; by default without the global lock).
_INHERITED = bool(getattr(sys.flags, "thread_inherit_context", False))

#: Threads that have been given a handler, or the choice of one.
_reached: "weakref.WeakSet[threading.Thread]" = weakref.WeakSet()

# Threads that run functions of these packages make no arrays, nor do those
# whose classes are of one of the others, which run functions of the program.
_HELPERS = ("IPython", "debugpy", "ipykernel", "_pydevd_bundle", "tqdm")
_HELPER_CLASSES = _HELPERS + ("concurrent", "joblib", "multiprocessing")


def _tell(name: Optional[str]) -> None:
    """Have datamem-ctl show what NumPy is on."""
    lib.datamem_control_note(
        b"" if name is None else b"%b (NumPy)" % name.encode()[:50])


def _begin_thread(thread: Optional[threading.Thread] = None,
                  scope: Any = None, given: bool = False) -> None:
    """In a new thread: take the installed handler, unless it has its own.

    scope: that of whoever started it.  given: its context is of the program's
    choice, and not that of its creator.
    """
    if _state.capsule is None and _state.waiting:
        _bind_waiting()
    capsule = _state.capsule
    if capsule is not None and _state.threads:
        if thread is not None:
            _reached.add(thread)
        _give(capsule, ours=not given)
    elif capsule is not None and not given and not _scoped.get():
        _restore()      # inherited: it is for the thread of install() alone
    if scope is not None:
        _current.enter_thread(scope)


def _give(capsule: Any, ours: bool) -> None:
    """Set a handler in the calling thread in place of NumPy's own; with ours, of
    one that was installed before, too."""
    if _scoped.get():
        return
    numpy, bound = table(), _bound.get()
    now = _current.raw(numpy.get())
    if now is not capsule and (numpy.is_default(now) or (
            ours and bound is not None and now is bound[0])):
        _set(capsule)


def _set(capsule: Any) -> None:
    """Set the handler of the calling thread, for _restore()."""
    replaced = _current.raw(table().get())
    bound = _bound.get()
    if bound is not None and replaced is bound[0]:
        replaced = bound[1]     # ours: keep what was before the first
    # Before it is set: a signal may raise an exception between any two calls.
    _bound.set((capsule, replaced))
    _current.use(capsule)


def _restore() -> None:
    """Undo _set() in the calling thread, whoever has uninstalled."""
    bound = _bound.get()
    if bound is None:
        return
    if _current.raw(table().get()) is bound[0]:
        _current.use(bound[1])
    _bound.set(None)


_hook = Hook(_begin_thread, _current.get)


def _bind() -> None:
    """Set the installed handler in the calling thread."""
    capsule = table().capsule(_state.name)
    _set(capsule)
    _state.capsule = capsule
    _state.waiting = False
    _tell(_state.name)
    _reached.add(threading.current_thread())
    if _state.threads:
        _reach_main()


def _bind_waiting() -> None:
    """Take a handler that was not registered when NumPy was imported."""
    with _lock:
        if _state.waiting and known(_state.name or ""):
            _state.capsule = table().capsule(_state.name)
            _state.waiting = False
            _tell(_state.name)
            _reach_main()


@PYFUNCTYPE(c_int, c_void_p)
def _in_main(_arg):
    try:
        capsule = _state.capsule    # another thread may uninstall() meanwhile
        if capsule is not None:
            _give(capsule, ours=False)
    except Exception:
        pass        # the main thread keeps what it has
    return 0


pythonapi.Py_AddPendingCall.argtypes = [c_void_p, c_void_p]


def _reach_main() -> None:
    """Set the handler in the main thread, whichever thread this is.

    Python calls the function there between two instructions.
    """
    if threading.get_ident() != threading.main_thread().ident:
        pythonapi.Py_AddPendingCall(_in_main, None)


def _is_helper(thread: threading.Thread) -> bool:
    def package(thing):
        return str(getattr(thing, "__module__", "")).split(".")[0]

    return (package(type(thread)) in _HELPER_CLASSES
            or package(getattr(thread, "_target", None)) in _HELPERS)


def threads_missed() -> List[threading.Thread]:
    """Running threads that install() cannot reach, and whose work is unknown.
    """
    if _state.capsule is None or not _state.threads:
        return []
    known_ones = (threading.current_thread(), threading.main_thread())
    return [thread for thread in threading.enumerate()
            if thread not in known_ones and thread not in _reached
            # Before it has one, it has not come to our hook yet.
            and thread.ident is not None and not _is_helper(thread)]


def missed_text(count: int) -> str:
    """What to do about them."""
    return ("%d running thread%s, which started before NumPy was given to the"
            " library, keep%s NumPy's own allocator; set DATAMEM=numpy in the"
            " environment and import NumPy, or call datamem.install(), before"
            " threads start" % (count, "s"[:count != 1], "s"[:count == 1]))


def _warn_of_threads() -> None:
    missed = len(threads_missed())
    if missed and not _state.warned:
        _state.warned = True
        warnings.warn("datamem: " + missed_text(missed), RuntimeWarning, 3)


def _say_threads() -> None:
    """The same, where nothing may fail: with python -W error, too."""
    try:
        _warn_of_threads()
    except RuntimeWarning as warning:
        _imports.say(warning)


def install_in_context() -> None:
    """Give the calling thread's context the installed handler.

    In place of NumPy's own, or of one that was installed before.
    """
    capsule = _state.capsule
    if capsule is not None:
        _give(capsule, ours=True)


def install(handler: str = "datamem", threads: bool = True) -> None:
    """Give the data of new arrays to a handler of libdatamem.

    It holds for the calling thread (for its context, as NumPy has it, and so
    for the asyncio tasks that it makes) and, with threads, for every thread
    that Python code starts from now on and that has no handler of its own.
    Arrays that exist keep the handler that made them.  Called again, it
    changes handler.

    handler: a registered name: "datamem", "debug", "system",
        "datamem_aligned_64" and the like, or one registered by the program.

    Raises ValueError for a name that nobody has registered, UnavailableError
    when there is no NumPy, or none that has handlers.
    """
    install_quietly(handler, threads)
    _warn_of_threads()


def install_quietly(handler: str, threads: bool) -> None:
    """install(), for a caller that reaches running threads itself."""
    _arguments.name_of_handler("handler", handler)
    threads = _arguments.flag("threads", threads)
    numpy = table()                 # imports it: not below our lock
    numpy.capsule(handler)          # raises before anything has changed
    with _lock:
        _state.name = handler
        _state.threads = threads
        _bind()
        _follow()
    _spawn.follow(_for_child)


def install_on_import(handler: str = "datamem", threads: bool = True) -> None:
    """The same as install(), as soon as the program has imported NumPy.

    Never fails: what goes wrong then is said on standard error, and NumPy
    stays as it is.
    """
    _arguments.name_of_handler("handler", handler)
    threads = _arguments.flag("threads", threads)
    if numpy_imported() and known(handler):
        install_quietly(handler, threads)
        _say_threads()
        return
    with _lock:
        _state.name = handler
        _state.threads = threads
        _follow()
    _spawn.follow(_for_child)
    _imports.after("numpy", _on_import)


def _for_child() -> Optional[Tuple[str, bool]]:
    """Name and threads for a new process to install; None: nothing."""
    name, threads = _state.name, _state.threads
    return None if name is None else (name, threads)


def _on_import() -> None:
    try:
        table()
        with _lock:
            name = _state.name
            if name is None:
                return
            if known(name):
                _bind()
            else:
                _state.waiting = True
                _tell("default_allocator")
                _imports.say(
                    "datamem: no handler is named %r yet; threads that start"
                    " after it is registered use it, others with"
                    " datamem.install(%r)" % (name, name))
        _say_threads()
    except Exception as error:  # the program is not to suffer from it
        _imports.say("datamem: not installed: %s"
                     % str(error).removeprefix("datamem: "))


def _follow() -> None:
    with _lock:
        if _current.is_open() or (_state.name is not None
                                  and (_state.threads or _INHERITED)):
            _hook.install()
        else:
            _hook.uninstall()


# What scopes have hooked stays: it is cheaper than to undo it each time.
_current.followers.append(_follow)


def uninstall() -> None:
    """Undo install(): NumPy's handler in this thread is what it was before.

    A handler that the program has set meanwhile stays.  Threads that have
    started keep theirs until they call this too, new ones get NumPy's own, or
    that of their creator where threads inherit its context.
    Arrays keep the handler that made them, whatever is installed.
    """
    with _lock:
        if _state.name is not None:
            _imports.forget("numpy")
            _spawn.forget()
            _state.name = _state.capsule = None
            _state.waiting = False
            _tell("default_allocator")
            _follow()
    _restore()


def is_waiting() -> bool:
    """Whether something will be installed when NumPy is imported: what
    install_on_import() or DATAMEM=numpy has asked for."""
    return not numpy_imported() and _imports.waits("numpy")


def installed() -> Optional[str]:
    """The name of the installed handler; None: none is."""
    return _state.name


@contextlib.contextmanager
def handler(name: str) -> Iterator[None]:
    """Use a handler for the arrays made in the body of a with statement.

    In this thread (and in the asyncio tasks made meanwhile) only.  The name
    "default_allocator" stands for NumPy's own.
    """
    _arguments.name_of_handler("name", name)
    numpy = table()
    capsule = _current.counted(numpy.capsule(name))
    previous, scoped = numpy.get(), _scoped.get()
    # Nothing before: a signal may raise an exception between any two calls.
    try:
        _scoped.set(True)
        numpy.set(capsule)
        yield
    finally:
        try:
            numpy.set(previous)
        finally:
            _scoped.set(scoped)


def handler_name(arr: Any = None) -> Optional[str]:
    """The name of the handler that made an array; of the current one.

    None for a view, which has no memory of its own.  "default_allocator" is
    NumPy's, "datamem" is the library's.
    """
    if arr is None:
        return table().name_of()
    return table().name_of(_arguments.array("arr", arr))


def known(name: str) -> bool:
    """Whether a handler has this name, or one of an alignment would."""
    return bool(lib.datamem_handler_find(_arguments.bytes_of(
        _arguments.name_of_handler("name", name))))


def handlers() -> List[str]:
    """The names of all registered handlers, in order of registration."""
    return entries(lib.datamem_handler_foreach, HandlerVisit,
                   lambda handler: handler.name.decode("ascii", "replace"))

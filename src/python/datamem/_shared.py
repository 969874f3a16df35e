# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Arrays whose memory other processes map: datamem.share().

multiprocessing and loky have tables of how to pickle a type for their workers.
What they find here is a reference, and bytes for arrays that are not shared.
Every other pickle has the bytes: it may be read anywhere, and at any time.
"""

import ctypes
import errno
import importlib
import os
import socket
import stat
import sys
import time
from typing import Any, Optional, Tuple

import _datamem_start as _imports

from . import _arguments, _current
from ._library import CSharedRef, lib

#: Smaller arrays go faster as bytes.
_SMALLEST = 64 << 10
#: Blocks below this have no file.
SMALLEST_FILE = 1 << 20
#: How long a process that ends waits for what it has sent, in seconds.
_PATIENCE = 30.0

_handler = lib.datamem_handler_find(b"shared")
_free = lib.datamem_handler_free
_lingers: Optional[int] = None      # in this process
_registered = False


class _Block:
    """A block that was received; the base of arrays in it."""

    def __init__(self, reference: CSharedRef, writable: bool,
                 take: Any = lib.datamem_shared_receive) -> None:
        address = ctypes.c_void_p()
        error = take(ctypes.byref(reference), ctypes.sizeof(reference),
                     writable, ctypes.byref(address))
        if error == -errno.ESRCH:
            raise RuntimeError(
                "datamem: a shared array cannot be received: process %d, which"
                " sent it, has ended, has let it go, or is not on this machine"
                % reference.pid)
        if error == -errno.ENOMEM:
            raise MemoryError("datamem: no memory to map a shared array")
        if error:
            raise OSError(-error, os.strerror(-error))
        self._start = address.value - reference.offset
        self.__array_interface__ = {
            "version": 3, "typestr": "|u1", "shape": (reference.nbytes,),
            "data": (self._start, not writable)}

    def __del__(self, free: Any = _free, handler: Any = _handler) -> None:
        if hasattr(self, "_start"):
            free(handler, self._start, 0)


def _receive(*reference: Any, **how: Any) -> Any:
    """What a reference unpickles as.

    Never an OSError: multiprocessing takes one for the end of a connection, at
    which its workers, and the thread that gets their results, end silently.
    """
    try:
        return _array_of(*reference, **how)
    except OSError as error:
        raise RuntimeError("datamem: a shared array cannot be received: %s"
                           % (error.strerror or error)) from error


def _array_of(numbers: Tuple[int, ...], kind: str, dtype: Any,
              shape: Tuple[int, ...], strides: Tuple[int, ...], ahead: int,
              writable: bool, take: Any = lib.datamem_shared_receive) -> Any:
    """ahead: bytes before the first element."""
    import numpy
    from ._shared_array import SharedArray
    if numpy.dtype(dtype).hasobject:    # NumPy would take bytes for pointers
        raise ValueError("datamem: a shared array has no Python objects")
    reference = CSharedRef(*numbers)
    memory = numpy.asarray(_Block(reference, writable, take))
    arr: Any = numpy.ndarray(shape, dtype, memory, reference.offset + ahead,
                             strides)
    register()
    if kind == "shared":
        arr = arr.view(SharedArray)
        arr._writable = writable
    return arr


def _over_network() -> bool:
    """Whether what is pickled now is for a connection to another machine.

    multiprocessing pickles for a Connection in its send(), and there alone it
    can be one of TCP.
    """
    frame = sys._getframe(2)
    for _ in range(8):
        if frame is None:
            return False
        if frame.f_globals.get("__name__") == "multiprocessing.connection" \
                and frame.f_code.co_name == "send":
            return _is_network(frame.f_locals.get("self"))
        frame = frame.f_back
    return False


def _is_network(connection: Any) -> bool:
    try:
        number = connection.fileno()
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            return False
        with socket.socket(fileno=os.dup(number)) as one:
            return one.family != socket.AF_UNIX
    except (AttributeError, OSError):
        return True


def reference(arr: Any) -> Optional[Tuple[Tuple[int, ...], int]]:
    """A reference to an array's memory, and where it begins; None: it is not
    shared, and so has to be copied."""
    from ._hugepages import extent
    if arr.nbytes < _SMALLEST or arr.dtype.hasobject:
        return None
    address, _ = extent(arr)
    found = CSharedRef()
    if lib.datamem_shared_send(address, ctypes.byref(found),
                               ctypes.sizeof(found)):
        return None
    _linger()
    numbers = tuple(getattr(found, name) for name, _ in CSharedRef._fields_)
    return numbers, arr.ctypes.data - address


def lasting_reference(arr: Any) -> Tuple[Any, ...]:
    """What attached() makes the array of, anywhere and any number of times, as
    long as this process has it."""
    from ._hugepages import extent
    address, _ = extent(arr)
    found = CSharedRef()
    error = lib.datamem_shared_send(address, ctypes.byref(found),
                                    ctypes.sizeof(found))
    if error:
        raise OSError(errno.EMFILE, "datamem: no descriptor is left for a"
                      " shared array; a process has a quarter of RLIMIT_NOFILE"
                      " for them")
    numbers = tuple(getattr(found, name) for name, _ in CSharedRef._fields_)
    _Block(found, False)        # received, so that nothing is on its way
    return (numbers, "shared", arr.dtype, arr.shape, arr.strides,
            arr.ctypes.data - address, arr._writable)


def attached(reference: Tuple[Any, ...]) -> Any:
    """The array of a lasting reference."""
    return _receive(*reference, take=lib.datamem_shared_attach)


def _reduce(arr: Any) -> Any:
    import numpy
    from ._shared_array import SharedArray
    found = None if _over_network() else reference(arr)
    if found is None:
        return numpy.asarray(arr).__reduce__()
    ours = isinstance(arr, SharedArray)
    return _receive, (found[0], "shared" if ours else "", arr.dtype, arr.shape,
                      arr.strides, found[1],
                      ours and arr._writable and arr.flags.writeable)


def _reduce_plain(arr: Any) -> Any:
    """Of a numpy.ndarray, which in most cases is not shared."""
    found = None
    if arr.nbytes >= _SMALLEST and not _over_network():
        found = reference(arr)
    if found is None:
        return arr.__reduce__()
    return _receive, (found[0], "", arr.dtype, arr.shape, arr.strides,
                      found[1], False)


def _in_multiprocessing() -> None:
    import numpy
    from multiprocessing.reduction import ForkingPickler
    from ._shared_array import SharedArray
    from multiprocessing.util import register_after_fork
    ForkingPickler.register(SharedArray, _reduce)
    ForkingPickler.register(numpy.ndarray, _reduce_plain)
    # Before anything is sent: the feeder of a queue may pickle while what is
    # done at the end is done, and that adds nothing to it. A worker begins
    # with an empty list of that, by whatever method.
    register_after_fork(sys.modules[__name__], _linger_anew)
    _linger()


def _in_loky(name: str) -> None:
    from ._shared_array import SharedArray
    # Another thread may be in the middle of its import: wait for it.
    importlib.import_module(name).register(SharedArray, _reduce)


def register() -> None:
    """Have multiprocessing and loky send references, once they are there."""
    global _registered
    if _registered:
        return
    _imports.after("multiprocessing.reduction", _in_multiprocessing)
    for name in ("loky.backend.reduction",
                 "joblib.externals.loky.backend.reduction"):
        _imports.after(name, lambda name=name: _in_loky(name))
    # Twice does no harm; who sees it set has the reducers.
    _registered = True


def _linger() -> None:
    """Have a worker that ends wait until what it has sent is received.

    Of processes that multiprocessing starts: others get nothing more once
    their parent has ended.
    """
    global _lingers
    if _lingers == os.getpid():
        return
    _lingers = os.getpid()
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.current_process()._parent_pid is None:
        return
    from multiprocessing.util import Finalize
    # After the feeders of queues, which have -5.
    Finalize(None, _wait, (os.getpid(), os.getppid()), exitpriority=-100)


def _linger_anew(_module: Any) -> None:
    global _lingers
    _lingers = None
    _linger()


def _wait(owner: int, parent: int) -> None:
    end = time.monotonic() + _PATIENCE
    while (owner == os.getpid() and lib.datamem_shared_pending()
           and os.getppid() == parent and time.monotonic() < end):
        time.sleep(0.002)


def _is_masked(arr: Any) -> bool:
    # Not an import, which takes long, and of which a child that is forked
    # meanwhile would never see the end.
    masked = getattr(sys.modules.get("numpy.ma"), "MaskedArray", None)
    return masked is not None and isinstance(arr, masked)


def share(arr: Any, writable: bool = False) -> Any:
    """An array with the same contents, which workers get without a copy.

        big = datamem.share(big)
        pool.map(work, [(big, i) for i in range(8)])

    Processes of multiprocessing, concurrent.futures and loky (joblib) get a
    reference and map the memory, which is counted once: in a moment, whatever
    its size, and read-only.  It has no name, and is freed when the last of them
    has let it go.  An array that is shared already is not copied, unless it is
    read-only and is to be writable.  One of less than 1 MiB is sent as bytes, as
    is every array to other machines, to files and to dask, which has
    datamem.dask.Reference.

    writable: workers may write to it, and all see what one writes.
    """
    import numpy
    from ._numpy import table
    from ._shared_array import SharedArray
    _arguments.array("arr", arr)
    writable = _arguments.flag("writable", writable)
    if arr.dtype.hasobject:
        raise TypeError("arr has Python objects, which cannot be shared")
    if _is_masked(arr):
        raise TypeError("arr is a masked array, whose mask would be lost:"
                        " share its data and its mask")
    register()
    # What was received read-only is not others' to write to, either.
    if is_shared(arr) and (arr.flags.writeable or not writable):
        copy = arr
    else:
        numpy_table = table()
        capsule = _current.counted(numpy_table.capsule("shared"))
        previous = numpy_table.get()
        try:
            numpy_table.set(capsule)
            copy = numpy.empty_like(arr, subok=False)
        finally:
            numpy_table.set(previous)
        numpy.copyto(copy, arr)
    shared = copy.view(SharedArray)
    shared._writable = writable
    return shared


def is_shared(arr: Any) -> bool:
    """Whether an array's memory is that of a shared block."""
    import numpy
    while isinstance(arr.base, numpy.ndarray):
        arr = arr.base
    if isinstance(arr.base, _Block):
        return True
    return (arr.base is None and arr.nbytes >= 1 << 20
            and arr.flags.owndata and _by_shared(arr))


def _by_shared(arr: Any) -> bool:
    from ._numpy import table
    return table().name_of(arr) == "shared"

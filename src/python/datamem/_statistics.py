# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Statistics, and giving memory back."""

import ctypes
from typing import Any, Union

from . import _arguments
from ._library import CStats, filled, lib
from ._stats_table import ClassStats, Stats


def stats() -> Stats:
    """Take a snapshot of the library's counters; two can be subtracted."""
    raw = filled(lib.datamem_stats_get, CStats)
    values = [getattr(raw, name) for name in Stats._fields[:-1]]
    classes = tuple(
        ClassStats(*[getattr(entry, name) for name in ClassStats._fields])
        for entry in raw.classes if entry.size)
    return Stats._make(values + [classes])


def peak_reset() -> None:
    """Set peak_bytes to the present live_bytes."""
    lib.datamem_peak_reset()


def _find_malloc_trim() -> Any:
    try:
        function = ctypes.CDLL(None).malloc_trim
    except AttributeError:
        return None
    function.argtypes = [ctypes.c_size_t]
    return function


# Of the C library, where it is glibc.
_malloc_trim = _find_malloc_trim()


def trim(keep_bytes: Union[int, str] = 0, heap: bool = True) -> int:
    """Give free memory back to the kernel.

    keep_bytes: free bytes of the library to keep for reuse.
    heap: trim the heaps of the C library, too (malloc_trim(3)): Python's larger
        objects and other libraries have their memory there.

    Returns the bytes that the library gave back; the C library tells none.
    """
    keep = _arguments.size("keep_bytes", keep_bytes)
    if _arguments.flag("heap", heap) and _malloc_trim is not None:
        _malloc_trim(0)
    return lib.datamem_trim(keep)

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Arrays whose data lie at a multiple of an alignment, and sparse ones."""

import ctypes
import errno
from typing import Any, Union

from . import _arguments
from ._library import lib
from ._numpy import table


def _make(function: str, shape: Any, dtype: Any, order: str,
          alignment: Union[int, str], lazy: bool = False) -> Any:
    alignment = _arguments.size("alignment", alignment)
    import numpy
    address = lib.datamem_handler_aligned(alignment)
    if address and lazy:
        address = lib.datamem_handler_find(b"datamem_lazy_%d" % alignment)
    if not address:
        if ctypes.get_errno() == errno.ENOMEM:
            raise MemoryError("no memory for a handler")
        raise ValueError("alignment %r is not a power of two up to 2 MiB"
                         % (alignment,))
    api = table()
    previous = api.set(api.capsule_at(address))
    try:
        return getattr(numpy, function)(shape, dtype=dtype, order=order)
    finally:
        api.set(previous)


def empty(shape: Any, dtype: Any = float, order: str = "C", *,
          alignment: Union[int, str] = 64) -> Any:
    """numpy.empty() with data at a multiple of alignment.

    alignment: in bytes, a power of two from 1 to 2 MiB; also '4KiB'.  ndarray.resize()
    keeps it.  Needs no install().
    """
    return _make("empty", shape, dtype, order, alignment)


def zeros(shape: Any, dtype: Any = float, order: str = "C", *,
          alignment: Union[int, str] = 64, lazy: bool = False) -> Any:
    """numpy.zeros() with data at a multiple of alignment, see empty().

    lazy: for an array that stays mostly unwritten.  Only the pages that are
    written take memory, as with NumPy's own allocator; filling it takes about
    five times as long.
    """
    return _make("zeros", shape, dtype, order, alignment, lazy)

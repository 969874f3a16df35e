# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The counts of capsules: whether anybody but us has one.

With the global lock its count says so.  Without the lock the thread that has
made an object counts apart from all others, and the sum of the two is not one
number: a reference that comes here and goes there may be seen in neither.  So
our capsules are counted in one place from their beginning, as objects are that
their maker has given up.
"""

import ctypes
import sys
from ctypes import c_size_t, c_ssize_t, c_uint8, c_uint16, c_uint32, \
    c_void_p, py_object
from typing import Any, Dict

# As it is built; sysconfig says the same and takes milliseconds for it.
FREE_THREADED = "t" in sys.abiflags


def make_immortal(capsule: Any) -> None:
    """What is kept for ever needs no count, where counting costs.

    Without the global lock each array of another thread than the capsule's would
    change that count twice, in one line of the cache for all of them.  NumPy's own
    capsule is immortal there, too.
    """
    if FREE_THREADED:
        api = ctypes.pythonapi
        try:
            api.PyUnstable_SetImmortal(py_object(capsule))
        except AttributeError:
            # Before Python 3.15: a count above 32 bits is taken for one.
            api._Py_SetRefcnt(py_object(capsule), c_ssize_t(1 << 32))


class _Header(ctypes.Structure):
    """Of an object without the global lock: struct _object, from 3.13 on."""

    _fields_ = [("owner", c_size_t), ("flags", c_uint16), ("mutex", c_uint8),
                ("gc", c_uint8), ("local", c_uint32), ("shared", c_ssize_t),
                ("type", c_void_p)]


# Two bits of flags, and above them the count.
_SHIFT, _MERGED = 2, 3
_ONE = 1 << _SHIFT | _MERGED


def count_exactly(capsule: Any) -> bool:
    """Of a capsule that nobody else has yet: have alone() tell it.

    False: this Python is another one than is known here.
    """
    if not FREE_THREADED:
        return True
    sample = object()
    mine = _Header.from_address(id(sample))
    header = _Header.from_address(id(capsule))
    known = (header.owner == mine.owner and header.shared == 0
             and 0 < header.local < 100 and header.type == id(type(capsule)))
    if known:       # nothing here takes or drops a reference to it
        header.shared = header.local << _SHIFT | _MERGED
        header.local = 0
        header.owner = 0
    return known


def _count(value: Any) -> int:
    return sys.getrefcount(value)


_sample: Dict[int, Any] = {0: object()}
_ALONE = max(_count(value) for value in _sample.values())


def alone(capsules: Dict[int, Any]) -> bool:
    """Whether nobody but this dict has one of its values; each must have been
    given to count_exactly(), and nobody may take one out of it meanwhile."""
    if FREE_THREADED:
        addresses = [id(value) for value in capsules.values()]
        return all(_Header.from_address(address).shared == _ONE
                   for address in addresses)
    return all(_count(value) <= _ALONE for value in capsules.values())

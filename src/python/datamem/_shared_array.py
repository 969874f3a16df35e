# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The class of shared arrays.  Apart, as NumPy is imported here."""

import functools
from typing import Any

import numpy


def _ordinary(name: str) -> Any:
    """A method of numpy.ndarray, the array being an ordinary one."""
    original = getattr(numpy.ndarray, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        plain = numpy.asarray(self)
        found = original(plain, *args, **kwargs)
        return self if found is plain else found    # no copy was made
    return method


class SharedArray(numpy.ndarray):
    """An array of datamem.share(), or one that a worker has got.

    What ufuncs and most methods compute or copy from one is an ordinary
    numpy.ndarray; functions that keep subclasses (zeros_like, roll) keep this one.
    """

    _writable = False

    def __array_finalize__(self, other: Any) -> None:
        self._writable = getattr(other, "_writable", False)

    def __array_wrap__(self, arr: Any, context: Any = None,
                       return_scalar: bool = False) -> Any:
        if arr is self:
            return arr
        if return_scalar or arr.shape == ():
            return arr[()]
        return arr.view(numpy.ndarray)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        # Of a list or a mask: a copy.
        if type(found) is SharedArray \
                and not numpy.may_share_memory(found, self):
            return found.view(numpy.ndarray)
        return found

    # Methods of which NumPy makes arrays of this class, with memory of their own.
    __copy__ = _ordinary("__copy__")
    __deepcopy__ = _ordinary("__deepcopy__")
    argmax = _ordinary("argmax")
    argmin = _ordinary("argmin")
    argpartition = _ordinary("argpartition")
    argsort = _ordinary("argsort")
    astype = _ordinary("astype")
    byteswap = _ordinary("byteswap")
    compress = _ordinary("compress")
    copy = _ordinary("copy")
    dot = _ordinary("dot")
    flatten = _ordinary("flatten")
    repeat = _ordinary("repeat")
    take = _ordinary("take")

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Wherever that is read: without this class, and with the bytes.
        return numpy.asarray(self).__reduce_ex__(protocol)

    def __reduce__(self) -> Any:
        return numpy.asarray(self).__reduce__()

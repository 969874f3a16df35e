# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Arrays that are made as one wishes: aligned, sparse, on a node, faulted in.

They take what numpy's functions of these names take, but for device, subok and
like, and need no install().
"""

import contextlib
import ctypes
import errno
from typing import Any, Callable, Iterator, NamedTuple, Optional, Union

from . import _arguments, _current
from ._hugepages import extent
from ._library import lib
from ._locks import new_lock
from ._numpy import table
from ._settings import settings

_Size = Union[int, str]

#: Alignment of arrays of which nothing is said.
_NATURAL = 64

_advice = new_lock()


@contextlib.contextmanager
def _advised() -> Iterator[None]:
    """Have the library ask for huge pages, also where it is set not to."""
    with _advice, contextlib.ExitStack() as changed:
        with contextlib.suppress(PermissionError):  # live control's word
            if not lib.datamem_hugepage_advice():
                changed.enter_context(settings(hugepage="on"))
        yield


class _Wish(NamedTuple):
    """The arguments that all functions take, checked against each other."""

    capsule: Any
    zeroed: bool                # the handler makes what is wished of zeros
    hugepage: Optional[bool]
    prefault: bool

    def make(self, function: Callable[[], Any]) -> Any:
        """Call it with the handler."""
        numpy = table()
        capsule, previous = _current.counted(self.capsule), numpy.get()
        try:
            numpy.set(capsule)
            if self.hugepage:
                with _advised():
                    return function()
            return function()
        finally:
            numpy.set(previous)


def _handler_for(alignment: int, lazy: bool) -> Any:
    address = lib.datamem_handler_aligned(alignment)
    if address and lazy:
        address = lib.datamem_handler_find(b"datamem_lazy_%d" % alignment)
    if not address:
        if ctypes.get_errno() == errno.ENOMEM:
            raise MemoryError("no memory for a handler")
        raise ValueError("alignment %r is not a power of two up to 2 MiB"
                         % (alignment,))
    return table().capsule_at(address)


def _handler_of_node(node: int) -> Any:
    try:
        return table().capsule("datamem_node_%d" % node)
    except ValueError:
        raise ValueError("node: this machine has no memory node %d"
                         % node) from None


def _exclude(**both: bool) -> None:
    if all(both.values()):
        raise ValueError("%s and %s exclude each other" % tuple(
            name.replace("_", "=") for name in both))


def _wish(alignment: Optional[_Size], lazy: bool, hugepage: Optional[bool],
          node: Optional[int], prefault: bool,
          handler: Optional[str]) -> _Wish:
    lazy = _arguments.flag("lazy", lazy)
    prefault = _arguments.flag("prefault", prefault)
    if hugepage is not None:
        hugepage = _arguments.flag("hugepage", hugepage)
    if node is not None:
        node = _arguments.node("node", node)
    align = None if alignment is None else _arguments.size("alignment",
                                                           alignment)
    small = lazy or hugepage is False
    _exclude(lazy=lazy, prefault=prefault)
    _exclude(lazy=lazy, hugepage_True=hugepage is True)
    _exclude(lazy=lazy, node=node is not None)
    _exclude(node=node is not None, hugepage_False=hugepage is False)
    if handler is not None:
        _arguments.name_of_handler("handler", handler)
        _exclude(handler=True, alignment=align is not None)
        _exclude(handler=True, lazy=lazy)
        _exclude(handler=True, hugepage_False=hugepage is False)
        _exclude(handler=True, node=node is not None)
        capsule = table().capsule(handler)
    else:
        capsule = _handler_for(_NATURAL if align is None else align, small)
        if node is not None:    # multiples of 2 MiB, so of all alignments
            capsule = _handler_of_node(node)
    return _Wish(capsule, small, hugepage, prefault)


def _fault(arr: Any, hugepage: Optional[bool]) -> None:
    """Write to each page, without a change."""
    import numpy
    address, nbytes = extent(arr)
    if not nbytes or arr.dtype.hasobject:
        return
    pages = numpy.frombuffer((ctypes.c_char * nbytes).from_address(address),
                             dtype=numpy.uint8)
    pages[::4096] = 0
    pages[-1:] = 0
    if hugepage:
        lib.datamem_promote(address, nbytes)


def _empty(wish: _Wish, shape: Any, dtype: Any, order: str) -> Any:
    import numpy
    function = numpy.zeros if wish.zeroed else numpy.empty
    arr = wish.make(lambda: function(shape, dtype=dtype, order=order))
    if wish.prefault:
        _fault(arr, wish.hugepage)
    return arr


def _zeros(wish: _Wish, shape: Any, dtype: Any, order: str) -> Any:
    import numpy
    arr = wish.make(lambda: numpy.zeros(shape, dtype=dtype, order=order))
    if wish.prefault:
        _fault(arr, wish.hugepage)
    return arr


def _full(wish: _Wish, shape: Any, value: Any, dtype: Any, order: str) -> Any:
    import numpy
    if dtype is None:
        dtype = numpy.asarray(value).dtype
    arr = _empty(wish._replace(prefault=False), shape, dtype, order)
    numpy.copyto(arr, value, casting="unsafe")
    if wish.prefault and wish.hugepage:
        lib.datamem_promote(*extent(arr))
    return arr


def _like(make: Callable[..., Any], wish: _Wish, prototype: Any, dtype: Any,
          order: str, shape: Any, *value: Any) -> Any:
    import numpy
    prototype = numpy.asarray(prototype)
    # As numpy takes them.
    order = "K" if order is None else order
    order = order.upper() if isinstance(order, str) else order
    dtype = prototype.dtype if dtype is None else dtype
    flags = prototype.flags
    alike = shape is None or numpy.broadcast_to(0, shape).ndim \
        == prototype.ndim
    if order == "A" or (order == "K" and alike):
        odd = order == "K" and not (flags.c_contiguous or flags.f_contiguous)
        if odd and not wish.zeroed:
            # The layout is for numpy to say.
            arr = wish.make(lambda: numpy.empty_like(
                prototype, dtype, order, False, shape))
            if make is not _empty:
                numpy.copyto(arr, value[0] if value else
                             numpy.zeros(1, arr.dtype), casting="unsafe")
            elif wish.prefault:
                _fault(arr, wish.hugepage)
            return arr
        order = "F" if flags.f_contiguous and not flags.c_contiguous else "C"
    elif order == "K":
        order = "C"
    return make(wish, prototype.shape if shape is None else shape,
                *value, dtype, order)


def empty(shape: Any, dtype: Any = float, order: str = "C", *,
          alignment: Optional[_Size] = None, lazy: bool = False,
          hugepage: Optional[bool] = None, node: Optional[int] = None,
          prefault: bool = False, handler: Optional[str] = None) -> Any:
    """numpy.empty() with data as they are wished.

    alignment: data at a multiple of it: bytes, a power of two up to 2 MiB; also
        '4KiB'.  None: 64.  ndarray.resize() keeps it.
    lazy: for an array that stays mostly unwritten.  It is zero, and only pages
        that are written take memory; to fill it takes about five times as long.
        An odd layout is not kept by empty_like() and its family, but made C's,
        as with hugepage=False.
    hugepage: True asks for huge pages, also where the setting hugepage is off;
        with prefault, what did not come is collapsed.  False: without them.
        receipt() tells what came.
    node: memory of this node alone.  The array has a mapping of its own, which
        goes when it is freed.
    prefault: write to all pages now.
    handler: the handler of this name makes it, without the other wishes but
        prefault.
    """
    return _empty(_wish(alignment, lazy, hugepage, node, prefault, handler),
                  shape, dtype, order)


def zeros(shape: Any, dtype: Any = float, order: str = "C", *,
          alignment: Optional[_Size] = None, lazy: bool = False,
          hugepage: Optional[bool] = None, node: Optional[int] = None,
          prefault: bool = False, handler: Optional[str] = None) -> Any:
    """numpy.zeros(), with the wishes of empty()."""
    return _zeros(_wish(alignment, lazy, hugepage, node, prefault, handler),
                  shape, dtype, order)


def ones(shape: Any, dtype: Any = float, order: str = "C", *,
         alignment: Optional[_Size] = None, lazy: bool = False,
         hugepage: Optional[bool] = None, node: Optional[int] = None,
         prefault: bool = False, handler: Optional[str] = None) -> Any:
    """numpy.ones(), with the wishes of empty()."""
    return _full(_wish(alignment, lazy, hugepage, node, prefault, handler),
                 shape, 1, dtype, order)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *,
         alignment: Optional[_Size] = None, lazy: bool = False,
         hugepage: Optional[bool] = None, node: Optional[int] = None,
         prefault: bool = False, handler: Optional[str] = None) -> Any:
    """numpy.full(), with the wishes of empty()."""
    return _full(_wish(alignment, lazy, hugepage, node, prefault, handler),
                 shape, fill_value, dtype, order)


def empty_like(prototype: Any, dtype: Any = None, order: str = "K",
               shape: Any = None, *, alignment: Optional[_Size] = None,
               lazy: bool = False, hugepage: Optional[bool] = None,
               node: Optional[int] = None, prefault: bool = False,
               handler: Optional[str] = None) -> Any:
    """numpy.empty_like(), with the wishes of empty(); always an ndarray."""
    return _like(_empty, _wish(alignment, lazy, hugepage, node, prefault,
                               handler), prototype, dtype, order, shape)


def zeros_like(a: Any, dtype: Any = None, order: str = "K",
               shape: Any = None, *, alignment: Optional[_Size] = None,
               lazy: bool = False, hugepage: Optional[bool] = None,
               node: Optional[int] = None, prefault: bool = False,
               handler: Optional[str] = None) -> Any:
    """numpy.zeros_like(), with the wishes of empty(); always an ndarray."""
    return _like(_zeros, _wish(alignment, lazy, hugepage, node, prefault,
                               handler), a, dtype, order, shape)


def ones_like(a: Any, dtype: Any = None, order: str = "K",
              shape: Any = None, *, alignment: Optional[_Size] = None,
              lazy: bool = False, hugepage: Optional[bool] = None,
              node: Optional[int] = None, prefault: bool = False,
              handler: Optional[str] = None) -> Any:
    """numpy.ones_like(), with the wishes of empty(); always an ndarray."""
    return _like(_full, _wish(alignment, lazy, hugepage, node, prefault,
                              handler), a, dtype, order, shape, 1)


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K",
              shape: Any = None, *, alignment: Optional[_Size] = None,
              lazy: bool = False, hugepage: Optional[bool] = None,
              node: Optional[int] = None, prefault: bool = False,
              handler: Optional[str] = None) -> Any:
    """numpy.full_like(), with the wishes of empty(); always an ndarray."""
    return _like(_full, _wish(alignment, lazy, hugepage, node, prefault,
                              handler), a, dtype, order, shape, fill_value)

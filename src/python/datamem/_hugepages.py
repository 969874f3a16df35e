# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Huge pages: whether the kernel gives them, which arrays have them."""

from typing import Any, NamedTuple, Optional, Tuple

from . import _arguments
from ._library import CProbe, CReceipt, SIZE_MAX, filled, lib, \
    loaded_file, text, version

_MODES = ("unknown", "never", "madvise", "always", "inherit", "defer",
          "defer+madvise")


def _mode(value: int) -> str:
    return _MODES[value] if 0 <= value < len(_MODES) else "?"


class Probe(NamedTuple):
    """Whether this machine gives huge pages, and why not."""

    state: str              #: active, mthp, not-arriving, denied, off, unknown
    reason: str             #: empty: nothing is missing
    page_size: int
    hugepage_size: int      #: 0: the kernel names none
    arrived_size: int       #: page size that the test received; 0: unknown
    mode: str               #: /sys/kernel/mm/transparent_hugepage/enabled
    size_mode: str
    defrag: str
    release: str            #: of the running kernel
    advice: bool            #: the library advises now
    recorded: bool          #: of another machine, see DATAMEM_SYSROOT
    cgroup_limit: Optional[int]
    ram: int
    library: str            #: the file of libdatamem that asked
    library_version: str


def probe() -> Probe:
    """Find out, once, what the running kernel gives, and report it."""
    raw = filled(lib.datamem_hugepage_probe_get, CProbe)
    limit = raw.cgroup_limit
    return Probe(
        text(lib.datamem_hugepage_state_name(raw.state)),
        _reason(raw.reason), raw.page_size, raw.hugepage_size,
        raw.arrived_size, _mode(raw.mode), _mode(raw.size_mode),
        _mode(raw.defrag), text(raw.release), raw.advice, raw.recorded,
        None if limit == 2 ** 64 - 1 else limit, raw.ram,
        loaded_file(), version)


class Receipt(NamedTuple):
    """How much of an array huge pages really back; all in bytes."""

    asked: int
    eligible: int           #: could be backed by huge pages
    advised: int            #: of these, in memory that was advised
    backed: Optional[int]   #: of these, backed now; None: cannot be known
    reason: str             #: why not all; empty: nothing is missing


def _reason(reason: int) -> str:
    return text(lib.datamem_hugepage_reason_text(reason)) if reason else ""


def extent(arr: Any) -> Tuple[int, int]:
    """First address and length of what an array's elements span."""
    if arr.size == 0:
        return arr.ctypes.data, 0
    low = high = 0
    for length, stride in zip(arr.shape, arr.strides):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return arr.ctypes.data + low, high - low + arr.itemsize


def receipt(arr: Any) -> Receipt:
    """Ask the kernel how much of an array is backed by huge pages.

    For a view that has gaps, the gaps are included.
    """
    address, nbytes = extent(_arguments.array("arr", arr))
    if nbytes == 0:
        return Receipt(0, 0, 0, 0, "")
    raw = filled(lib.datamem_hugepage_receipt_get, CReceipt, address, nbytes)
    return Receipt(raw.asked, raw.eligible, raw.advised,
                   None if raw.backed == SIZE_MAX else raw.backed,
                   _reason(raw.reason))

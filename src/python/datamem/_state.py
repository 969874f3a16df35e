# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What the library tells and takes: statistics, settings, huge pages."""

import errno
import os
from collections.abc import Mapping
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, \
    Union

from ._library import CProbe, CReceipt, CStats, SettingVisit, SIZE_MAX, \
    filled, lib


class ClassStats(NamedTuple):
    """Counters of one class of small blocks."""

    size: int               #: bytes a block
    live_blocks: int
    cached_blocks: int
    hits: int
    misses: int


class Stats(NamedTuple):
    """A snapshot of the library's counters; datamem_stats_get(3) says more."""

    live_bytes: int         #: in the hands of arrays
    live_blocks: int
    peak_bytes: int         #: most live_bytes since the start
    small_bytes: int        #: the part of live_bytes in small blocks
    cached_bytes: int       #: free small blocks in threads' caches
    mapped_bytes: int       #: mapped by the library for blocks
    held_bytes: int         #: of it, resident or about to be
    retained_bytes: int     #: free, kept for reuse
    lazy_bytes: int         #: free, kept, the kernel may take it
    meta_bytes: int         #: the library's own records
    advised_bytes: int      #: mapped, eligible for huge pages
    hugetlb_bytes: int      #: of it, from the pool of explicit ones
    purged_bytes: int       #: given back to the kernel so far
    allocs: int
    frees: int
    hits: int               #: small allocations served by a cache
    misses: int
    large_hits: int         #: large ones served by warm memory
    large_misses: int
    faults_avoided: int     #: page faults that warm memory spared
    resizes_in_place: int
    resizes_moved: int
    resizes_copied: int
    failed_allocs: int
    limit_failures: int
    foreign_pointers: int
    double_frees: int
    large_hints: int
    leaked_blocks: int
    overruns: int
    uses_after_free: int
    threads: int
    mappings: int
    classes: Tuple[ClassStats, ...]


def stats() -> Stats:
    """Take a snapshot of the library's counters."""
    raw = filled(lib.datamem_stats_get, CStats)
    values = [getattr(raw, name) for name in Stats._fields[:-1]]
    classes = tuple(
        ClassStats(*[getattr(entry, name) for name in ClassStats._fields])
        for entry in raw.classes if entry.size)
    return Stats._make(values + [classes])


def peak_reset() -> None:
    """Set peak_bytes to the present live_bytes."""
    lib.datamem_peak_reset()


def trim(keep_bytes: int = 0) -> int:
    """Give free memory back to the kernel, but for keep_bytes; bytes given."""
    return lib.datamem_trim(keep_bytes)


class Setting(NamedTuple):
    """One setting, as `datamem-ctl settings` shows it."""

    name: str
    value: str
    default: str
    origin: str                 #: built-in, environment, program or control
    environment: Optional[str]  #: the variable that sets it
    values: str                 #: what it accepts
    meaning: str
    note: Optional[str]         #: what keeps the value from acting now


_ORIGINS = ("built-in", "environment", "program", "control")


def _text(value: Optional[bytes]) -> Any:
    return None if value is None else value.decode("utf-8", "replace")


def _as_text(value: Union[str, int, bool]) -> bytes:
    if isinstance(value, bool):
        return b"on" if value else b"off"
    return str(value).encode()


class Settings(Mapping):
    """The library's settings: a mapping of names to values, as text.

    settings["limit.max"] = "2G" changes one; libdatamem(7) lists them all.
    """

    def __init__(self) -> None:
        #: What was changed here, for processes that start anew.
        self.changed: Dict[str, str] = {}

    def _all(self) -> List[Setting]:
        found: List[Setting] = []

        def visit(entry, _arg):
            s = entry[0]
            found.append(Setting(
                _text(s.name), _text(s.value), _text(s.default_value),
                _ORIGINS[s.origin] if s.origin < len(_ORIGINS) else "?",
                _text(s.environment), _text(s.values), _text(s.meaning),
                _text(s.note)))
            return 0

        error = lib.datamem_setting_foreach(SettingVisit(visit), None)
        if error:
            raise OSError(-error, os.strerror(-error))
        return found

    def describe(self, name: str) -> Setting:
        """All that is known of one setting."""
        for setting in self._all():
            if setting.name == name:
                return setting
        raise KeyError(name)

    def __getitem__(self, name: str) -> str:
        return self.describe(name).value

    def __setitem__(self, name: str, value: Union[str, int, bool]) -> None:
        text = _as_text(value)
        # C would see what stands before a NUL, and take that.
        if "\0" in name:
            raise KeyError(name)
        if b"\0" in text:
            raise ValueError("%s: a value has no NUL" % name)
        error = -lib.datamem_setting_set(name.encode(), text)
        if error == errno.ENOENT:
            raise KeyError(name)
        if error == errno.EPERM:
            raise PermissionError(errno.EPERM, "live control has set it", name)
        if error:
            raise ValueError("%s=%s: not one of its values (%s)" % (
                name, text.decode(), self.describe(name).values))
        self.changed[name] = text.decode()

    def update(self, values: Dict[str, str]) -> None:
        """Change several."""
        for name, value in values.items():
            self[name] = value

    def __iter__(self) -> Iterator[str]:
        return iter([setting.name for setting in self._all()])

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return "Settings(%r)" % dict(self)


settings = Settings()

_MODES = ("unknown", "never", "madvise", "always", "inherit", "defer",
          "defer+madvise")


def _mode(value: int) -> str:
    return _MODES[value] if 0 <= value < len(_MODES) else "?"


class Probe(NamedTuple):
    """What this machine gives, and why not; see datamem-ctl probe."""

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


def probe() -> Probe:
    """Find out, once, what the running kernel gives, and report it."""
    raw = filled(lib.datamem_hugepage_probe_get, CProbe)
    limit = raw.cgroup_limit
    return Probe(
        _text(lib.datamem_hugepage_state_name(raw.state)),
        _reason(raw.reason), raw.page_size, raw.hugepage_size,
        raw.arrived_size, _mode(raw.mode), _mode(raw.size_mode),
        _mode(raw.defrag), _text(raw.release), raw.advice, raw.recorded,
        None if limit == 2 ** 64 - 1 else limit, raw.ram)


class Receipt(NamedTuple):
    """How much of an array huge pages really back; all in bytes."""

    asked: int
    eligible: int           #: could be backed by huge pages
    advised: int            #: of these, in memory that was advised
    backed: Optional[int]   #: of these, backed now; None: cannot be known
    reason: str             #: why not all; empty: nothing is missing


def _reason(reason: int) -> str:
    return _text(lib.datamem_hugepage_reason_text(reason)) if reason else ""


def _extent(arr: Any) -> Tuple[int, int]:
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
    address, nbytes = _extent(arr)
    if nbytes == 0:
        return Receipt(0, 0, 0, 0, "")
    raw = filled(lib.datamem_hugepage_receipt_get, CReceipt, address, nbytes)
    return Receipt(raw.asked, raw.eligible, raw.advised,
                   None if raw.backed == SIZE_MAX else raw.backed,
                   _reason(raw.reason))

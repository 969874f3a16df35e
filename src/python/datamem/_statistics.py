# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Statistics, and giving memory back."""

from typing import Union

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


def trim(keep_bytes: Union[int, str] = 0) -> int:
    """Give free memory back to the kernel, but for keep_bytes; bytes given."""
    return lib.datamem_trim(_arguments.size("keep_bytes", keep_bytes))

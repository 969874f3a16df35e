# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What the library has done for this process, in ten lines."""

import sys
from typing import Any, List, Optional

from . import _handlers, _switch
from ._arguments import size_text, writable, wrong_type
from ._hugepages import probe
from ._statistics import stats
from ._stats_table import Stats


def _share(part: int, whole: int) -> str:
    return "%.1f %%" % (100 * part / whole) if whole else "-"


def huge_bytes() -> Optional[int]:
    """Bytes of this process that huge pages back now; None: unknown."""
    try:
        with open("/proc/self/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("AnonHugePages:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def _huge_text() -> str:
    nbytes = huge_bytes()
    return "unknown" if nbytes is None else size_text(nbytes)


def _handler() -> str:
    if "numpy" not in sys.modules:
        return "%s (NumPy was not imported)" % (
            _handlers.installed() or (
                _switch.chosen_handler() if _handlers.is_waiting()
                else "none"))
    if _handlers.installed() is None:
        return "%s (nothing is installed)" % _handlers.handler_name()
    return str(_handlers.installed())


def lines(since: Optional[Stats] = None) -> List[str]:
    """The lines; since: a snapshot from which to count."""
    now = stats()
    s = now - since if since is not None else now
    huge = probe()
    found = [
        ("handler", _handler()),
        ("allocations", "%d, freed %d, failed %d"
         % (s.allocs, s.frees, s.failed_allocs)),
        ("small, from a cache", _share(s.hits, s.hits + s.misses)),
        ("large, from warm memory", _share(
            s.large_hits, s.large_hits + s.large_misses)),
        ("page faults avoided", "%d" % s.faults_avoided),
        ("resizes", "%d in place, %d moved, %d copied" % (
            s.resizes_in_place, s.resizes_moved, s.resizes_copied)),
        ("peak of live data", "%s, now %s"
         % (size_text(now.peak_bytes), size_text(now.live_bytes))),
        ("mapped", "%s, advised %s" % (
            size_text(now.mapped_bytes),
            _share(now.advised_bytes, now.mapped_bytes))),
        ("in huge pages now", _huge_text()),
        ("huge pages", huge.state + (
            " (%s)" % huge.reason if huge.reason else "")),
    ]
    # Nobody should have to look for these.
    for name in ("foreign_pointers", "double_frees", "large_hints",
                 "overruns", "uses_after_free"):
        if getattr(now, name):
            found.append((name.replace("_", " "), "%d" % getattr(now, name)))
    return ["%-24s %s" % line for line in found]


def report(since: Optional[Stats] = None, file: Any = None) -> None:
    """Print what the library has done for this process, in ten lines.

    since: a snapshot of stats(), to count from there on.
    file: where to print it; standard output.
    """
    if since is not None and not isinstance(since, Stats):
        raise wrong_type("since", "a snapshot of stats()", since)
    writable("file", file)
    print("\n".join(lines(since)), file=file)

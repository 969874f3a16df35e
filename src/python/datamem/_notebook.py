# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""%load_ext datamem: magics for IPython, and so for JupyterLab.

Needs no module of IPython: the shell hands over all that is used.
"""

import ast
import html
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

from . import _handlers, _profile
from ._arguments import size_text
from ._library import CStats, filled, lib
from ._report import huge_bytes, lines
from ._scopes import Scope, scope
from ._status import status

_INTERVAL = 0.005       # seconds, at first
_POINTS = 400           # above this every second one goes
_WIDTH, _HEIGHT = 480, 120
_BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


class _Watch:
    """Samples live and held memory while a cell runs, on a thread."""

    def __init__(self, counted: Scope) -> None:
        self.points: List[Tuple[float, int, int]] = []
        self._counted = counted
        self._interval = _INTERVAL
        self._begin = time.perf_counter()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True,
                                        name="datamem plot")

    def look(self) -> None:
        raw = filled(lib.datamem_stats_get, CStats)
        # Of the library; or, with NumPy's own allocator, of the cell alone.
        live = max(raw.live_bytes, self._counted.live)
        self.points.append((time.perf_counter() - self._begin, live,
                            raw.held_bytes))
        if len(self.points) > _POINTS:
            del self.points[1:-1:2]
            self._interval *= 2

    def _run(self) -> None:
        while not self._end.wait(self._interval):
            self.look()

    def start(self) -> None:
        self.look()
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        self.look()


def sparkline(values: List[int], width: int = 60) -> str:
    """Values as a line of bars; the highest of those that share a place."""
    top = max(values, default=0) or 1
    places = min(width, len(values))
    return "".join(
        _BARS[-(-max(values[i * len(values) // places:
                            (i + 1) * len(values) // places])
                * (len(_BARS) - 1) // top)]
        for i in range(places))


def _path(points: List[Tuple[float, int]], end: float, top: int) -> str:
    return " ".join("%.1f,%.1f" % (
        _WIDTH * at / end, _HEIGHT - (_HEIGHT - 4) * value / top)
        for at, value in points)


def svg(points: List[Tuple[float, int, int]]) -> str:
    """A plot of live and held over the cell."""
    end = points[-1][0] or 1.0
    top = max(max(live, held) for _, live, held in points) or 1
    held = _path([(at, held) for at, _, held in points], end, top)
    live = _path([(at, live) for at, live, _ in points], end, top)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d"'
        ' height="%d" viewBox="0 0 %d %d" font-family="sans-serif"'
        ' font-size="11"><title>live and held memory over the cell</title>'
        '<rect width="%d" height="%d" fill="none" stroke="#bbb"/>'
        '<polygon points="0,%d %s %d,%d" fill="#9cc3e6" fill-opacity="0.5"/>'
        '<polyline points="%s" fill="none" stroke="#888"'
        ' stroke-dasharray="4 2"/>'
        '<polyline points="%s" fill="none" stroke="#1f77b4"'
        ' stroke-width="1.5"/>'
        '<text x="4" y="%d" fill="#777">%s, live (blue) and held (dashed)'
        '</text><text x="%d" y="%d" text-anchor="end" fill="#777">%.2f s'
        '</text></svg>' % (
            _WIDTH, _HEIGHT + 18, _WIDTH, _HEIGHT + 18, _WIDTH, _HEIGHT,
            _HEIGHT, live, _WIDTH, _HEIGHT, held, live, _HEIGHT + 14,
            "up to " + size_text(top), _WIDTH - 4, _HEIGHT + 14, end))


class _Lines:
    """The lines of a cell that allocate, by the profile that is being taken."""

    _MOST = 10

    def __init__(self, source: str, path: str) -> None:
        self._source = source.splitlines()
        self._path = path
        self._before = _profile.lines_of(path) or {}
        self.rows: List[Tuple[int, int, int, str]] = []

    def stop(self) -> None:
        for number, row in (_profile.lines_of(self._path) or {}).items():
            before = self._before.get(number, {"allocated": 0, "live": 0})
            allocated = row["allocated"] - before["allocated"]
            if allocated <= 0 or not 0 < number <= len(self._source):
                continue
            self.rows.append((allocated, row["live"] - before["live"], number,
                              self._source[number - 1].strip()))
        self.rows.sort(reverse=True)
        del self.rows[self._MOST:]

    def table(self) -> str:
        if not self.rows:
            return ""
        return "\n".join(["%11s %11s %5s  %s" % ("allocated", "kept", "line",
                                                 "by the profile, about")] + [
            "%11s %11s %5d  %.60s" % (size_text(allocated),
                                      size_text(max(kept, 0)), number, text)
            for allocated, kept, number, text in self.rows])


class Cell:
    """What a cell has done, for display in a notebook or a terminal."""

    def __init__(self, counted: Scope, watch: _Watch, faults: int,
                 huge: Tuple[Optional[int], Optional[int]],
                 lines: Optional[_Lines] = None) -> None:
        self.scope = counted
        self._lines = lines
        self.points = watch.points
        self.faults_avoided = faults
        self.huge, self.huge_before = huge

    def _rows(self) -> List[Tuple[str, str]]:
        s = self.scope
        huge = "unknown"
        if self.huge is not None and self.huge_before is not None:
            huge = "%s, %s by this cell" % (
                size_text(self.huge), size_text(self.huge - self.huge_before))
        rows = [("allocated", "%s in %d calls" % (size_text(s.allocated),
                                                  s.calls)),
                ("peak", size_text(s.peak)), ("kept", size_text(s.kept)),
                ("in huge pages", huge),
                ("page faults avoided", "%d" % self.faults_avoided)]
        if s.failed:
            rows.append(("failed", "%d" % s.failed))
        if _handlers.handler_name() == "default_allocator":
            rows.append(("note", "arrays are NumPy's own here; %datamem on"
                         " gives them to the library"))
        return rows

    def _inside(self) -> str:
        table = self.scope.table()
        parts = [table if table.count("\n") > 1 else "",
                 self._lines.table() if self._lines else ""]
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        text = ["%-20s %s" % row for row in self._rows()]
        text.append("%-20s %s" % ("live", sparkline(
            [live for _, live, _ in self.points])))
        text.append("%-20s %s" % ("held", sparkline(
            [held for _, _, held in self.points])))
        return "\n".join(text + list(filter(None, [self._inside()])))

    def _repr_html_(self) -> str:
        rows = "".join(
            '<tr><td style="text-align:left">%s</td>'
            '<td style="text-align:left">%s</td></tr>'
            % (html.escape(name), html.escape(value))
            for name, value in self._rows())
        inside = self._inside()
        return "<table>%s</table>%s%s" % (
            rows, svg(self.points),
            "<pre>%s</pre>" % html.escape(inside) if inside else "")


class Report:
    """The lines of report(), for display."""

    def __init__(self, text: List[str]) -> None:
        self._text = "\n".join(text)

    def __repr__(self) -> str:
        return self._text


def _run(shell: Any, source: str, name: str) -> None:
    """Run a cell as the shell does; errors are its caller's.

    Not run_cell(), which reports an error and returns: a notebook that is
    executed by a program would go on.
    """
    tree = ast.parse(source, name)
    value = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        value = ast.Expression(tree.body.pop().value)
    if tree.body:
        exec(compile(tree, name, "exec"), shell.user_ns)
    if value is not None:
        result = eval(compile(value, name, "eval"), shell.user_ns)
        # As IPython has it: no output for a last line that ends in ;
        if not source.rstrip().endswith(";"):
            shell.displayhook(result)


def _display(shell: Any, thing: Any) -> None:
    data, metadata = shell.display_formatter.format(thing)
    shell.display_pub.publish(data=data, metadata=metadata)


def _faults() -> int:
    return filled(lib.datamem_stats_get, CStats).faults_avoided


def _cell(shell: Any, name: str, cell: str) -> None:
    source = shell.transform_cell(cell)
    path = shell.compile.cache(source, shell.execution_count)
    huge, faults = huge_bytes(), _faults()
    counted = scope(name or "cell")
    watch, by_line = _Watch(counted), _Lines(source, path)
    try:
        with counted:
            watch.start()
            _run(shell, source, path)
    finally:
        watch.stop()
        by_line.stop()
        _display(shell, Cell(counted, watch, _faults() - faults,
                             (huge_bytes(), huge), by_line))


def magic(shell: Any, line: str, cell: Optional[str] = None) -> Any:
    """%datamem: a report; %%datamem: what a cell allocates, with a plot.

    %datamem           what the library has done for this process
    %datamem on, off   give new arrays to the library, or back to NumPy
    %datamem status    whether NumPy is really on the library
    %%datamem [NAME]   run the cell and show what it has allocated for arrays,
                       its peak, what is kept, huge pages, page faults avoided,
                       and a plot of live and held memory; while a profile is
                       being taken (datamem.profile()), its lines as well
    """
    word = line.strip()
    if cell is not None:
        return _cell(shell, word, cell)
    if word == "on":
        _handlers.install()
    elif word == "off":
        _handlers.uninstall()
    elif word == "status":
        return status()
    elif word:
        raise ValueError("%%datamem takes on, off or status, not %r" % word)
    else:
        return Report(lines())
    return None


def load(shell: Any) -> None:
    """Have the shell know the magics."""
    def datamem(line: str, cell: Optional[str] = None) -> Any:
        return magic(shell, line, cell)

    datamem.__doc__ = magic.__doc__
    shell.register_magic_function(datamem, "line_cell", "datamem")


def unload(shell: Any) -> None:
    """Have it forget them."""
    for kind in ("line", "cell"):
        functions: Dict[str, Any] = shell.magics_manager.magics.get(kind, {})
        functions.pop("datamem", None)

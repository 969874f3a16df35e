# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Tables and the plot of datamem.bench."""

import shutil
import subprocess
import sys
from typing import Any, Dict, List, Optional

_TITLES = {
    "add": "a + b",
    "expr": "(a*2 + b - 1) * a / (b + 1)",
    "zeros": "np.zeros, then fill",
    "resize": "ndarray.resize to twice the size (beside: a copy)",
    "empty": "np.empty",
    "zeros-small": "np.zeros",
}
_WIDTH = 21


def size_text(nbytes: int) -> str:
    """16 B, 4 KiB, 256 MiB"""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if nbytes >= factor and nbytes % factor == 0:
            return "%d %s" % (nbytes // factor, unit)
    return "%d B" % nbytes


def _time_text(seconds: float) -> str:
    for unit, factor in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * factor:
            return "%.3g %s" % (seconds / factor, unit)
    return "%.3g s" % seconds


def head(machine: Dict[str, Any]) -> str:
    """The machine and the versions of a measurement."""
    return ("%(cpu)s, %(cpus)s CPUs, Linux %(kernel)s, huge pages %(huge_pages)s"
            " (%(mode)s)\nlibdatamem %(libdatamem)s, NumPy %(numpy)s,"
            " Python %(python)s, %(libc)s\nmedian %(time)s; in brackets the ratio to the"
            " same arithmetic with out=, which allocates nothing") % machine


def title(case: str, threads: int, row: Dict[str, Any]) -> str:
    """Above the lines of a case."""
    where = "%d threads at once" % threads if threads else "main thread"
    return "\n%s, %s\n%9s" % (_TITLES[case], where, "array") + "".join(
        "%*s" % (_WIDTH, name) for name in row["results"])


def line(row: Dict[str, Any]) -> str:
    """One size, all contestants."""
    cells = []
    for result in row["results"].values():
        cell = _time_text(result["seconds"])
        if result["out"]:
            cell += " (%5.2f)" % (result["seconds"] / result["out"])
        cells.append("%*s" % (_WIDTH, cell))
    return "%9s" % size_text(row["nbytes"]) + "".join(cells)


def _ratio(result: Dict[str, Any]) -> float:
    return result["seconds"] / result["out"]


def _compared(row: Dict[str, Any]) -> Optional[str]:
    results = row["results"]
    if "datamem" not in results or "numpy" not in results:
        return None
    ours, stock = results["datamem"], results["numpy"]
    text = "%-8s %9s  %5.2f times as fast as stock" % (
        row["case"][:8], size_text(row["nbytes"]),
        stock["seconds"] / ours["seconds"])
    others = {name: result["seconds"] for name, result in results.items()
              if name != "datamem"}
    best = min(others, key=lambda name: others[name])
    text += ", %5.2f of the best other (%s)" % (
        ours["seconds"] / others[best], best)
    if ours["out"]:
        text += ", %5.2f of out= (stock %.2f)" % (_ratio(ours), _ratio(stock))
    return text


def summary(rows: List[Dict[str, Any]]) -> str:
    """libdatamem beside the others, main thread."""
    lines = [text for text in
             [_compared(row) for row in rows if not row["threads"]] if text]
    return "\nlibdatamem, main thread:\n" + "\n".join(lines) if lines else ""


_PLOT = """
set terminal svg size 900,{height} dynamic enhanced background "white"
set output "{output}"
set multiplot layout {count},1
set logscale x 2
set logscale y
set xlabel "array"
set key outside right
set grid
set xtics ({tics})
set yrange [*:*]
"""


def _panel(rows: List[Dict[str, Any]], case: str) -> str:
    rows = [row for row in rows if row["case"] == case and not row["threads"]]
    names = list(rows[0]["results"])
    blocks, plots = [], []
    for index, name in enumerate(names):
        block = "$%s%d << EOD\n" % (case.replace("-", ""), index)
        for row in rows:
            block += "%d %.6g\n" % (row["nbytes"],
                                    _ratio(row["results"][name]))
        blocks.append(block + "EOD\n")
        plots.append("$%s%d using 1:2 with linespoints lw %d title \"%s\"" % (
            case.replace("-", ""), index, 3 if name == "datamem" else 1, name))
    return "".join(blocks) + (
        'set title "%s"\nset ylabel "time / out="\nplot %s\n'
        % (_TITLES[case], ", \\\n ".join(plots)))


def plot(rows: List[Dict[str, Any]], output: str) -> None:
    """Draw the ratios to out= of the main thread, a panel for each case."""
    if not shutil.which("gnuplot"):
        sys.stderr.write("datamem.bench: no plot: gnuplot is not installed\n")
        return
    cases = [case for case in _TITLES if any(
        row["case"] == case and next(iter(row["results"].values()))["out"]
        for row in rows)]
    if not cases:
        return
    sizes = sorted({row["nbytes"] for row in rows if row["case"] in cases})
    tics = ", ".join('"%s" %d' % (size_text(size), size) for size in sizes)
    script = _PLOT.format(output=output, tics=tics, count=len(cases),
                          height=330 * len(cases))
    script += "".join(_panel(rows, case) for case in cases)
    subprocess.run(["gnuplot"], input=script, text=True, check=True)

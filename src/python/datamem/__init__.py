# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""NumPy arrays in libdatamem.

    import datamem
    datamem.install()

and the data of arrays that NumPy makes from then on lie in memory that the
library maps, aligns, backs with huge pages and reuses.  No change to the rest
of the program; `python3 -m datamem script.py` needs none at all, nor does
DATAMEM=numpy in the environment, which reaches every process.  No Python code
runs when NumPy allocates.

    datamem.status()            whether NumPy is really on it
    datamem.report()            what it has done; stats() has the numbers
    datamem.receipt(arr)        the huge pages that an array has
    datamem.zeros(..., lazy=True, node=0, alignment=4096)   and so on
    with datamem.scope("x") as s:                   what a stretch allocates
    with datamem.settings(hugepage="off"):          settings for it
    datamem.share(arr)          workers map it instead of getting a copy
    import datamem.dask         Reference(arr): the same for Dask's tasks, on one
                                machine; Plugin(): workers that run already
    datamem.trim()              give free memory back now
    %load_ext datamem           %datamem and %%datamem, in notebooks

What it costs, and what it does not do:

- Memory of freed arrays stays resident for reuse: it is offered to the kernel
  after about a second (setting retain.age) and given back after ten times that,
  at most retain.max of it.
- Large np.zeros() have huge pages: an array of which one element a MiB is written
  becomes resident as a whole where there is memory for it; zeros(lazy=True) or
  the setting zero.policy=lazy avoids that.
- Arrays alone are moved.  Python's objects, pandas' strings, Arrow's buffers,
  what numba, BLAS and other C code allocate for themselves, and what glibc
  keeps in its heap and in thread arenas stay where they are; trim() trims the
  C library's heaps, too.
- Programs with arrays of a few KiB, or that make arrays once, gain nothing.
- Memory profilers that replace malloc() do not see the arrays; tracemalloc
  does.
- A scope costs some 20 ns for each array made and freed in it.
- Subinterpreters are refused.

See datamem-numpy(7).
"""

import sys

from _datamem_start import say as _say

from ._errors import VERSION as __version__, UnavailableError

if sys.implementation.name != "cpython":
    raise UnavailableError("datamem: needs CPython, not %s"
                           % sys.implementation.name)
try:
    import ctypes as _ctypes  # noqa: F401
except ImportError as error:
    raise UnavailableError(
        "datamem: Python's module ctypes is not usable here (%s); install it,"
        " on Debian: apt-get install libpython3-stdlib" % error) from error


def _run_as_program():
    """Whether this import is for `python3 -m datamem`."""
    frame = sys._getframe()
    while frame is not None:
        if (frame.f_globals.get("__name__") == "runpy"
                and str(frame.f_locals.get("mod_name")).split(".")[0]
                == __name__):
            return True
        frame = frame.f_back
    return False


try:
    from ._library import version as library_version
except UnavailableError as error:
    if not _run_as_program():
        raise
    _say(error)
    sys.exit(2)
from ._numpy import in_main_interpreter as _in_main_interpreter

# The handler is a capsule, and NumPy's table one for the process: both belong
# to the main interpreter.
if not _in_main_interpreter():
    raise UnavailableError("datamem: subinterpreters are not supported; use"
                           " the main interpreter or another process")

from ._arrays import empty, empty_like, full, full_like, ones, ones_like, \
    zeros, zeros_like
from ._handlers import handler, handler_name, handlers, install, \
    install_on_import, installed, known, uninstall
from ._hugepages import Probe, Receipt, probe, receipt
from ._profile import Profile, profile
from ._report import report
from ._scopes import Scope, scope
from ._settings import Setting, Settings, settings
from ._shared import share
from ._statistics import peak_reset, stats, trim
from ._stats_table import ClassStats, Stats
from ._status import Status, status



def load_ipython_extension(shell):
    """%load_ext datamem: the magics %datamem and %%datamem."""
    from . import _notebook
    _notebook.load(shell)


def unload_ipython_extension(shell):
    """%unload_ext datamem."""
    from . import _notebook
    _notebook.unload(shell)


__all__ = [
    "ClassStats", "Probe", "Profile", "Receipt", "Scope", "Setting",
    "Settings", "Stats", "Status", "UnavailableError", "empty", "empty_like",
    "full", "full_like", "handler", "handler_name", "handlers", "install",
    "install_on_import", "installed", "known", "library_version", "ones",
    "ones_like", "peak_reset", "probe", "profile", "receipt", "report",
    "scope", "settings", "share", "stats", "status", "trim", "uninstall",
    "zeros", "zeros_like",
]

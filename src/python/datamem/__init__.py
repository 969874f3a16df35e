# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""NumPy arrays in libdatamem.

    import datamem
    datamem.install()

and the data of arrays that NumPy makes from then on lie in memory that the
library maps, aligns, backs with huge pages and reuses.  No change to the rest
of the program; `python3 -m datamem script.py` needs none at all.  No Python
code runs when NumPy allocates.  See datamem-numpy(7).
"""

import sys

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
    sys.stderr.write("%s\n" % error)
    sys.exit(2)
from ._numpy import in_main_interpreter as _in_main_interpreter

# The handler is a capsule, and NumPy's table one for the process: both belong
# to the main interpreter.
if not _in_main_interpreter():
    raise UnavailableError("datamem: subinterpreters are not supported; use"
                           " the main interpreter or another process")

from ._arrays import empty, zeros
from ._handlers import handler, handler_name, handlers, install, \
    install_on_import, installed, known, uninstall
from ._hugepages import Probe, Receipt, probe, receipt
from ._profile import Profile, profile
from ._report import report
from ._settings import Setting, Settings, settings
from ._statistics import peak_reset, stats, trim
from ._stats_table import ClassStats, Stats
from ._status import Status, status

__all__ = [
    "ClassStats", "Probe", "Profile", "Receipt", "Setting", "Settings", "Stats",
    "Status", "UnavailableError", "empty", "handler", "handler_name",
    "handlers", "install", "install_on_import", "installed", "known",
    "library_version", "peak_reset", "probe", "profile", "receipt", "report",
    "settings", "stats", "status", "trim", "uninstall", "zeros",
]

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""DATAMEM=numpy: the same in every process, and what keeps it from acting."""

import os
import sys
from typing import Dict, Optional

from . import _handlers
from ._settings import settings

_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SWITCH = "DATAMEM"
_CONF = "DATAMEM_CONF"      # of all settings without a variable of their own


def begin() -> None:
    """In a process that the switch has started: NumPy is imported now."""
    # The library has said so, if the variable has no value that it knows.
    if settings["install"] == "numpy":
        _handlers.install_on_import(chosen_handler())


def chosen_handler() -> str:
    """The handler that the settings name, or the library's own."""
    chosen = settings.describe("handler")
    return "datamem" if chosen.value == chosen.default else chosen.value


def for_children(handler: str, changed: Dict[str, str]) -> None:
    """Have processes that this one starts find the switch, and the same."""
    if handler != chosen_handler():
        changed = {**changed, "handler": handler}
    for name, value in changed.items():
        variable = settings.describe(name).environment
        if variable == _CONF:
            # The last one of a name counts.
            value = "%s=%s" % (name, value.replace(",", "\\,"))
            value = ",".join(filter(None, (os.environ.get(_CONF), value)))
        os.environ[variable or _CONF] = value
    os.environ[_SWITCH] = "numpy"


def _site_folders():
    site = sys.modules.get("site")
    if site is None:
        return []
    folders = list(site.getsitepackages())
    if getattr(site, "ENABLE_USER_SITE", False):
        folders.append(site.getusersitepackages())
    return [os.path.realpath(folder) for folder in folders]


def obstacle() -> Optional[str]:
    """Why new processes of this Python do not see the switch; None: they do."""
    if sys.flags.no_site:
        return ("python -S reads no file of packages at its start; use"
                " datamem.install(), or python3 -m datamem")
    if sys.flags.ignore_environment:
        return ("python -E and -I do not read the environment; use"
                " datamem.install(), or python3 -m datamem")
    if os.path.realpath(_FOLDER) in _site_folders():
        name = "datamem.start" if sys.version_info >= (3, 15) \
            else "datamem.pth"
        if os.path.exists(os.path.join(_FOLDER, name)):
            return None
        return "there is no %s in %s; install datamem anew" % (name, _FOLDER)
    return ("datamem is in %s, and Python reads the files that start packages"
            " in its site-packages only, not in folders of PYTHONPATH or of"
            " pip --target; install it with pip, or use datamem.install()"
            % _FOLDER)


def asked() -> bool:
    """Whether the environment has the switch on."""
    # The library does not tell "NumPy" from it, either.
    return os.environ.get(_SWITCH, "").lower() == "numpy"

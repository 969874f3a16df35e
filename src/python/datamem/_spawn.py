# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Installs in new processes of multiprocessing what is installed here.

Those that do not start by a fork ("spawn" and "forkserver") are new
interpreters.  What prepares them is pickled; unpickling our part of it
installs the handler there.
"""

import os
from typing import Any, Callable, Optional, Tuple

import _datamem_start as _imports

from ._locks import new_lock
from ._settings import settings

_CHILD = """
try:
    import sys
    sys.path.append(%(path)r)
    try:
        import datamem._handlers, datamem._settings
    finally:
        sys.path.remove(%(path)r)
    datamem._settings.settings.update(%(settings)r)
    datamem._handlers.install_on_import(%(name)r, %(threads)r)
except Exception as error:
    try:
        sys.stderr.write("datamem: not in this process: %%s\\n" %% error)
    except (AttributeError, OSError, ValueError):
        pass
"""

_lock = new_lock()
_saved: Any = None

# Tells what is installed now; None: not to be followed.
_installed: Optional[Callable[[], Optional[Tuple[str, bool]]]] = None


class _ForChild:
    """Pickled as a call that installs the same in the new process."""

    def __init__(self, name: str, threads: bool) -> None:
        self.name, self.threads = name, threads

    def __reduce__(self):
        source = _CHILD % {
            "path": os.path.dirname(os.path.dirname(__file__)),
            "name": self.name, "threads": self.threads,
            "settings": dict(settings.changed)}
        return exec, (source, {})


def follow(installed: Callable[[], Optional[Tuple[str, bool]]]) -> None:
    """Have new processes install what installed() tells then."""
    global _installed
    with _lock:
        _installed = installed
    _imports.after("multiprocessing.spawn", _wrap)


def _wrap() -> None:
    from multiprocessing import spawn
    global _saved
    with _lock:
        if _saved is not None or _installed is None:
            return
        original = spawn.get_preparation_data

        def get_preparation_data(name):
            data = original(name)
            installed = _installed      # another thread may forget() it
            now = installed() if installed is not None else None
            if now is not None:
                data["datamem"] = _ForChild(*now)
            return data

        spawn.get_preparation_data = get_preparation_data
        _saved = spawn, original, get_preparation_data


def forget() -> None:
    """Let new processes begin as they do."""
    global _installed, _saved
    _imports.forget("multiprocessing.spawn")
    with _lock:
        _installed = None
        saved, _saved = _saved, None
        if saved is not None:
            spawn, original, ours = saved
            if spawn.get_preparation_data is ours:
                spawn.get_preparation_data = original

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Beside the package: what Python calls when it starts.

Python reads datamem.start (3.15 and newer) or datamem.pth in the folder of
this file, in every process.  Where DATAMEM=numpy is in the environment, the
package is then imported as soon as the program has imported NumPy, and not
before.  Importing NumPy ahead of a program would change the program: what it
does first (environment variables for BLAS, say) would come too late.

Outside the package, and without imports of files, because most processes need none of
it.
"""

import sys
from _thread import get_ident


def _as_importlib(function):
    """Leave a function's frame out of tracebacks, as importlib's own are.

    Python drops them by the name of their file when an import fails.
    """
    function.__code__ = function.__code__.replace(
        co_filename="<frozen importlib._bootstrap>")
    return function


class _Finder:
    """Finds nothing itself; wraps the loader that the others find."""

    def __init__(self):
        self.waiting = {}
        self._looking = set()

    @_as_importlib
    def find_spec(self, fullname, path=None, target=None):
        # Another one that asks all finders, as that of a second copy of this
        # module does, asks this one again.
        asked = fullname, get_ident()
        if fullname not in self.waiting or asked in self._looking:
            return None
        self._looking.add(asked)
        try:
            return self._find(fullname, path, target)
        finally:
            self._looking.discard(asked)

    @_as_importlib
    def _find(self, fullname, path, target):
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            spec = find_spec(fullname, path, target)
            if spec is not None:
                self._wrap(spec)
                return spec
        return None

    def _wrap(self, spec):
        loader = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return

        @_as_importlib
        def exec_module(module):
            # The loader is as it was for everyone who looks at it later.
            vars(loader).pop("exec_module", None)
            execute(module)
            function = self.waiting.pop(module.__name__, None)
            if function is not None:
                function()

        try:
            loader.exec_module = exec_module
        except AttributeError:      # a class or a frozen object as loader
            pass


_finder = _Finder()


def after(name, function):
    """Call function() now if the module is there, else after its import.

    A module has one function: a later one replaces it.
    """
    if name in sys.modules:
        function()
        return
    _finder.waiting[name] = function
    if _finder not in sys.meta_path:    # twice, by two threads, does no harm
        sys.meta_path.insert(0, _finder)
    if name in sys.modules:     # another thread has begun to, unseen
        missed = _finder.waiting.pop(name, None)
        if missed is not None:
            missed()


def waits(name):
    """Whether a function is to be called after the import of a module."""
    return name in _finder.waiting


def forget(name):
    """Do not call after all."""
    # The finder stays: a thread that is looking for a module would pass over
    # the next one.
    _finder.waiting.pop(name, None)


def start():
    """Called by Python's start; must neither fail nor take time."""
    if sys.flags.ignore_environment:    # -E, -I
        return
    import os
    if os.environ.get("DATAMEM", "") not in ("", "off"):
        after("numpy", _begin)


def say(text):
    """A line on standard error, which may be closed or full: nobody is to fail
    because of that."""
    try:
        sys.stderr.write("%s\n" % text)
    except (AttributeError, OSError, ValueError):
        pass


def _begin():
    try:
        from datamem._switch import begin
        begin()
    except Exception as error:  # the program is not to suffer from it
        text = str(error)
        say(text if text.startswith("datamem:")
            else "datamem: not in this process: %s" % text)


def command():
    """The command `datamem`: python3 -m datamem without python3 -m."""
    try:
        from datamem import __main__
    except ImportError as error:
        say(error)
        sys.exit(2)
    __main__.main(sys._getframe(1).f_code.co_filename)


def tool():
    """The command `datamem-ctl` of a wheel that carries it."""
    import os
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "datamem",
                        "_native", "bin", "datamem-ctl")
    try:
        os.execv(path, ["datamem-ctl"] + sys.argv[1:])
    except OSError as error:
        say("datamem-ctl: %s: %s" % (path, error.strerror))
        sys.exit(2)

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Tells a function of each new thread, in that thread, before its work.

NumPy keeps its handler in a context variable, and before Python 3.14 a thread
starts without its creator's.  So every thread that Python starts calls the
function once; nothing is called later.
"""

import _thread
import threading


class _Start:
    """What runs in a thread of _thread.start_new_thread()."""

    def __init__(self, begin, function):
        self._begin = begin
        self._function = function

    def __call__(self, *args, **kwargs):
        self._begin()
        return self._function(*args, **kwargs)

    def __repr__(self):
        # In "Exception ignored in thread started by".
        return repr(self._function)


class Hook:
    """Wraps the two ways in which Python code starts a thread."""

    def __init__(self, begin):
        self._begin = begin
        self._active = False
        self._saved = []

    def install(self):
        if self._active:
            return
        self._active = True
        self._saved = [
            self._replace(threading.Thread, "_bootstrap_inner",
                          self._wrap_bootstrap),
            self._replace(_thread, "start_new_thread", self._wrap_start),
            self._replace(_thread, "start_new", self._wrap_start),
        ]

    def uninstall(self):
        self._active = False
        for place, name, ours, original in self._saved:
            # Whoever wrapped it after us calls ours, which then does nothing.
            if getattr(place, name, None) is ours:
                setattr(place, name, original)
        self._saved = []

    @staticmethod
    def _replace(place, name, wrap):
        original = getattr(place, name, None)
        ours = wrap(original) if original is not None else None
        if ours is not None:
            setattr(place, name, ours)
        return place, name, ours, original

    def _begin_in(self, thread):
        if not self._active:
            return
        # From 3.14 on a thread runs in a context that is made for it.
        context = getattr(thread, "_context", None)
        if context is not None and hasattr(context, "run"):
            context.run(self._begin)
        else:
            self._begin()

    def _wrap_bootstrap(self, original):
        def _bootstrap_inner(thread):
            self._begin_in(thread)
            original(thread)
        return _bootstrap_inner

    def _wrap_start(self, original):
        def start_new_thread(*args):
            # What is wrong with the arguments is for the original to say.
            if self._active and args and callable(args[0]):
                args = (_Start(self._begin, args[0]), *args[1:])
            return original(*args)
        start_new_thread.__doc__ = original.__doc__
        return start_new_thread

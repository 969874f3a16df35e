# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Tells a function of each new thread, in that thread, before its work.

NumPy keeps its handler in a context variable, and a thread starts without its
creator's, but where sys.flags.thread_inherit_context is set.  So every thread
that Python starts calls the function once; nothing is called later.
"""

import _thread
import functools
import threading


def _quietly(function, *args):
    """Call it; a thread must start, with our handler or without.

    Thread.start() waits for ever for a thread that fails before its own work.
    """
    try:
        function(*args)
    except BaseException:
        pass


def _take(thread):
    """What start() has left for _bootstrap_inner(), which is nobody else's; none
    where the program has not started it."""
    try:
        found = object.__getattribute__(thread, "_datamem")
    except AttributeError:
        return None, True
    object.__delattr__(thread, "_datamem")
    return found


class _Start:
    """The function of a thread of _thread.start_new_thread()."""

    def __init__(self, begin, scope, function):
        self._begin = begin
        self._scope = scope
        self._function = function

    def __call__(self, /, *args, **kwargs):
        _quietly(self._begin, None, self._scope)
        return self._function(*args, **kwargs)

    def __repr__(self):
        # In "Exception ignored in thread started by".
        return repr(self._function)


class _StartNewThread:
    """Stands for _thread.start_new_thread().

    Not a function: as an attribute of a class that would become a method, and
    get the instance as its first argument, which a built-in one does not.
    """

    def __init__(self, hook, original):
        self._hook = hook
        self._original = original
        self.__doc__ = original.__doc__
        self.__module__ = original.__module__

    def __call__(self, /, *args, **kwargs):
        # The original reports wrong arguments.
        if args and callable(args[0]):
            args = (self._hook.starting(args[0]), *args[1:])
        return self._original(*args, **kwargs)

    def __getattr__(self, name):
        # __name__, __self__ and the like.
        return getattr(object.__getattribute__(self, "_original"), name)

    def __repr__(self):
        return repr(self._original)

    def __reduce__(self):
        return self._original.__reduce__()


class Hook:
    """Wraps the two ways in which Python code starts a thread.

    scope() is called by who starts it, begin(thread, its result, whether the
    program has given the thread a context) in it.
    """

    def __init__(self, begin, scope):
        self._begin = begin
        self._scope = scope
        self._active = False
        self._saved = []

    def install(self):
        if self._active:
            return
        self._active = True
        self._saved = [
            self._replace(threading.Thread, "start", self._wrap_thread_start),
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
        scope, given = _take(thread)
        if context is not None and hasattr(context, "run"):
            context.run(self._begin, thread, scope, given)
        else:
            self._begin(thread, scope, given)

    def starting(self, function):
        """The function that a new thread calls for the program's."""
        return _Start(self._begin, self._scope(), function) if self._active \
            else function

    def _wrap_thread_start(self, original):
        @functools.wraps(original)
        def start(thread, *args, **kwargs):
            if self._active:
                # A class may have a __setattr__ of its own, that refuses it.
                object.__setattr__(thread, "_datamem", (
                    self._scope(),
                    getattr(thread, "_context", None) is not None))
            try:
                return original(thread, *args, **kwargs)
            except BaseException:
                _take(thread)
                raise
        return start

    def _wrap_bootstrap(self, original):
        def _bootstrap_inner(thread):
            _quietly(self._begin_in, thread)
            original(thread)
        return _bootstrap_inner

    def _wrap_start(self, original):
        return _StartNewThread(self, original)

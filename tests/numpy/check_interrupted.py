# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What the exception of a signal, or a fork, finds and leaves.

Python calls the handler of a signal after any call, and an exception of it
(KeyboardInterrupt) comes out there.
"""

import contextvars
import gc
import sys
import threading
import weakref

import numpy as np

import datamem
import tap
from adapter import name, python, raises
from datamem import _current, _library, _numpy, _settings, _shared

N = 1 << 18


class Interrupt(BaseException):
    pass


def interrupted(place, function, action, after=1):
    """Call action; an exception comes at the end of a call of the function."""
    original, calls = getattr(place, function), []

    def call(*args):
        result = original(*args)
        calls.append(args)
        if len(calls) == after:
            raise Interrupt
        return result

    setattr(place, function, call)
    try:
        action()
    except Interrupt:
        return True
    finally:
        setattr(place, function, original)
    return False


def in_handler():
    with datamem.handler("system"):
        pass


def in_scope():
    with datamem.scope("s"):
        pass


def in_settings():
    with datamem.settings({"limit.max": "8GiB"}, retain_age=77):
        pass


ACTIONS = (in_handler, in_scope, lambda: datamem.zeros(10, alignment=4096),
           lambda: datamem.share(np.ones(N)))


def interrupted_at(number, action):
    """An exception comes at the end of the so many-th call of the package to a
    function in C, which is where Python looks for signals; not at that of a with
    statement's __enter__(), as no __exit__() would follow."""
    calls = []

    def profile(frame, event, function):
        if (event == "c_return" and function.__name__ != "__enter__"
                and "/datamem/_" in frame.f_code.co_filename):
            calls.append(event)
            if len(calls) == number:
                raise Interrupt

    sys.setprofile(profile)
    try:
        action()
    except Interrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def in_two_scopes():
    with datamem.scope("a"), datamem.scope("b"):
        pass


def test_nothing_is_left_at_any_call():
    table = _numpy.table()
    before = table.get()
    for action in ACTIONS + (in_two_scopes, in_settings):
        settings, number = dict(datamem.settings), 1
        while interrupted_at(number, action):
            where = action, number
            assert table.get() is before, where
            assert _current.get() is None and not _current.is_open(), where
            assert dict(datamem.settings) == settings, where
            number += 1
        assert number > 3, action


def test_bound_functions_leave_no_scope():
    table = _numpy.table()
    with datamem.scope("s") as scope:
        bound = scope.bind(len)

        def one(number):
            before = table.get()
            again = interrupted_at(number, lambda: bound(()))
            assert table.get() is before, number
            assert _current.get() is None, number
            return again
        number = 1
        while contextvars.Context().run(one, number):
            number += 1
        assert number > 3


def test_handlers_are_what_they_were():
    table = _numpy.table()
    before = table.get()
    for action in ACTIONS:
        # When it is set, and when it is set back.
        for after in 1, 2:
            assert interrupted(table, "set", action, after), (action, after)
            assert table.get() is before, (action, after, name())
    assert not _current.is_open()


def test_uninstall_undoes_what_install_has_begun():
    table = _numpy.table()
    before = name()
    assert interrupted(table, "set", datamem.install)
    datamem.uninstall()
    assert name() == before and datamem.installed() is None
    datamem.install()
    assert name() == "datamem"
    assert interrupted(table, "set", datamem.uninstall)
    datamem.uninstall()
    assert name() == before


class _Library:
    """The functions of the library, to be replaced."""

    def __getattr__(self, function):
        return getattr(datamem._library.lib, function)


def test_settings_are_what_they_were():
    settings, library = datamem.settings, _settings.lib
    before, changed = dict(settings), dict(settings.changed)
    _settings.lib = _Library()
    try:
        for after in range(1, 5):
            assert interrupted(_settings.lib, "datamem_setting_set",
                               in_settings, after), after
            assert dict(settings) == before, after
            assert settings.changed == changed, after
            assert not any(settings._changes.values()), after
    finally:
        _settings.lib = library


def test_a_refused_setting_is_as_it_was():
    settings = datamem.settings
    before = settings.describe("retain.max")
    raises(ValueError, lambda: settings(retain_max="none").__enter__())
    assert settings.describe("retain.max") == before
    assert not settings._changes["retain.max"]


def test_settings_are_read_and_set_without_callbacks():
    # No exception comes out of one: it is shown, and the result is any number.
    settings, library = datamem.settings, _settings.lib
    settings["limit.max"] = "0"
    _settings.lib = _Library()
    _settings.lib.datamem_setting_foreach = None
    try:
        settings["limit.max"] = "3GiB"
        assert settings["limit.max"] == "3G"
        raises(KeyError, lambda: settings["limit.min"])
    finally:
        _settings.lib = library
        settings["limit.max"] = "0"


WALKS = """
import signal
import datamem
class Stop(BaseException):
    pass
def stop(*_):
    raise Stop
signal.signal(signal.SIGALRM, stop)
seen = 0
def walk():
    assert len(datamem.handlers()) >= 5
    assert len(dict(datamem.settings)) == settings
    datamem.settings._accepted = {}
    datamem.settings["limit.max"] = "1 GiB"
settings = len(datamem.settings)
while seen < 400:
    try:
        signal.setitimer(signal.ITIMER_REAL, 20e-6 + seen * 1e-6)
        while True:
            walk()
    except Stop:
        seen += 1
print(seen)
"""


def test_an_exception_comes_out_of_a_walk():
    assert python(WALKS) == "400\n"


def walk_interrupted_at(number):
    """As a signal does that comes in a callback; whether it came so late."""
    lines = []

    def trace(frame, event, argument):
        if frame.f_code.co_name != "collect":
            return None
        if event == "line":
            lines.append(frame.f_lineno)
            if len(lines) == number:
                raise Interrupt
        return trace

    sys.settrace(trace)
    try:
        datamem.handlers()
    except Interrupt:
        return True
    finally:
        sys.settrace(None)
    assert len(lines) < number, lines
    return False


def test_no_line_of_a_walk_loses_an_exception():
    lost, number, hook = [], 1, sys.unraisablehook
    sys.unraisablehook = lost.append
    try:
        while walk_interrupted_at(number):
            number += 1
    finally:
        sys.unraisablehook = hook
    assert number > 10 and not lost, (number, lost)


def test_an_exception_of_a_walk_is_in_no_cycle():
    def fail(_entry):
        raise Interrupt

    gc.collect()
    gc.disable()
    try:
        _library.entries(_library.lib.datamem_handler_foreach,
                         _library.HandlerVisit, fail)
    except Interrupt as error:
        seen = weakref.ref(error)
    finally:
        gc.enable()
    assert seen() is None


def test_sharing_imports_no_masked_arrays():
    # A child that is forked in the middle of an import waits for its end.
    assert python("""
import sys
import numpy as np
before = "numpy.ma" in sys.modules
import datamem
datamem.share(np.ones(1 << 18))
print(before or "numpy.ma" not in sys.modules)
""") == "True\n"
    assert not _shared._is_masked(np.ones(3))
    assert _shared._is_masked(np.ma.array([1, 2], mask=[0, 1]))


def test_scopes_of_threads_end_apart():
    go, gone = threading.Event(), threading.Event()

    def work():
        with datamem.scope("thread"):
            go.set()
            gone.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    assert go.wait(60)
    in_scope()
    assert _current.is_open()
    gone.set()
    thread.join()
    assert not _current.is_open()


if __name__ == "__main__":
    tap.run(globals())

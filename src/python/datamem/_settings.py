# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The library's settings, as a mapping."""

import contextlib
import ctypes
import errno
import operator
from collections.abc import Mapping
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Union

from . import _arguments
from ._library import SettingVisit, entries, lib, text
from ._locks import new_lock


class Setting(NamedTuple):
    """One setting, as `datamem-ctl settings` shows it."""

    name: str
    value: str
    default: str
    origin: str                 #: built-in, environment, program or control
    environment: Optional[str]  #: the variable that sets it
    values: str                 #: what it accepts
    meaning: str
    note: Optional[str]         #: what keeps the value from acting now


# The library keeps no longer value (PATH_MAX).
_LONGEST = 4096

_ORIGINS = ("built-in", "environment", "program", "control")


def _as_text(name: str, value: Union[str, int, bool]) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    try:
        return str(operator.index(value))
    except TypeError:
        raise _arguments.wrong_type("the value of %s" % name,
                                    "a str, an int or a bool", value) from None


class _Change:
    """Of a setting, for a while; what it was before, and what new processes
    were told of it."""

    def __init__(self, name: str, old: str, told: Optional[str]) -> None:
        self.name, self.old, self.told = name, old, told


class Settings(Mapping):
    """The library's settings: a mapping of names to values, as text.

    settings["limit.max"] = "2GiB" changes one; libdatamem(7) lists them all.
    Sizes are an int, or as people write them: "64K", "1.5 GiB", "2GB".  Called,
    it changes some for the body of a with statement.
    """

    def __init__(self) -> None:
        #: What was changed here, for processes that start anew.
        self.changed: Dict[str, str] = {}
        # That it says what the library has, whoever else changes that.
        self._lock = new_lock()
        self._accepted: Dict[str, str] = {}
        # Those that have not ended, by name, in order of their beginning.
        self._changes: Dict[str, List[_Change]] = {}

    def _all(self) -> List[Setting]:
        return entries(lib.datamem_setting_foreach, SettingVisit, lambda s: (
            Setting(text(s.name), text(s.value), text(s.default_value),
                    _ORIGINS[s.origin] if s.origin < len(_ORIGINS) else "?",
                    text(s.environment), text(s.values), text(s.meaning),
                    text(s.note))))

    def describe(self, name: str) -> Setting:
        """All that is known of one setting."""
        for setting in self._all():
            if setting.name == name:
                return setting
        raise KeyError(name)

    def __getitem__(self, name: str) -> str:
        # Without a callback, from which no exception of a signal comes out.
        value = ctypes.create_string_buffer(_LONGEST)
        error = lib.datamem_setting_get(
            _arguments.bytes_of(name) if isinstance(name, str) else b"",
            value, _LONGEST)
        if error:
            raise KeyError(name)
        return str(text(value.value))

    def __setitem__(self, name: str, value: Union[str, int, bool]) -> None:
        if not isinstance(name, str):
            raise _arguments.wrong_type("the name of a setting", "a str", name)
        value = self._text(name, value)
        if "\0" in value:
            raise ValueError("%s: a value has no NUL" % name)
        try:
            encoded = value.encode(errors="surrogateescape")
        except UnicodeEncodeError:
            raise ValueError("%s=%r: no text" % (name, value)) from None
        with self._lock:
            error = -lib.datamem_setting_set(_arguments.bytes_of(name), encoded)
            if not error:
                self.changed[name] = value
        if error == errno.ENOENT:
            raise KeyError(name)
        if error == errno.EPERM:
            raise PermissionError(errno.EPERM, "live control has set it", name)
        if error:
            raise ValueError("%s=%s: not one of its values (%s)" % (
                name, value, self.describe(name).values))

    def _change(self, name: str, value: Union[str, int, bool],
                mine: List[_Change]) -> None:
        """Change it for a while, until _undo() of what is put into mine."""
        if not isinstance(name, str):
            raise _arguments.wrong_type("the name of a setting", "a str", name)
        with self._lock:
            change = _Change(name, self[name], self.changed.get(name))
            # Before the value: a signal may raise an exception between.
            mine.append(change)
            self._changes.setdefault(name, []).append(change)
            try:
                self[name] = value
            except (LookupError, TypeError, ValueError, PermissionError):
                mine.remove(change)     # refused: nothing to set back
                self._changes[name].remove(change)
                raise

    def _undo(self, mine: List[_Change]) -> None:
        """End changes: the value is what it was before, or, where a task or
        thread has begun another change since, will be at the end of that."""
        while mine:
            change = mine[-1]
            with self._lock:
                changes = self._changes.get(change.name, [])
                if change in changes:
                    self._restore(change, changes)
                    changes.remove(change)
            mine.remove(change)

    def _restore(self, change: _Change, changes: List[_Change]) -> None:
        after = changes[changes.index(change) + 1:]
        if after:
            after[0].old, after[0].told = change.old, change.told
            return
        with contextlib.suppress(PermissionError):  # live control's word
            self[change.name] = change.old
        if change.told is None:
            self.changed.pop(change.name, None)
        else:
            self.changed[change.name] = change.told

    def _text(self, name: str, value: Union[str, int, bool]) -> str:
        text = _as_text(name, value)
        # The library has K, M and G alone.
        if "bytes, also" in self._values(name):
            try:
                return str(_arguments.parsed_size(text))
            except ValueError:
                pass        # "auto", or the library refuses it
        return text

    def _values(self, name: str) -> str:
        """What a setting accepts, which never changes."""
        if not self._accepted:
            self._accepted = {s.name: s.values for s in self._all()}
        return self._accepted[name]

    def update(self, values: Dict[str, str]) -> None:
        """Change several."""
        if not isinstance(values, Mapping):
            raise _arguments.wrong_type("values", "a dict", values)
        for name, value in values.items():
            self[name] = value

    @contextlib.contextmanager
    def __call__(self, values: Optional[Dict[str, Any]] = None,
                 **more: Any) -> Iterator["Settings"]:
        """Change settings for the body of a with statement.

            with datamem.settings({"limit.max": "2GiB"}, hugepage="off"):

        For the whole process, all threads included.  The values of before are
        set again at the end, but for what live control has set meanwhile; of
        several statements that overlap, in tasks or threads, at the end of the
        last.  A keyword has _ for a dot.  No value is changed if one is wrong.
        """
        if values is not None and not isinstance(values, dict):
            raise _arguments.wrong_type("values", "a dict", values)
        wanted = dict(values or {})
        wanted.update((name.replace("_", "."), value)
                      for name, value in more.items())
        changes: List[_Change] = []
        try:
            for name, value in wanted.items():
                self._change(name, value, changes)
            yield self
        finally:
            try:
                self._undo(changes)
            except BaseException:       # of a signal: what is left, too
                self._undo(changes)
                raise

    def __iter__(self) -> Iterator[str]:
        return iter([setting.name for setting in self._all()])

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return "Settings(%r)" % dict(self)


settings = Settings()

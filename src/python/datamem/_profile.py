# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Profiles: which lines hold and allocate the data of arrays."""

import errno
import os
import re
import tempfile
from typing import Any, Dict, Optional, Union

from . import _arguments
from ._library import lib
from ._settings import settings

#: What datamem_profile_write() calls them.
FORMATS = {"raw": 1, "heap": 2, "collapsed": 3, "collapsed-allocated": 4}

_SUFFIXES = {".heap": "heap", ".collapsed": "collapsed", ".folded": "collapsed"}


def format_of(path: Any) -> str:
    """The format that the name of a file asks for."""
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()
    return _SUFFIXES.get(suffix, "raw")


def _checked_format(format: Optional[str]) -> Optional[str]:
    if format is None:
        return None
    if not isinstance(format, str):
        raise _arguments.wrong_type("format", "a str", format)
    if format not in FORMATS:
        raise ValueError("format must be one of %s, not %r"
                         % (", ".join(sorted(FORMATS)), format))
    return format


def _checked_file(file: Any) -> Any:
    """A path, or an open file; None stays None."""
    if file is not None and not hasattr(file, "fileno") \
            and not isinstance(file, (str, bytes, os.PathLike)):
        raise _arguments.wrong_type("file", "a path or an open file", file)
    return file


def _write(fd: int, format: str) -> None:
    error = -lib.datamem_profile_write(fd, FORMATS[format])
    if error == errno.ENODATA:
        raise RuntimeError("no profile is being taken")
    if error:
        raise OSError(error, os.strerror(error))


def _scratch() -> Any:
    """A file without a name, also where no folder may be written to."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        if not hasattr(os, "memfd_create"):     # Python for an older glibc
            raise
        return open(os.memfd_create("datamem-text"), "w+b")


def _collapsed(format: str) -> str:
    with _scratch() as file:
        _write(file.fileno(), format)
        file.seek(0)
        return file.read().decode("utf-8", "replace")


def lines_of(path: str) -> Optional[Dict[int, Dict[str, int]]]:
    """Of the profile that is being taken: bytes allocated and live by lines of
    a file, of which the innermost in a stack counts.  None: there is none."""
    frame = re.compile(r"\(%s:(\d+)\)" % re.escape(os.path.basename(path)))
    found: Dict[int, Dict[str, int]] = {}
    for kind, format in (("allocated", "collapsed-allocated"),
                         ("live", "collapsed")):
        try:
            text = _collapsed(format)
        except RuntimeError:
            return None
        for line in text.splitlines():
            stack, _, nbytes = line.rpartition(" ")
            numbers = frame.findall(stack)
            if numbers:
                row = found.setdefault(int(numbers[-1]),
                                       {"allocated": 0, "live": 0})
                row[kind] += int(nbytes)
    return found


class Profile:
    """A profile that is being taken; `with` writes it and ends it.

    About one block in `interval` bytes is noted with the Python lines and C
    functions that allocated it, until it is freed; the sums are estimates that
    are right on average.  There is one in a process, the setting `profile`.
    """

    def __init__(self, file: Any = None,
                 interval: Union[int, str, None] = None,
                 format: Optional[str] = None) -> None:
        nbytes = 0
        self.file = _checked_file(file)
        self.format = _checked_format(format)
        if interval is not None:
            nbytes = _arguments.size("interval", interval)
            if not 0 < nbytes <= 1 << 40:
                raise ValueError("interval is 1 byte to 1 TiB, not %r"
                                 % (interval,))
        error = -lib.datamem_profile_start(nbytes)
        if error == errno.EPERM:
            raise PermissionError(errno.EPERM, "live control has set it",
                                  "profile")
        if error:
            raise OSError(error, os.strerror(error))
        settings.changed["profile"] = settings["profile"]

    def write(self, file: Any = None, format: Optional[str] = None) -> None:
        """Write it, as of now, to a path or an open file.

        format: "raw" (for datamem-ctl profile), "heap" (heap_v2, for
        google-pprof), "collapsed" (live bytes, for flame graphs) or
        "collapsed-allocated"; by default what the name of the file asks for,
        which is raw but for .heap, .collapsed and .folded.
        """
        file = self.file if file is None else _checked_file(file)
        if file is None:
            raise ValueError("no file to write to")
        format = self.format if format is None else _checked_format(format)
        if hasattr(file, "fileno"):
            file.flush()
            _write(file.fileno(), format or "raw")
            return
        with open(file, "wb") as out:
            _write(out.fileno(), format or format_of(file))

    def collapsed(self, allocated: bool = False) -> str:
        """A line for each stack: its frames, and live or allocated bytes."""
        return _collapsed("collapsed-allocated" if _arguments.flag(
            "allocated", allocated) else "collapsed")

    def stop(self) -> None:
        """End it, and forget its samples."""
        error = -lib.datamem_profile_stop()
        if error == errno.EPERM:
            raise PermissionError(errno.EPERM, "live control has set it",
                                  "profile")
        settings.changed.pop("profile", None)

    def __enter__(self) -> "Profile":
        return self

    def __exit__(self, *_error: Any) -> None:
        try:
            if self.file is not None:
                self.write()
        finally:
            self.stop()


def profile(file: Any = None, interval: Union[int, str, None] = None,
            format: Optional[str] = None) -> Profile:
    """Begin to note which lines hold and allocate memory.

    with datamem.profile("out.collapsed"):
        work()

    interval: bytes between samples on average, as 524288 or "512K", which it is
    by default. See Profile, datamem_profile_start(3).
    """
    return Profile(file, interval, format)

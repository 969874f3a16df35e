# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Whether NumPy of this process is really on the library."""

from typing import List, NamedTuple, Optional

from . import _current, _handlers, _switch
from ._library import lib, loaded_file, version
from ._numpy import numpy_imported, table


class Status(NamedTuple):
    """What this process does, and what the processes that it starts will do.

    str() of it, and so print(), is a report.
    """

    active: bool                #: arrays of this thread come from the library
    handler: Optional[str]      #: of this thread; None: NumPy is not there yet
    installed: Optional[str]    #: the handler that was asked for; None: none
    numpy: Optional[str]        #: version; None: not imported
    library: str                #: file of libdatamem
    library_version: str
    threads_missed: int         #: running threads that have NumPy's handler
    switch: bool                #: DATAMEM=numpy is in the environment
    obstacle: Optional[str]     #: why new processes do not see the switch
    notes: List[str]            #: what is not as asked, each with a remedy

    def _repr_pretty_(self, printer, _cycle) -> None:
        printer.text(str(self))     # in IPython

    def _installed(self) -> str:
        if self.numpy is None and _handlers.is_waiting():
            return "%s, as soon as NumPy is imported" % (
                self.installed or _switch.chosen_handler())
        return self.installed or "nothing"

    def __str__(self) -> str:
        lines = [
            ("NumPy", "%s, arrays of this thread by %s"
             % (self.numpy, self.handler) if self.numpy else "not imported"),
            ("installed", self._installed()),
            ("library", "%s (%s)" % (self.library, self.library_version)),
            ("DATAMEM=numpy", "on" if self.switch else "not set"),
        ]
        lines += [("note", note) for note in self.notes]
        return "\n".join("%-14s %s" % line for line in lines)


def _notes(handler: Optional[str], missed: int,
           obstacle: Optional[str]) -> List[str]:
    name = _handlers.installed()
    notes = []
    if name is not None and handler is not None and handler != name:
        if not _handlers.known(name):
            notes.append("no handler is named %r yet; call datamem.install()"
                         " once it is registered" % name)
        else:
            notes.append("this thread has another handler than the installed"
                         " one; call datamem.install() in it")
    if missed:
        notes.append(_handlers.missed_text(missed))
    if _switch.asked():
        if obstacle is not None:
            notes.append("processes that are started do not see DATAMEM=numpy:"
                         " " + obstacle)
        elif name is None and handler is not None:
            notes.append("DATAMEM=numpy was set after this process had"
                         " started; it acts in processes that are started now")
    return notes


def status() -> Status:
    """Tell whether NumPy of this process is really on the library."""
    handler = version_numpy = None
    active = False
    if numpy_imported():
        numpy = table()
        handler, version_numpy = numpy.name_of(), numpy.version
        active = (numpy.address_of(_current.raw(numpy.get()))
                  == lib.datamem_handler_find(handler.encode()))
    missed = len(_handlers.threads_missed())
    obstacle = _switch.obstacle()
    return Status(
        active, handler, _handlers.installed(), version_numpy,
        loaded_file(), version, missed, _switch.asked(),
        obstacle, _notes(handler, missed, obstacle))

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Finds libdatamem, loads it once, and declares its functions.

The structures are those of <datamem.h>, member for member; a test compares
them with the header.
"""

import ctypes
import functools
import os
from ctypes import POINTER, c_bool, c_char, c_char_p, c_int, c_int64, \
    c_size_t, c_uint, c_uint8, c_uint64, c_void_p

from ._errors import UnavailableError
from ._stats_table import Stats

SONAME = "libdatamem.so.1"
#: The oldest library whose functions suffice: 1.0.0.
VERSION_NEEDED = 10000

HANDLER_VERSION = 1
HUGEPAGE_SIZES = 24
STATS_CLASSES = 128
SIZE_MAX = c_size_t(-1).value

_INSTALL = (
    "install the wheel that carries it, or libdatamem (./configure && make &&"
    " make install, then ldconfig), or name the file in the environment"
    " variable DATAMEM_LIBRARY")


class CAllocator(ctypes.Structure):
    _fields_ = [("ctx", c_void_p), ("malloc", c_void_p), ("calloc", c_void_p),
                ("realloc", c_void_p), ("free", c_void_p)]


class CHandler(ctypes.Structure):
    _fields_ = [("name", c_char * 127), ("version", c_uint8),
                ("allocator", CAllocator)]


class CHugepageSize(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("mode", c_int)]


class CProbe(ctypes.Structure):
    _fields_ = [
        ("state", c_int), ("reason", c_int), ("page_size", c_size_t),
        ("hugepage_size", c_size_t), ("arrived_size", c_size_t),
        ("mode", c_int), ("size_mode", c_int), ("defrag", c_int),
        ("prctl_state", c_int), ("features", c_uint), ("release", c_char * 65),
        ("advice", c_bool), ("recorded", c_bool), ("max_ptes_none", c_int),
        ("khugepaged_defrag", c_int), ("cgroup_limit", c_uint64),
        ("ram", c_uint64), ("sizes_count", c_size_t),
        ("sizes", CHugepageSize * HUGEPAGE_SIZES)]


class CReceipt(ctypes.Structure):
    _fields_ = [("asked", c_size_t), ("eligible", c_size_t),
                ("advised", c_size_t), ("backed", c_size_t),
                ("reason", c_int)]


class CClassStats(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("live_blocks", c_size_t),
                ("cached_blocks", c_size_t), ("hits", c_uint64),
                ("misses", c_uint64)]


class CStats(ctypes.Structure):
    # size_t and uint64_t are the same on all machines that the library is for.
    _fields_ = [(name, c_uint64) for name in Stats._fields[:-1]] \
        + [("classes", CClassStats * STATS_CLASSES)]


class CScopeCounts(ctypes.Structure):
    _fields_ = [("calls", c_uint64), ("allocated_bytes", c_uint64),
                ("failed_calls", c_uint64), ("live_bytes", c_size_t),
                ("live_blocks", c_size_t), ("peak_bytes", c_size_t)]


class CSharedRef(ctypes.Structure):
    _fields_ = [("pid", c_int64), ("fd", c_int64), ("device", c_uint64),
                ("inode", c_uint64), ("nbytes", c_uint64),
                ("offset", c_uint64)]


class CSetting(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("value", c_char_p),
                ("default_value", c_char_p), ("origin", c_int),
                ("environment", c_char_p), ("values", c_char_p),
                ("meaning", c_char_p), ("note", c_char_p)]


#: name: (structure, what the header calls it), for the test.
STRUCTURES = {
    "datamem_allocator": CAllocator,
    "datamem_handler": CHandler,
    "datamem_hugepage_size": CHugepageSize,
    "datamem_hugepage_probe": CProbe,
    "datamem_hugepage_receipt": CReceipt,
    "datamem_class_stats": CClassStats,
    "datamem_stats": CStats,
    "datamem_scope_counts": CScopeCounts,
    "datamem_shared_ref": CSharedRef,
    "datamem_setting": CSetting,
}

# Of two arguments, the second of which is not looked at.
SettingVisit = ctypes.CFUNCTYPE(c_int, POINTER(CSetting))
HandlerVisit = ctypes.CFUNCTYPE(c_int, POINTER(CHandler))

_FUNCTIONS = {
    "datamem_version_number": (c_uint, []),
    "datamem_version_string": (c_char_p, []),
    "datamem_handler_find": (c_void_p, [c_char_p]),
    "datamem_handler_aligned": (c_void_p, [c_size_t]),
    "datamem_handler_foreach": (c_int, [HandlerVisit, c_void_p]),
    "datamem_hugepage_probe_get": (c_int, [POINTER(CProbe), c_size_t]),
    "datamem_hugepage_receipt_get":
        (c_int, [c_void_p, c_size_t, POINTER(CReceipt), c_size_t]),
    "datamem_hugepage_advice": (c_bool, []),
    "datamem_hugepage_state_name": (c_char_p, [c_int]),
    "datamem_hugepage_reason_text": (c_char_p, [c_int]),
    "datamem_stats_get": (c_int, [POINTER(CStats), c_size_t]),
    "datamem_peak_reset": (None, []),
    "datamem_profile_start": (c_int, [c_size_t]),
    "datamem_profile_stop": (c_int, []),
    "datamem_profile_write": (c_int, [c_int, c_int]),
    "datamem_trim": (c_size_t, [c_size_t]),
    "datamem_scope_new": (c_void_p, [c_void_p]),
    "datamem_scope_handler": (c_void_p, [c_void_p, c_void_p]),
    "datamem_scope_get":
        (c_int, [c_void_p, POINTER(CScopeCounts), c_size_t]),
    "datamem_scope_free": (None, [c_void_p]),
    "datamem_shared_send": (c_int, [c_void_p, POINTER(CSharedRef), c_size_t]),
    "datamem_shared_receive": (c_int, [
        POINTER(CSharedRef), c_size_t, c_bool, POINTER(c_void_p)]),
    "datamem_shared_attach": (c_int, [
        POINTER(CSharedRef), c_size_t, c_bool, POINTER(c_void_p)]),
    "datamem_shared_pending": (c_size_t, []),
    "datamem_control_note": (None, [c_char_p]),
    "datamem_handler_free": (None, [c_void_p, c_void_p, c_size_t]),
    "datamem_promote": (c_int, [c_void_p, c_size_t]),
    "datamem_setting_set": (c_int, [c_char_p, c_char_p]),
    "datamem_setting_get": (c_int, [c_char_p, c_char_p, c_size_t]),
    "datamem_setting_foreach": (c_int, [SettingVisit, c_void_p]),
}


def _carried():
    """The file in a wheel that carries the library."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_native",
                        "lib", SONAME)
    return path if os.path.exists(path) else None


def _configured():
    """The file that `make install` put beside this package's prefix."""
    try:
        from ._config import LIBDIR
    except ImportError:
        return None
    path = os.path.join(LIBDIR, SONAME)
    return path if os.path.exists(path) else None


def _candidates():
    # One that the process has already must be used again: two copies would be
    # two allocators.
    yield SONAME, ctypes.DEFAULT_MODE | os.RTLD_NOLOAD
    chosen = os.environ.get("DATAMEM_LIBRARY")
    if chosen:
        yield chosen, ctypes.DEFAULT_MODE
        return
    for path in (_carried(), _configured()):
        if path:
            yield path, ctypes.DEFAULT_MODE
    yield SONAME, ctypes.DEFAULT_MODE


def _open():
    errors = []
    for name, mode in _candidates():
        try:
            # use_errno: pointer functions tell the reason in errno.
            return ctypes.CDLL(name, mode, use_errno=True)
        except OSError as error:
            if not mode & os.RTLD_NOLOAD:
                errors.append(str(error))
    raise UnavailableError("datamem: no %s (%s); %s"
                           % (SONAME, "; ".join(errors), _INSTALL))


def _declare(library):
    for name, (restype, argtypes) in _FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise UnavailableError("datamem: %s has no %s; %s" % (
                library._name, name, _INSTALL)) from None
        function.restype = restype
        function.argtypes = argtypes


def _load():
    library = _open()
    _declare(library)
    number = library.datamem_version_number()
    if number < VERSION_NEEDED:
        raise UnavailableError("datamem: %s is version %s, too old; %s" % (
            library._name, library.datamem_version_string().decode(),
            _INSTALL))
    return library


lib = _load()
version = lib.datamem_version_string().decode()


class _DlInfo(ctypes.Structure):
    _fields_ = [("file", c_char_p), ("base", c_void_p),
                ("symbol", c_char_p), ("address", c_void_p)]


@functools.lru_cache(maxsize=None)
def loaded_file():
    """The file that the functions of the library are in."""
    info = _DlInfo()
    try:
        dladdr = ctypes.CDLL(None).dladdr
    except AttributeError:
        return lib._name
    dladdr.argtypes = [c_void_p, POINTER(_DlInfo)]
    found = dladdr(ctypes.cast(lib.datamem_version_number, c_void_p),
                   ctypes.byref(info))
    return os.fsdecode(info.file) if found and info.file else lib._name


def filled(function, structure, *arguments):
    """Call a function that fills a structure; return the structure."""
    out = structure()
    error = function(*arguments, ctypes.byref(out), ctypes.sizeof(out))
    if error:
        raise OSError(-error, os.strerror(-error), function.__name__)
    return out


def entries(function, visitor, look):
    """What look() makes of each entry that a function of the library visits.

    An exception does not come out of a callback, and that of a signal may be
    raised as soon as Python is entered.  So the callback is no function, but
    resumes a generator where that catches it.
    """
    found, raised = [], []

    def collect():
        try:
            while True:
                entry = yield 0
                found.append(look(entry[0]))
        except GeneratorExit:
            return
        except BaseException as error:
            raised.append(error)
        yield 1         # ends the walk

    collector = collect()
    try:
        error = next(collector) or function(visitor(collector.send), None)
    finally:
        # What Python raises in one that it drops itself would be lost.
        collector.close()
    if raised:
        raise raised.pop()      # a list that has it would be in its traceback
    if error:
        raise OSError(-error, os.strerror(-error), function.__name__)
    return found


def text(value):
    """A string of the library as str, as the names of files are; None stays
    None."""
    return None if value is None else value.decode("utf-8", "surrogateescape")

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""NumPy's C-API table, reached without its headers, and handler capsules.

The slots have been the same since NumPy 1.22.  What they hold is checked, as
far as it can be, before anything is called.
"""

import ctypes
import importlib
import sys
from ctypes import PYFUNCTYPE, c_char_p, c_uint, c_void_p, py_object

from ._arguments import bytes_of
from ._errors import UnavailableError
from ._library import HANDLER_VERSION, CHandler, lib
from ._locks import new_lock
from ._references import make_immortal

_SLOT_FEATURE_VERSION = 211
_SLOT_SET_HANDLER = 304
_SLOT_GET_HANDLER = 305
_SLOT_DEFAULT_HANDLER = 306
_FEATURES_NEEDED = 0x0f     # NumPy 1.22, the first that has handlers
_CAPSULE_NAME = b"mem_handler"

#: What NumPy calls its own handler; also accepted as a name here.
NUMPY_DEFAULT = "default_allocator"

_api = ctypes.pythonapi
_api.PyCapsule_GetPointer.restype = c_void_p
_api.PyCapsule_GetPointer.argtypes = [py_object, c_char_p]
_api.PyCapsule_GetName.restype = c_void_p
_api.PyCapsule_GetName.argtypes = [py_object]
_api.PyCapsule_New.restype = py_object
_api.PyCapsule_New.argtypes = [c_void_p, c_void_p, c_void_p]


def _broken(error):
    """One line; NumPy explains a failed import in a page."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    # The reason itself is the last that it tells.
    said = [line for line in lines if "Original error was" in line] or lines
    return ("datamem: NumPy of %s cannot be imported (%s); python3 -c 'import"
            " numpy' tells more"
            % (sys.executable, said[0].strip() if said else "?"))


def _core():
    """The extension module that has the table."""
    try:
        import numpy
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise UnavailableError(_broken(error)) from error
        raise UnavailableError(
            "datamem: NumPy is not installed for %s (%s); install it, on"
            " Debian: apt-get install python3-numpy, else: pip install numpy"
            % (sys.executable, error)) from error
    except ImportError as error:
        raise UnavailableError(_broken(error)) from error
    if not hasattr(numpy, "ndarray") or not hasattr(numpy, "__version__"):
        raise UnavailableError(
            "datamem: the module numpy at %s is not NumPy; rename it"
            % (getattr(numpy, "__file__", None)
               or list(getattr(numpy, "__path__", ["?"]))[0]))
    # 1.26 has both names; the new one is an alias there.
    core = ("numpy._core" if numpy.__version__.split(".", 1)[0] not in ("0", "1")
            else "numpy.core")
    try:
        return (numpy.__version__,
                importlib.import_module(core + "._multiarray_umath"),
                importlib.import_module(core + ".multiarray"))
    except ImportError as error:
        raise UnavailableError("datamem: NumPy %s is not usable (%s)" % (
            numpy.__version__, error)) from error


class Table:
    """The parts of NumPy in use: two functions and its default capsule."""

    def __init__(self):
        version, umath, multiarray = _core()
        self.version = version
        self._slots = self._find(umath)
        features = self._function(_SLOT_FEATURE_VERSION, c_uint)()
        if features < _FEATURES_NEEDED:
            self._refuse("is too old; 1.22 or newer is needed")
        #: Set the current handler; returns the capsule of the previous one.
        self.set = self._function(_SLOT_SET_HANDLER, py_object, py_object)
        #: The capsule of the current handler.
        self.get = self._function(_SLOT_GET_HANDLER, py_object)
        self.default = self._default()
        # A C string of NumPy's, which is never unloaded: arrays, and with
        # them our capsules, outlive this module at the end of the program.
        self._capsule_name = _api.PyCapsule_GetName(self.default)
        self.name_of = multiarray.get_handler_name
        self.version_of = multiarray.get_handler_version
        self._capsules = {}
        self._lock = new_lock()

    def _refuse(self, why):
        raise UnavailableError("datamem: NumPy %s %s" % (self.version, why))

    def _find(self, umath):
        try:
            capsule = umath._ARRAY_API
            address = _api.PyCapsule_GetPointer(capsule, None)
        except (AttributeError, ValueError):
            self._refuse("has no C-API table")
        return ctypes.cast(address, ctypes.POINTER(c_void_p))

    def _function(self, slot, restype, *argtypes):
        return PYFUNCTYPE(restype, *argtypes)(self._slots[slot])

    def _default(self):
        """NumPy's default capsule; proves that the slots are what we think."""
        variable = self._slots[_SLOT_DEFAULT_HANDLER]
        capsule = ctypes.cast(variable, ctypes.POINTER(py_object))[0]
        try:
            handler = self.handler_of(capsule)
        except (ValueError, TypeError):
            handler = None
        if (handler is None or handler.version != HANDLER_VERSION
                or handler.name != NUMPY_DEFAULT.encode()):
            self._refuse("has another C-API table than is known here; a newer"
                         " libdatamem may support it")
        return capsule

    @staticmethod
    def address_of(capsule):
        """Where the struct in a capsule is."""
        return _api.PyCapsule_GetPointer(capsule, _CAPSULE_NAME)

    @classmethod
    def handler_of(cls, capsule):
        """The struct in a capsule."""
        return CHandler.from_address(cls.address_of(capsule))

    def is_default(self, capsule):
        """Whether a capsule is NumPy's default one."""
        return capsule is self.default

    def capsule_at(self, address):
        """The one capsule, kept for ever, of a handler of the library."""
        with self._lock:
            capsule = self._capsules.get(address)
            if capsule is None:
                capsule = self._capsules[address] = self.new_capsule(address)
                make_immortal(capsule)
            return capsule

    def new_capsule(self, address):
        """A capsule of a handler, for whoever keeps it."""
        return _api.PyCapsule_New(address, self._capsule_name, None)

    def capsule(self, name):
        """The capsule of a registered handler; NumPy's for its own name."""
        if name == NUMPY_DEFAULT:
            return self.default
        if name == "shared":
            from ._shared import register
            register()
        address = lib.datamem_handler_find(bytes_of(name))
        if not address:
            raise ValueError("datamem: no handler is named %r" % (name,))
        return self.capsule_at(address)


_table = None
_table_lock = new_lock()


def table() -> Table:
    """NumPy's table; imports NumPy at the first call."""
    global _table
    if _table is None:
        fresh = Table()
        with _table_lock:
            if _table is None:
                _table = fresh
    return _table


def numpy_imported() -> bool:
    """Whether NumPy is there to be used, without importing it."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and hasattr(numpy, "ndarray")


def in_main_interpreter() -> bool:
    """Whether this is not a subinterpreter."""
    _api.PyInterpreterState_Get.restype = c_void_p
    _api.PyInterpreterState_Main.restype = c_void_p
    return (_api.PyInterpreterState_Get() == _api.PyInterpreterState_Main())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Arguments of the package's functions: checked, and named when wrong."""

import operator
import re
import sys
from typing import Any

# K, M and so on are the library's, which are those of KiB and MiB.
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)(b?)\s*", re.I)


def wrong_type(name: str, wanted: str, value: Any) -> TypeError:
    """The exception for an argument of another type."""
    return TypeError("%s must be %s, not %s"
                     % (name, wanted, type(value).__name__))


def name_of_handler(name: str, value: Any) -> str:
    """A str that may name a handler."""
    if not isinstance(value, str):
        raise wrong_type(name, "a str, the name of a handler", value)
    return value


def bytes_of(name: str) -> bytes:
    """The name of a handler or setting, for the library; one that none has, if
    C would take it for another."""
    return b"" if "\0" in name else name.encode(errors="surrogatepass")


def node(name: str, value: Any) -> int:
    """The number of a memory node."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise wrong_type(name, "an int, the number of a memory node",
                         value) from None


def writable(name: str, value: Any) -> Any:
    """A file to print() to; None stays None."""
    if value is not None and not hasattr(value, "write"):
        raise wrong_type(name, "an open file", value)
    return value


def flag(name: str, value: Any) -> bool:
    """True or False; NumPy's are as good."""
    if not isinstance(value, bool) and type(value).__name__ not in ("bool_",
                                                                    "bool"):
        raise wrong_type(name, "a bool", value)
    return bool(value)


def array(name: str, value: Any) -> Any:
    """A numpy.ndarray."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray):
        raise wrong_type(name, "a numpy.ndarray", value)
    return value


def parsed_size(value: str) -> int:
    """'64K', '2 GiB', '1.5MiB' or '2GB' in bytes; ValueError if it is none."""
    found = _SIZE.fullmatch(value)
    if found is None or (found[3] and not (found[2] and found[4])):
        raise ValueError("%r is not a size; sizes are like 65536, '64KiB',"
                         " '2GiB', or '2GB' for 2000000000" % (value,))
    decimal = found[2] and found[4] and not found[3]
    whole, _, part = found[1].partition(".")
    factor = (1000 if decimal else 1024) ** _POWERS[found[2].lower()]
    return int(whole + part) * factor // 10 ** len(part)


def size(name: str, value: Any) -> int:
    """A number of bytes: an int, or a str like '2GiB'."""
    try:
        if isinstance(value, bool):
            raise TypeError
        nbytes = parsed_size(value) if isinstance(value, str) \
            else operator.index(value)
    except ValueError as error:
        raise ValueError("%s: %s" % (name, error)) from None
    except TypeError:
        raise wrong_type(name, "an int or a str like '2GiB'", value) from None
    if not 0 <= nbytes < 1 << 64:
        raise ValueError("%s: %d is not a number of bytes" % (name, nbytes))
    return nbytes


def size_text(nbytes: float) -> str:
    """1.5 GiB, for people; with the sign of a difference."""
    value = abs(float(nbytes))
    unit = "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    sign = "-" if nbytes < 0 else ""
    return "%s%d B" % (sign, value) if unit == "B" \
        else "%s%.1f %s" % (sign, value, unit)

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The version and the exception of this package."""

VERSION = "1.0.0"


class UnavailableError(ImportError):
    """Something that datamem needs is missing; the message says what to do.

    Raised by ``import datamem`` and, where NumPy is concerned, by the first
    call that needs NumPy.  ``except ImportError`` catches it.
    """

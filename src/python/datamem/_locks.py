# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The locks of this package."""

import os
import threading
from typing import Any


def new_lock() -> Any:
    """A lock that the same thread may take again: a signal or a finalizer may
    run code of the program anywhere.  A forked child has it free, whoever had
    it in the parent."""
    lock = threading.RLock()
    # As Python's own modules do it; only CPython has it.
    reinit = getattr(lock, "_at_fork_reinit", None)
    if reinit is not None:
        os.register_at_fork(after_in_child=reinit)
    return lock

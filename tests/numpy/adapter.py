# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What the tests of the adapter share."""

import subprocess
import sys
import threading

import datamem


def python(code, *words, **more):
    """Run code in a new interpreter; its output, which must be all it says."""
    more.setdefault("timeout", 300)
    done = subprocess.run([sys.executable, *words, "-c", code], text=True,
                          capture_output=True, **more)
    assert done.returncode == 0 and not done.stderr, (
        done.returncode, done.stdout, done.stderr)
    return done.stdout


def name(arr=None):
    return datamem.handler_name(arr)


def in_thread(function=name, start=threading.Thread):
    seen = []
    thread = start(target=lambda: seen.append(function()))
    thread.start()
    thread.join()
    return seen[0]


def raises(error, function, *words):
    try:
        function()
    except error as caught:
        assert all(word in str(caught) for word in words), caught
    else:
        raise AssertionError("no %s" % error.__name__)

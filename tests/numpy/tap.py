# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Runs the functions test_* of a module and reports in TAP."""

import sys
import traceback


class Skip(Exception):
    """What this machine cannot do; the message says why."""


def run(names):
    """Run the tests in a module's namespace, in order; exit when done."""
    tests = [(name, item) for name, item in names.items()
             if name.startswith("test_") and callable(item)]
    only = sys.argv[1:]
    failed = 0
    print("1..%d" % len(tests), flush=True)
    for number, (name, test) in enumerate(tests, 1):
        title = "%d - %s" % (number, name[5:].replace("_", " "))
        if only and name not in only:
            print("ok %s # SKIP not asked for" % title)
            continue
        try:
            test()
        except Skip as reason:
            print("ok %s # SKIP %s" % (title, reason))
        except BaseException:
            failed += 1
            print("not ok %s" % title)
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        else:
            print("ok %s" % title)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)

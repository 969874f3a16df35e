# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""pytest -p datamem_plugin: run tests with libdatamem as NumPy's handler.

DATAMEM_TEST_HANDLER names the handler; empty: NumPy's own. What came of the
tests is written as JSON to the file DATAMEM_TEST_RESULT.
"""

import json
import os

import datamem

HANDLER = os.environ.get("DATAMEM_TEST_HANDLER", "")
OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
MISUSE = ("foreign_pointers", "double_frees", "large_hints", "overruns",
          "uses_after_free", "leaked_blocks")

if HANDLER:
    # Where a suite starts: every array of its modules is ours already.
    datamem.install(HANDLER)


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats
    stats = datamem.stats()
    result = {outcome: len(reports.get(outcome, ())) for outcome in OUTCOMES}
    result["failures"] = sorted(
        report.nodeid for outcome in ("failed", "error", "xpassed")
        for report in reports.get(outcome, ()))
    # To be sure that no test has left another handler behind.
    result["handler"] = datamem.handler_name()
    result["allocs"] = stats.allocs
    result["misuse"] = {name: getattr(stats, name) for name in MISUSE}
    terminalreporter.write_line("handler at the end: %s" % result["handler"])
    with open(os.environ["DATAMEM_TEST_RESULT"], "w") as file:
        json.dump(result, file)

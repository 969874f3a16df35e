#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# NumPy's own tests in a Python without the global lock: in parallel threads if
# pytest-run-parallel is there.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
"$PYTHON" -c 'import sys, sysconfig
sys.exit(not sysconfig.get_config_var("Py_GIL_DISABLED"))' ||
	tap_skip_all "$PYTHON has the global lock (needs 3.14t or the like)"
need_pytest
if "$PYTHON" -c 'import pytest_run_parallel' 2>/dev/null; then
	DATAMEM_TEST_PARALLEL=${DATAMEM_TEST_PARALLEL:-4}
	export DATAMEM_TEST_PARALLEL
fi
[ $# -gt 0 ] || set -- datamem core lib ma random
exec "$PYTHON" "$here/check_suites.py" "$@"

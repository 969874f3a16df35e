#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# NumPy's own tests in a Python without the global lock, then each in several
# threads at once. Arguments name others, as in check_suites.py.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
"$PYTHON" -c 'import sys, sysconfig
sys.exit(not sysconfig.get_config_var("Py_GIL_DISABLED"))' ||
	tap_skip_all "$PYTHON has the global lock (make freethreaded)"
need_pytest
[ $# -gt 0 ] || set -- datamem core threads core lib ma random
exec "$PYTHON" "$here/check_suites.py" "$@"

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# NumPy's own tests under the handler datamem: the four large suites. Arguments
# name others, as in check_suites.py.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
need_pytest
[ $# -gt 0 ] || set -- datamem core lib ma random
exec "$PYTHON" "$here/check_suites.py" "$@"

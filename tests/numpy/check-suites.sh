#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# NumPy's own tests under the handler datamem: the four large suites.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
need_pytest
exec "$PYTHON" "$here/check_suites.py" datamem core lib ma random

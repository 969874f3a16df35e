#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# DATAMEM=numpy: every process of a Python that has the package.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
exec "$PYTHON" "$here/check_switch.py" "$@"

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The other suites under datamem, and all of them under debug, which must find
# nothing.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
need_pytest
exec "$PYTHON" "$here/check_suites.py" datamem linalg fft polynomial \
	matrixlib debug core lib ma random linalg fft polynomial matrixlib

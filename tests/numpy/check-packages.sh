#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# SciPy, pandas and scikit-image do what they do without us.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
exec "$PYTHON" "$here/check_packages.py"

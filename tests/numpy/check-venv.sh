#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# A user's virtual environment: NumPy 2, joblib, Dask, pytest-xdist and a notebook
# of PyPI, the wheel, and one variable.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
ls "$top_builddir"/wheel/*.whl >/dev/null 2>&1 ||
	tap_skip_all 'no wheel was made (make check-venv)'
exec "$PYTHON" "$here/check_venv.py" "$@"

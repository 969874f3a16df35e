#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The wheel that `make wheel` has made, as its users install it.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
ls "$top_builddir"/wheel/*.whl >/dev/null 2>&1 ||
	tap_skip_all 'no wheel was made (make check-wheel)'
exec "$PYTHON" "$here/check_wheel.py" "$@"

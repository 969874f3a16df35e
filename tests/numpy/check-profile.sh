#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Profiles of NumPy programs: Python lines with the bytes that they hold.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
exec "$PYTHON" "$here/check_profile.py" "$@"

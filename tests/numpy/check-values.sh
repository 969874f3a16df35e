#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What the adapter's functions take, and what they show.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
exec "$PYTHON" "$here/check_values.py" "$@"

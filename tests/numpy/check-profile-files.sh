#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Profiles of programs, and the files that they are written to.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
exec "$PYTHON" "$here/check_profile_files.py" "$@"

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# datamem.dask: Dask workers on the library.

# shellcheck source=tests/numpy/python.sh
. "${0%/*}/python.sh"
"$PYTHON" -c 'import distributed' 2>/dev/null ||
	tap_skip_all "$PYTHON has no Dask (Debian: python3-distributed)"
exec "$PYTHON" "$here/check_dask.py" "$@"

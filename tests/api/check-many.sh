#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# A million live large blocks, and 4000 threads.

: "${top_builddir:=$PWD}"
exec "$top_builddir/tests/api/many"

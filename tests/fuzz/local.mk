# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Fuzz targets, for `make fuzz` only: EXTRA_PROGRAMS.

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Benchmarks, for `make bench` only: EXTRA_PROGRAMS.

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Small complete programs. `make check` compiles and runs them; they are
# installed as documents.

example_sources =
EXTRA_DIST += $(example_sources)

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool. Uses <datamem.h> and live-page.h, nothing else of the library.

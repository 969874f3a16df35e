# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The adapter, inside NumPy. `make check` runs what takes seconds; NumPy's own
# tests are run by check-numpy and check-numpy-long only.

numpy_quick_tests = %D%/check-adapter.sh %D%/check-program.sh
dist_check_SCRIPTS += $(numpy_quick_tests)
EXTRA_DIST += \
	%D%/check_adapter.py \
	%D%/check_program.py \
	%D%/python.sh \
	%D%/tap.py

numpy_tests += $(numpy_quick_tests)

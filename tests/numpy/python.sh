# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=sh

# What the tests of the adapter share: they are sourced in, look for Python and
# NumPy, and run on the package and the library of this build.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
: "${PYTHON:=python3}"
# shellcheck disable=SC2034 # used by those who source this
here=$top_srcdir/tests/numpy

library=$top_builddir/.libs/libdatamem.so
[ -e "$library" ] || tap_skip_all 'no shared library was built'
[ "$PYTHON" != : ] || tap_skip_all 'configured without Python'
# What asan needs must be in a process before anything else.
if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	tap_skip_all 'Python cannot load a library with sanitizers'
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
	tap_skip_all "no Python 3.9 or newer ($PYTHON)"
"$PYTHON" -c 'import ctypes, numpy' 2>/dev/null ||
	tap_skip_all "$PYTHON has no NumPy (Debian: python3-numpy)"
"$PYTHON" -c 'import sys, numpy
sys.exit(tuple(map(int, numpy.__version__.split(".")[:2])) < (1, 22))' ||
	tap_skip_all 'NumPy is older than 1.22'

PYTHONPATH=$top_srcdir/src/python${PYTHONPATH:+:$PYTHONPATH}
DATAMEM_LIBRARY=$library
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH DATAMEM_LIBRARY PYTHONDONTWRITEBYTECODE
unset PYTHONWARNINGS PYTHONINSPECT PYTHONSTARTUP

# NumPy's tests are packages of pytest and hypothesis.
need_pytest() {
	"$PYTHON" -c 'import pytest, hypothesis' 2>/dev/null ||
		tap_skip_all 'no pytest, or no hypothesis'
}

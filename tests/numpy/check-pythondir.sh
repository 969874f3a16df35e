#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What `make install` says of the folder that the package went to.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
: "${PYTHON:=python3}"
[ "$PYTHON" != : ] || tap_skip_all 'configured without Python'
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
	tap_skip_all "no Python 3.9 or newer ($PYTHON)"

said() {
	"$PYTHON" "$top_srcdir/src/python/say_pythondir.py" "$1" 2>&1
}

looked_in=$("$PYTHON" -c 'import os; print(os.path.dirname(os.__file__))')
tap_empty "nothing of a folder where Python looks" "$(said "$looked_in")"

elsewhere=$(mktemp -d "${TMPDIR:-/tmp}/datamem-pythondir.XXXXXX") || exit 99
trap 'rmdir "$elsewhere"' EXIT
tap_empty "nothing of one that PYTHONPATH has" \
	"$(PYTHONPATH=$elsewhere said "$elsewhere")"
# shellcheck disable=SC2016 # the inner shell expands them
tap_run "of another, what makes Python look there" sh -c '
	printf "%s\n" "$2" | grep -q -x "    export PYTHONPATH=$1" &&
	printf "%s\n" "$2" | grep -q -x "    make install pythondir=/.*"' \
	sh "$elsewhere" "$(said "$elsewhere")"

tap_done

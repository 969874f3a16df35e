#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# A minute of tests/api/soak.c, another one each time; the seed is in the log.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
if [ -x "$top_builddir/datamem-ctl" ]; then
	SOAK_TOOL=$top_builddir/datamem-ctl
	export SOAK_TOOL
fi
seed=$(date +%s)
tap_run "60 seconds, seed $seed" timeout 600 "$top_builddir/tests/api/soak" 60 \
	"$seed"
tap_done

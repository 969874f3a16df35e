#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Print the history of the git tree $1 as a GNU ChangeLog: commit messages are
# written to be read there.

set -eu
cd "${1:-.}"
# The same for everybody, whatever their locale and git's configuration are.
LC_ALL=C
export LC_ALL
git log --no-merges --date=short --encoding=UTF-8 --no-show-signature \
	--no-color \
	--format='%x01%ad  %an  <%ae>%n%n* %s%n%n%b' |
	awk '
	/^\001/ { sub(/^\001/, ""); if (NR > 1) print ""; print; blank = 0; next }
	/^(Signed-off-by|Co-authored-by|Reviewed-by|Change-Id):/ { next }
	NF == 0 { blank = 1; next }
	{ if (blank) print ""; blank = 0; print "\t" $0 }'

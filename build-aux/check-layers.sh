#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Who may include whom: the order of src/libdatamem/layers.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir/src" || tap_bail "no sources"

# LAYER-NUMBER PATH of each entry of the list; folders end in a slash.
entries=$(awk '
	/^#/ || NF == 0 { next }
	{ n++; for (i = 2; i <= NF; i++) print n, $i }' libdatamem/layers)
sources=$(tap_files libdatamem | grep '\.[ch]$')
[ -n "$sources" ] || tap_bail "no sources"

# Each `#include "..."` as FILE INCLUDED, both below libdatamem/: what is not
# beside the file is named from there.
includes() {
	for file in $sources; do
		sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' \
			"$file" | while read -r name; do
			if [ -f "${file%/*}/$name" ]; then
				echo "$file ${file%/*}/$name"
			else
				echo "$file libdatamem/$name"
			fi
		done
	done | awk '{
		while (sub(/[^\/]+\/\.\.\//, "", $2))
			;
		gsub(/libdatamem\//, "")
		print
	}'
}

upward() {
	{ printf '%s\n' "$entries"; echo; includes; } | awk '
	function layer(path,    folder) {
		folder = path
		sub(/\/.*/, "/", folder)
		if (path in number)
			return number[path]
		return folder in number ? number[folder] : 0
	}
	NF == 0 { second = 1; next }
	!second { number[$2] = $1; next }
	$2 == "config.h" {
		if ($1 != "base.h")
			print $1 ": only base.h includes config.h"
		next
	}
	# What library and tool share has no floor of its own.
	$2 == "live-page.h" || $2 == "../live-page.h" { next }
	!layer($2) { print $1 ": " $2 " is in no layer"; next }
	layer($2) > layer($1) { print $1 ": includes " $2 ", of a higher floor" }'
}
tap_empty "no file includes a header of a higher floor" "$(upward)"

homeless() {
	for file in $sources; do
		printf '%s\n' "$entries" | awk -v path="${file#libdatamem/}" '
		BEGIN { folder = path; sub(/\/.*/, "/", folder) }
		$2 == path || $2 == folder { found = 1 }
		END { if (!found) print path }'
	done
}
tap_empty "every file is in a layer" "$(homeless)"

absent() {
	printf '%s\n' "$entries" | while read -r number path; do
		[ -e "libdatamem/$path" ] || echo "$path (layer $number)"
	done
}
tap_empty "every entry of the list exists" "$(absent)"

kernel_headers='<(sys/(mman|prctl|syscall|utsname|ioctl)|linux/.*)\.h>'
# shellcheck disable=SC2086 # a list of words
tap_empty "only kernel/ asks the kernel" "$(
	grep -l -E "^[ 	]*#[ 	]*include[ 	]*$kernel_headers" $sources |
		grep -v '^libdatamem/kernel/')"

tap_empty "datamem-ctl uses <datamem.h> and live-page.h only" "$(
	grep -r -H -E '^[ 	]*#[ 	]*include[ 	]*"(\.\./|libdatamem)' \
		datamem-ctl datamem-measure | grep -v -F '"../../live-page.h"')"

undescribed() {
	sed -n 's/^\([a-z]*\):.*/\1/p' libdatamem/layers | while read -r layer; do
		grep -q "^| \`$layer\`" ../HACKING.md || echo "$layer"
	done
}
tap_empty "HACKING.md describes every layer" "$(undescribed)"

tap_done

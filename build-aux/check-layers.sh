#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Which file may include which: the order and the doors that the lists named
# `layers` have, one for the library, one for the tools.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir/src" || tap_bail "no sources"

# Prints the faults of the files below the folders ROOT..., which share a list.
# An include is looked for beside the file, then in every ROOT.
#
# wrong LIST ROOT...
wrong() {
	list=$1
	shift
	{
		sed 's/^/list /' "$list"
		for root; do
			tap_files "$root" | grep '\.[ch]$' | sort |
				sed "s,^$root/,source $root ,"
		done
		for root; do
			tap_files "$root" | grep '\.[ch]$' | xargs grep -H \
				'^[ 	]*#[ 	]*include[ 	]*"' | sort |
				sed "s,^$root/\([^:]*\):[^\"]*\"\([^\"]*\)\".*,include \1 \2,"
		done
	} | awk '
	# The folder of a path with its slash, "" for a file at the top.
	function room(path) {
		return match(path, /\//) ? substr(path, 1, RSTART) : ""
	}
	function is(path, entry,    i, pattern) {
		if (entry ~ /\/$/)
			return room(path) == entry
		if (entry !~ /[*]/)
			return path == entry
		pattern = entry
		gsub(/[.]/, "[.]", pattern)
		gsub(/[*]/, "[^/]*", pattern)
		return path ~ ("^" pattern "$")
	}
	# 0: in no layer.
	function layer(path,    i) {
		if (path in layers)
			return layers[path]
		for (i = 1; i <= entries; i++)
			if (is(path, entry[i])) {
				used[i] = 1
				return layers[path] = number[i]
			}
		return layers[path] = 0
	}
	function door(path,    name) {
		name = room(path)
		sub(/\/$/, "", name)
		return path == name "/" name ".h"
	}

	$1 == "list" && $2 ~ /^(#.*)?$/ { next }
	$1 == "list" && $2 == "door" {
		if ($3 !~ /:$/ || NF < 6)
			print "door " $3 " without a sentence that says why"
		sub(/:$/, "", $3)
		exception[$3] = 1
		next
	}
	$1 == "list" {
		floors++
		if ($2 !~ /:$/)
			print "not a layer: " $2
		for (i = 3; i <= NF; i++) {
			entry[++entries] = $i
			number[entries] = floors
			if (base == "" && $i ~ /[.]h$/)
				base = $i
		}
		next
	}
	$1 == "source" {
		if ($3 in source)
			print $3 ": in two folders"
		source[$3] = 1
		if (!layer($3))
			print $2 "/" $3 ": belongs to no layer"
		next
	}

	{ file = $2; name = $3 }
	# The headers that library and tools share have no floor of their own.
	name ~ /^([.][.]\/)+(live-page|profile-page|events-page|statistics)[.]h$/ { next }
	name == "config.h" {
		if (file != base)
			print file ": only " base " includes config.h"
		next
	}
	name ~ /(^|\/)[.][.]\// { print file ": includes " name; next }
	{
		beside = file
		sub(/[^\/]*$/, name, beside)
		path = beside in source ? beside : name
	}
	!layer(path) || !(path in source) {
		print file ": " name " is in no layer"
		next
	}
	layer(path) > layer(file) {
		print file ": includes " path ", of a higher floor"
	}
	room(path) == room(file) && room(path) != "" && name == path {
		print file ": " path " is of the same folder, named alone"
	}
	room(path) != room(file) && room(path) != "" && !door(path) {
		if (path in exception)
			exception[path] = 2
		else
			print file ": " path " is no door of " room(path)
	}

	END {
		for (i = 1; i <= entries; i++)
			if (!used[i])
				print entry[i] ": no such file"
		for (path in exception)
			if (exception[path] == 1)
				print "door " path ": nobody uses it"
	}'
}

tap_empty "the library: order and doors of the folders" \
	"$(wrong libdatamem/layers libdatamem)"
tap_empty "the tools: order and doors of the folders" \
	"$(wrong datamem-ctl/layers datamem-ctl datamem-measure \
		datamem-profile)"

kernel_headers='<(sys/(mman|prctl|syscall|utsname|ioctl)|linux/.*)\.h>'
tap_empty "only kernel/ asks the kernel" "$(
	grep -r -l -E "^[ 	]*#[ 	]*include[ 	]*$kernel_headers" libdatamem |
		grep -v '^libdatamem/kernel/')"

undescribed() {
	sed -n 's/^\([a-z]*\):.*/\1/p' libdatamem/layers | while read -r layer; do
		grep -q "^| \`$layer\`" ../HACKING.md || echo "HACKING.md: $layer"
		[ "$layer" = roof ] || grep -q "^| \`$layer/*\`" \
			libdatamem/README.md ||
			echo "src/libdatamem/README.md: $layer"
	done
}
tap_empty "the documents describe every layer" "$(undescribed)"

tap_done

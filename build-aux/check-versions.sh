#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Everything that names the version names the one of configure.ac.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir" || tap_bail "no $top_srcdir"

part() {
	sed -n "s/^m4_define(\[package_$1\], \[\([0-9]*\)\])/\1/p" configure.ac
}
version=$(part major).$(part minor).$(part micro)
[ "$version" != .. ] || tap_bail "configure.ac has no version"

# same PLACE VERSION
same() {
	tap_empty "$1: $version" \
		"$([ "$2" = "$version" ] || echo "it has ${2:-none}")"
}

same NEWS "$(sed -n 's/^libdatamem \([0-9.]*\) .*/\1/p' NEWS | head -n 1)"
same src/python/datamem/_errors.py \
	"$(sed -n 's/^VERSION = "\(.*\)"/\1/p' src/python/datamem/_errors.py)"

# The number in the name of the shared library, as libtool makes it.
interface() {
	sed -n "s/^AC_SUBST(\[LIBDATAMEM_$1\], \[\([0-9]*\)\])/\1/p" configure.ac
}
soname=libdatamem.so.$(($(interface CURRENT) - $(interface AGE)))
named=$(find packaging -name '*.symbols' -o -name '*.spec' 2>/dev/null)
# shellcheck disable=SC2086 # a list
tap_empty "the library is $soname" "$(
	grep -H -o 'libdatamem\.so\.[0-9][0-9]*' src/python/datamem/_library.py \
		src/python/datamem_build.py $named | grep -v ":$soname$")"

# A page that is not distributed is nobody's.
pages=$(sed 's|%D%|man|g' man/local.mk | grep -o 'man/[^ ]*\.[1-9]' | sort -u |
	while read -r page; do
		named=$(sed -n \
			's/^\.TH .*"libdatamem \([0-9.]*\)".*/\1/p' "$page")
		[ "$named" = "$version" ] || echo "$page: ${named:-none}"
	done)
tap_empty "manual pages: $version" "$pages"
if [ -d packaging ]; then
	same packaging/debian/changelog \
		"$(sed -n '1s/^libdatamem (\(.*\)-[^-]*) .*/\1/p' \
			packaging/debian/changelog)"
	same packaging/rpm/libdatamem.spec \
		"$(sed -n 's/^Version: *//p' packaging/rpm/libdatamem.spec)"
	same 'packaging/rpm/libdatamem.spec, newest entry' \
		"$(sed -n '/^%changelog/{n;s/.* \(.*\)-[^-]*$/\1/p;}' \
			packaging/rpm/libdatamem.spec)"
else
	tap_skip "packaging" "it is in the repository only"
fi

tap_done

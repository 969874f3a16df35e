#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Every public function has a manual page of its name, and every page is
# well-formed.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir/man" || tap_bail "no manual"

# The page, of dist_man_MANS or man_links, that has the given name.
page_of() {
	if grep -q -E "%D%/$1( |\$)" local.mk; then
		echo "$1"
	else
		sed -n "s/.*[ \t]$1:\([^ ]*\).*/\1/p" local.mk
	fi
}

# The words of a page's NAME section before the dash, one a line.
names_of() {
	awk '
	/^\.SH / { inside = $2 ~ /^"?NAME/; next }
	inside {
		end = index($0, "\\-")
		text = end ? substr($0, 1, end - 1) : $0
		n = split(text, word, /[ ,]+/)
		for (i = 1; i <= n; i++)
			print word[i]
		if (end)
			exit
	}' "$1"
}

pages=$(tap_files . | grep '\.[1-9]$')
functions=$(api_functions)
[ -n "$functions" ] || tap_bail "the header declares nothing"

without_page() {
	for function in $functions; do
		page=$(page_of "$function.3")
		if [ -z "$page" ]; then
			echo "$function: no page in man/local.mk"
		elif [ ! -f "$page" ]; then
			echo "$function: $page does not exist"
		elif ! names_of "$page" | grep -q -x "$function"; then
			echo "$function: not among the names of $page"
		fi
	done
}
tap_empty "every public function has a page" "$(without_page)"

bad_links() {
	grep -v '^#' local.mk |
		grep -o -E '[a-z_0-9-]+\.[0-9]:[a-z_0-9-]+\.[0-9]' |
	while IFS=: read -r name page; do
		[ -f "$page" ] || echo "$name: $page does not exist"
		[ ! -f "$name" ] || echo "$name: a page and a link"
		case $name in
		*.3) printf '%s\n' "$functions" | grep -q -x "${name%.3}" ||
			echo "$name: no such function" ;;
		esac
	done
}
tap_empty "every extra name stands for a function and leads to a page" \
	"$(bad_links)"

left_out() {
	for page in $pages; do
		grep -q -E "%D%/$page( |\$)" local.mk ||
			echo "$page"
	done
}
tap_empty "every page is installed" "$(left_out)"

# "libdatamem X.Y.Z", at the foot of a page, is the package's version.
of_other_versions() {
	version=$(sed -n 's/^#define DATAMEM_VERSION_STRING "\(.*\)"/\1/p' \
		"$top_builddir/include/datamem-version.h")
	[ -n "$version" ] || echo "datamem-version.h has no version"
	for page in $pages; do
		grep -q "^\.TH [^ ]* [1-9] 20[-0-9]* \"libdatamem $version\"" \
			"$page" || echo "$page: not of libdatamem $version"
	done
}
tap_empty "every page is of this version" "$(of_other_versions)"

lint() {
	for page in $pages; do
		mandoc -T lint -W warning "$page"
	done
}
if command -v mandoc >/dev/null; then
	tap_empty "mandoc finds nothing to warn of" "$(lint 2>&1)"
else
	tap_skip "mandoc finds nothing to warn of" "no mandoc here"
fi

tap_done

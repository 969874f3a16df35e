#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# release-check.sh TARBALL: what must hold before a release is published, as far
# as a program can tell; HACKING.md, Releases, has the whole list. From the
# environment: top_srcdir, MAKE, VERSION, and BASELINE, the last release's
# library, if there is one.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
tarball=$(realpath "$1") || tap_bail "no $1"
tag=v$VERSION
scratch=$(mktemp -d) || tap_bail "no scratch folder"
trap 'rm -rf "$scratch"' EXIT

versions() {
	sh "$top_srcdir/build-aux/check-versions.sh"
}

git_of() {
	git -C "$top_srcdir" "$@"
}

nothing_uncommitted() {
	left=$(git_of status --porcelain --untracked-files=no) || return
	[ -z "$left" ] && return
	echo "$left"
	return 1
}

changelog_is_new() {
	[ "$(git_of rev-list -1 HEAD -- ChangeLog)" = \
		"$(git_of rev-parse HEAD)" ] ||
		{ echo "make update-changelog; commit"; return 1; }
}

# In a clone, configured with fewer parts.
same_tarball() (
	git clone -q "$top_srcdir" "$scratch/clone" &&
		cd "$scratch/clone" && ./bootstrap && cd .. &&
		clone/configure --quiet --disable-tool --without-python &&
		make dist >/dev/null && cmp "${tarball##*/}" "$tarball"
)

abi() {
	${MAKE:-make} -s check-abi BASELINE="${BASELINE-}"
}

abi_is_described() {
	${MAKE:-make} -s check-abi BASELINE= ABI_ADDED=no ||
		{ echo "make update-abi; commit"; return 1; }
}

tap_run "one version everywhere" versions
tap_empty "NEWS has the date of the release" \
	"$(grep 'not released yet' "$top_srcdir/NEWS")"
if git_of rev-parse >/dev/null 2>&1; then
	tap_run "nothing uncommitted" nothing_uncommitted
	tap_run "ChangeLog is up to date" changelog_is_new
	tap_run "a clone makes the same tarball" same_tarball
else
	tap_skip "nothing uncommitted" "not a git tree"
	tap_skip "ChangeLog is up to date" "not a git tree"
	tap_skip "a clone makes the same tarball" "not a git tree"
fi
tap_run "binary interface" abi
tap_run "its description is this release's" abi_is_described
if git_of rev-parse -q --verify "refs/tags/$tag" >/dev/null 2>&1; then
	tap_run "signature of the tag $tag" git_of verify-tag "$tag"
else
	tap_skip "signature of the tag $tag" "not tagged yet"
fi
if [ -f "$tarball.asc" ]; then
	tap_run "signature of the tarball" gpg --verify "$tarball.asc" "$tarball"
else
	tap_skip "signature of the tarball" "no ${tarball##*/}.asc"
fi

tap_done

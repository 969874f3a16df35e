#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# A Python without the global lock, with NumPy, for check-numpy-freethreaded:
#
#   make-freethreaded.sh FOLDER
#       make it in FOLDER, where it is kept, unless it is there: out of Debian's
#       source, built with --disable-gil, and in a virtual environment what the
#       tests need of PyPI. Some minutes, 400 MB, a network; no root.
#   make-freethreaded.sh --find FOLDER PYTHON
#       say which to test: PYTHON if that has no lock, else the one in FOLDER,
#       else PYTHON.
#
# apt verifies the source, with lists of its own below FOLDER. The compiler needs
# libffi-dev, libssl-dev, zlib1g-dev, libbz2-dev and liblzma-dev of Debian. From the
# environment: FREETHREADED_VERSIONS, the first of which that can be had is taken,
# FREETHREADED_SUITES, FREETHREADED_MIRROR, and FREETHREADED_KEYRING, with which the
# suites are signed: another archive of this form has a version that Debian's lacks.

set -u
versions=${FREETHREADED_VERSIONS:-3.14 3.13}
suites=${FREETHREADED_SUITES:-sid trixie}
mirror=${FREETHREADED_MIRROR:-http://deb.debian.org/debian}
keyring=${FREETHREADED_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
# NumPy's test of handlers compiles a module.
packages="numpy pytest hypothesis pytest-run-parallel setuptools meson ninja"

without_lock() {
	"$1" -c 'import sys, sysconfig
sys.exit(not sysconfig.get_config_var("Py_GIL_DISABLED"))' 2>/dev/null
}

if [ "${1-}" = --find ]; then
	if ! without_lock "$3" && without_lock "$2/venv/bin/python3"; then
		echo "$2/venv/bin/python3"
	else
		echo "$3"
	fi
	exit
fi
if [ $# != 1 ]; then
	echo "usage: $0 FOLDER" >&2
	exit 2
fi
mkdir -p "$1" || exit
folder=$(cd "$1" && pwd)
python=$folder/venv/bin/python3
exec 9>"$folder/lock"
flock 9

# apt COMMAND...: apt-get that knows the sources of one suite alone.
apt() {
	apt-get -q -y -o Dir::State="$folder/apt" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$folder/apt/cache" \
		-o Dir::Etc::sourcelist="$folder/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root \
		-o Acquire::Languages=none "$@"
}

# get_source: the first of the versions, unpacked here.
get_source() {
	mkdir -p "$folder/apt/lists/partial" \
		"$folder/apt/cache/archives/partial" || return
	for suite in $suites; do
		echo "deb-src [signed-by=$keyring] $mirror $suite main"
	done >"$folder/apt/sources.list"
	apt update || return
	for version in $versions; do
		apt source --download-only --tar-only "python$version" || continue
		tar xf python"$version"_*.orig.tar.*[!c] --strip-components=1
		return
	done
	echo "none of Python $versions can be had of $mirror" >&2
	return 1
}

build() {
	rm -rf "$folder/source" "$folder/python"
	mkdir "$folder/source" && cd "$folder/source" &&
		get_source &&
		./configure --quiet --disable-gil --prefix="$folder/python" \
			CFLAGS=-O2 &&
		make -s -j"$(nproc)" &&
		make -s altinstall &&
		rm -rf "$folder/source" "$folder/apt"
}

if ! without_lock "$python"; then
	(build) >"$folder/build.log" 2>&1 || {
		tail -n 20 "$folder/build.log" >&2
		exit 1
	}
	rm -rf "$folder/venv"
	set -- "$folder"/python/bin/python3.*[0-9]t
	"$1" -m venv "$folder/venv" || exit
fi
# shellcheck disable=SC2086 # a list
"$python" -m pip install -q --only-binary=numpy $packages || exit
exec "$python" -c 'import sys, numpy
print(sys.executable, "Python", sys.version.split()[0], "NumPy", numpy.__version__)'

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Tools that find mistakes in the use of malloc() find them in that of the
# library: each of mistakes.c, by each tool that is installed; and under each
# the interface keeps its promises (hosted.c).

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
library=$top_builddir/.libs/libdatamem.so
: "${CC:=cc}"
sizes='1000 8388608'

if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	tap_skip_all 'a library with sanitizers is for tests of its arena'
fi
[ -f "$library" ] || tap_skip_all 'no shared library was built'
if command -v readelf >/dev/null && ! readelf -d "$library" | grep -q 'libc\.so\.6'
then
	tap_skip_all 'these tools are for programs of glibc'
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-tools.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
# Others than those of the tests.
unset ASAN_OPTIONS MSAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS VALGRIND_OPTS
# shellcheck disable=SC3045 # dash, bash and busybox have it
ulimit -c 0 2>/dev/null || :

# build COMPILER PROGRAM OPTIONS...: program and tool are in $work/PROGRAM.
build() {
	compiler=$1
	source=$2
	shift 2
	# shellcheck disable=SC2086 # a command with its options
	$compiler -g -O1 -w -DDATAMEM_NO_FREED_BY -fno-omit-frame-pointer "$@" \
		-I"$top_srcdir/include" -I"$top_builddir/include" \
		-o "$work/$source" "$top_srcdir/tests/api/$source.c" \
		"$library" -pthread
}

# finds REGEX STATUS LETTER BYTES [HANDLER]: STATUS is `fails` or `passes`, of
# the program under $tool.
finds() {
	regex=$1
	status=$2
	shift 2
	# shellcheck disable=SC2086 # a command with its options, or nothing
	timeout 300 $tool "$work/mistakes" "$@" >"$work/said" 2>&1
	code=$?
	case $status-$code in
	passes-0) ;;
	passes-* | fails-0 | *-124)
		echo "exit status $code"
		cat "$work/said"
		return 1
		;;
	esac
	grep -q -E -e "$regex" "$work/said" && return
	echo "no $regex in:"
	cat "$work/said"
	return 1
}

# Letters of mistakes.c, what the program ends as, and what is said.
# BYTES: of blocks of this size only.
asan_finds() {
	cat <<-'END'
	u fails heap-use-after-free
	w fails heap-use-after-free
	r fails heap-use-after-free
	o fails heap-buffer-overflow
	b fails heap-buffer-overflow
	t fails use-after-poison
	d fails attempting.double-free
	f fails free\(3\),.not.datamem_free
	m fails foreign.pointer
	h passes too.large.size.hint
	END
}
# Reads of what is freed as reads of what was never written; of large blocks,
# of which nothing is left, as a crash.
msan_finds() {
	cat <<-'END'
	i fails use-of-uninitialized-value
	u fails use-of-uninitialized-value|SEGV
	d fails double.free.of
	f fails free\(3\),.not.datamem_free
	m fails foreign.pointer
	h passes too.large.size.hint
	END
}
tsan_finds() {
	cat <<-'END'
	u fails heap-use-after-free|SEGV
	w fails heap-use-after-free|SEGV
	x fails data.race
	d passes double.free.of
	f passes free\(3\),.not.datamem_free
	m passes foreign.pointer
	END
}
valgrind_finds() {
	cat <<-'END'
	u fails Invalid.read
	w fails Invalid.write
	r fails Invalid.write
	o fails Invalid.write
	b fails Invalid.write
	t fails Invalid.write
	d fails Invalid.free
	f fails free\(3\),.not.datamem_free
	m fails pointer_is_no_block_of_libdatamem
	l fails are.(definitely|possibly).lost
	i fails uninitialised.value
	h passes too.large.size.hint
	END
}

# finds_all NAME: every line of standard input; the others are no mistakes.
finds_all() {
	while read -r letter status regex; do
		for size in $sizes; do
			tap_run "$1: $letter of $size" \
				finds "$regex" "$status" "$letter" "$size"
		done
	done
	finds_others "$1" "${2:-heap-use-after-free}"
}

finds_others() {
	tap_run "$1: u of 100, by the handler datamem" \
		finds "$2" fails u 100 datamem
	tap_run "$1: no mistake" finds 'done' passes - 1000
}

# told REGEX STATUS LETTER: of what $tool, which goes on after a mistake, said
# in $work/one; every error begins with the number of the process.
told() {
	awk -v letter="$3" '/^-- / { on = $2 == letter; next } on' \
		"$work/one" >"$work/said"
	if grep -q -E -e "$1" "$work/said"; then
		case $2-$(grep -c '^==[0-9]' "$work/said") in
		fails-0 | passes-[1-9]*) ;;
		*) return 0 ;;
		esac
	fi
	echo "not $1, $2, in:"
	cat "$work/said"
	return 1
}

# finds_all_in_one NAME REGEX: the same in a process for each size. What leaks is
# told at the end, so that it is the last; what free() got, at the end, too.
finds_all_in_one() {
	letters=$(sort -k 1,1 "$work/table" | cut -c 1 | tr -d 'fl\n')l
	for size in $sizes; do
		# shellcheck disable=SC2086 # a command with its options
		timeout 300 $tool "$work/mistakes" "$letters" "$size" \
			>"$work/one" 2>&1
		while read -r letter status regex; do
			case $letter in
			f) tap_run "$1: f of $size" \
				finds "$regex" "$status" f "$size" ;;
			*) tap_run "$1: $letter of $size" \
				told "$regex" "$status" "$letter" ;;
			esac
		done <"$work/table"
	done
	finds_others "$1" "$2"
}

keeps_promises() {
	# shellcheck disable=SC2086 # a command with its options, or nothing
	timeout 300 $tool "$work/hosted"
}

# with NAME COMPILER OPTION TABLE [WORD]
with() {
	name="$1, $2"
	compiler=$2
	command -v "${compiler%% *}" >/dev/null || {
		tap_skip "$name" "no $compiler"
		return
	}
	tool=
	if ! build "$compiler" mistakes "$3" >"$work/said" 2>&1 ||
		! "$work/mistakes" - 100 >"$work/said" 2>&1
	then
		tap_skip "$name" "it does not run here"
		return
	fi
	"$4" >"$work/table"
	finds_all "$name" "${5-}" <"$work/table"
	tap_run "$name: hosted.c is built" build "$compiler" hosted "$3"
	ASAN_OPTIONS=allocator_may_return_null=1 tap_run \
		"$name: promises are kept" keeps_promises
}

with AddressSanitizer gcc -fsanitize=address asan_finds
with AddressSanitizer clang -fsanitize=address asan_finds
with MemorySanitizer clang -fsanitize=memory msan_finds \
	use-of-uninitialized-value
with ThreadSanitizer gcc -fsanitize=thread tsan_finds
with ThreadSanitizer clang -fsanitize=thread tsan_finds

# It takes a look with ptrace(2), which not every container has.
for compiler in gcc clang; do
	name="LeakSanitizer, $compiler"
	tool=
	if build $compiler mistakes -fsanitize=leak >"$work/said" 2>&1 &&
		"$work/mistakes" - 100 >"$work/said" 2>&1; then
		for size in $sizes; do
			tap_run "$name: l of $size" finds \
				'LeakSanitizer: detected' fails l "$size"
		done
	else
		tap_skip "$name" 'it does not run here'
	fi
done


if ! command -v valgrind >/dev/null; then
	tap_skip valgrind 'no valgrind'
elif ! grep -q '^#define HAVE_VALGRIND_MEMCHECK_H 1' \
	"$top_builddir/config.h"; then
	tap_skip valgrind 'the library was built without its headers'
elif ! { build "$CC" mistakes && build "$CC" hosted; } >"$work/said" 2>&1; then
	tap_skip valgrind 'no program can be built'
elif valgrind --quiet "$work/mistakes" - 100 2>&1 | grep -q unhandled; then
	# Of clang 14 and newer, before valgrind 3.20.
	tap_skip valgrind 'it cannot read what this compiler writes for debuggers'
else
	tool='valgrind --quiet --leak-check=full --error-exitcode=9'
	valgrind_finds >"$work/table"
	finds_all_in_one valgrind 'Invalid.read'
	tap_run 'valgrind: promises are kept' keeps_promises
	# Where the arena serves, valgrind is told of its large blocks.
	DATAMEM_HANDLER=default_allocator
	export DATAMEM_HANDLER
	tap_run 'valgrind, arena: u of 8388608' \
		finds 'Invalid read' fails u 8388608
	tap_run 'valgrind, arena: f of 8388608' \
		finds 'Mismatched free' fails f 8388608
	tap_run 'valgrind, arena: i of 8388608' \
		finds 'uninitialised value' fails i 8388608
	tap_run 'valgrind, arena: no mistake' finds 'done' passes - 8388608
	unset DATAMEM_HANDLER
fi

# heaptrack's number, in decimal megabytes, within 3 % of the program's own.
agrees() {
	if ! timeout 300 heaptrack -o "$work/track" "$work/peak" \
		>"$work/said" 2>&1 ||
		! heaptrack_print -f "$work"/track.* >"$work/printed" 2>&1
	then
		cat "$work/said" "$work/printed"
		return 1
	fi
	own=$(sed -n 's/^peak \([0-9]*\)$/\1/p' "$work/said")
	seen=$(sed -n 's/^peak heap memory consumption: \([0-9.]*\)M.*/\1/p' \
		"$work/printed")
	echo "own $own, seen ${seen}M"
	awk -v own="$own" -v seen="$seen" \
		'BEGIN { ratio = seen * 1e6 / own
			 exit !(ratio > 0.97 && ratio < 1.03) }'
}
if ! command -v heaptrack >/dev/null || ! command -v heaptrack_print >/dev/null
then
	tap_skip 'heaptrack: the peak' 'no heaptrack'
elif ! build "$CC" peak >"$work/said" 2>&1 ||
	! "$work/peak" >"$work/said" 2>&1; then
	tap_skip 'heaptrack: the peak' 'no program can be built'
elif ! timeout 60 heaptrack -o "$work/trial" "$work/peak" >/dev/null 2>&1; then
	tap_skip 'heaptrack: the peak' 'it does not run here'
else
	tap_run 'heaptrack: the peak' agrees
fi
tap_done

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Whose memory it is, in a NumPy program that counts for itself.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2034,SC1010
load common
load live

top=${top_srcdir:-$here/../..}
library=${top_builddir:-$top}/.libs/libdatamem.so
program=$here/five-sites.py
: "${PYTHON:=python3}"

need_numpy()
{
	[ -e "$library" ] || skip "no shared library was built"
	# What asan needs must be in a process before anything else.
	skip_if_sanitized
	"$PYTHON" -c 'import sys, numpy
version = tuple(map(int, numpy.__version__.split(".")[:2]))
sys.exit(version < (1, 22) or sys.version_info < (3, 9))' 2>/dev/null ||
		skip "no Python 3.9 with NumPy 1.22 ($PYTHON)"
}

start_program()
{
	export PYTHONPATH=$top/src/python DATAMEM_LIBRARY=$library
	export PYTHONDONTWRITEBYTECODE=1
	counts=$BATS_TEST_TMPDIR/counts
	start_command env DATAMEM_CONF="$1" "$PYTHON" -m datamem "$program" \
		"$counts"
}

# The numbers of the line of a site: numbers_of SITE COLUMN...
numbers_of()
{
	local line

	# Where the expression goes on, the line is that of its call.
	line=$(grep -n "# site $1\$" "$program" | cut -d: -f1)
	# Up to Python 3.11 a comprehension is a function with lines of its own,
	# and an expression has that of its first or of its last line.
	"$ctl" profile -nrb --columns "$2,LINE" "$pid" |
		awk -v file="$program:" -v last="$line" '
		(at = index($0, file)) {
			line = substr($0, at + length(file)) + 0
			if (line == last || line == last - 1)
				sum += $1
		}
		END { printf "%d\n", sum }'
}

# What the program counts and what the profile says are the same, as far as an
# estimate can be.
agree()
{
	local site own theory live error bad=0

	while read -r site own theory; do
		live=$(numbers_of "$site" LIVE)
		# Larger than by theory where the thread's interval has risen; the
		# estimate alone is too small where few were sampled.
		error=$(numbers_of "$site" ERROR)
		error=$((error > theory ? error : theory))
		echo "$site: $own by its own count, $live by the profile," \
			"standard error $error"
		case $site in
		rows | tiny) limit=$((3 * error)) ;;
		*) limit=$((own / 20)) ;;
		esac
		difference=$((live > own ? live - own : own - live))
		[ "$difference" -le "$limit" ] || bad=1
	done <"$counts"
	return $bad
}

@test "five lines in two threads, live and stopped, as the program counts them" {
	need_numpy
	start_program profile=512K
	# Three standard errors are exceeded once in 370 times, by chance.
	if ! agree; then
		start_program profile=512K
		agree
	fi
	stop_process "$pid"
	agree
	"$ctl" profile --format=heap -o "$BATS_TEST_TMPDIR/heap" "$pid"
	"$ctl" profile --format=pprof -o "$BATS_TEST_TMPDIR/pprof" "$pid"
	"$ctl" profile --format=svg -o "$BATS_TEST_TMPDIR/svg" "$pid"
	kill -CONT "$pid"
	if command -v google-pprof >/dev/null; then
		google-pprof --text "$BATS_TEST_TMPDIR/heap" |
			grep -q "in_main 'five-sites.py:"
	fi
	if command -v protoc >/dev/null; then
		gzip -dc "$BATS_TEST_TMPDIR/pprof" |
			protoc --proto_path="$here" --decode=Profile \
				profile.proto | grep -q "five-sites.py"
	fi
	grep -q "in_a_thread (five-sites.py:" "$BATS_TEST_TMPDIR/svg"
}

@test "resident memory of a NumPy program's lines" {
	[ -r /proc/self/pagemap ] || skip "no page tables"
	need_numpy
	start_program profile=512K
	resident=$(numbers_of images RESIDENT)
	live=$(numbers_of images LIVE)
	# All of it was written; the kernel may have swapped some of it out.
	[ "$(sed -n 's/^SwapTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)" = 0 ] ||
		skip "the machine has swap"
	[ "$resident" -eq "$live" ]
	[ "$(numbers_of images HUGE)" -le "$resident" ]
}

@test "a profile is switched on and off while the program runs" {
	need_numpy
	start_program profile=off
	run ctl profile "$pid"
	[ "$status" -eq 2 ]
	grep -q "its profile is off; .*set $pid profile=512K" "$errors"
	# A process that waits takes it with its next allocation.
	run ctl set "$pid" profile=512K
	[ "$status" -le 1 ]
	tell again
	hear done
	tell again
	hear done
	run ctl profile -nr --columns COUNT,LINE "$pid"
	[ "$status" -eq 0 ]
	[[ $output == "1 $program:"* ]]
	run ctl set "$pid" profile=off
	[ "$status" -le 1 ]
	tell again
	hear done
	run ctl profile "$pid"
	[ "$status" -eq 2 ]
}

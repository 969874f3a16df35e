# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tool and a running NumPy program, from list to trim.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2034,SC1010
load common
load live

top=${top_srcdir:-$here/../..}
library=${top_builddir:-$top}/.libs/libdatamem.so
: "${PYTHON:=python3}"

need_numpy()
{
	[ -e "$library" ] || skip "no shared library was built"
	# What asan needs must be in a process before anything else.
	if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' \
		"${top_builddir:-$here/../..}/Makefile"; then
		skip "Python cannot load a library with sanitizers"
	fi
	"$PYTHON" -c 'import sys, numpy
version = tuple(map(int, numpy.__version__.split(".")[:2]))
sys.exit(version < (1, 22) or sys.version_info < (3, 9))' 2>/dev/null ||
		skip "no Python 3.9 with NumPy 1.22 ($PYTHON)"
}

# Three threads that hold 8 MiB each and have freed 16 MiB each. The order is
# strict, as what one frees the other could take: all have all at once.
program()
{
	cat >"$BATS_TEST_TMPDIR/program.py" <<-'END'
	import sys, threading
	import numpy as np

	all_here = threading.Barrier(4)
	leave = threading.Event()

	def work(number):
	    kept = np.full(1 << 20, number, dtype=np.int64)
	    freed = np.full(2 << 20, number, dtype=np.int64)
	    small = [np.arange(10) for _ in range(100)]
	    all_here.wait()
	    del freed
	    all_here.wait()
	    leave.wait()
	    assert (kept == number).all() and len(small) == 100

	threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
	for thread in threads:
	    thread.start()
	all_here.wait()
	all_here.wait()
	print("ready", flush=True)
	for line in sys.stdin:
	    again = np.full(1 << 20, 7)
	    print("done", flush=True)
	leave.set()
	for thread in threads:
	    thread.join()
	print("well", flush=True)
	END
}

start_numpy()
{
	export PYTHONPATH=$top/src/python DATAMEM_LIBRARY=$library
	export PYTHONDONTWRITEBYTECODE=1
	program
	live_user=$BATS_TEST_TMPDIR/program.py
	# Ageing has no part in it.
	start env DATAMEM_CONF=retain.age=3600000,retain.max=256M \
		"$PYTHON" -m datamem
}

@test "a NumPy program with threads: list, stat, top" {
	need_numpy
	start_numpy
	run ctl list -nrb -o PID,LIVE
	[ "$status" -eq 0 ]
	live=$(sed -n "s/^$pid //p" <<<"$output")
	[ "$live" -ge $((24 << 20)) ]
	[ "$live" -lt $((40 << 20)) ]
	# NumPy has some of its own.
	large=$(value "$pid" LARGE)
	[ "$large" -ge $((24 << 20)) ]
	[ "$large" -le "$live" ]
	[ "$(value "$pid" LARGE_BLOCKS)" -ge 3 ]
	[ "$(value "$pid" PEAK)" -ge $((72 << 20)) ]
	[ "$(value "$pid" THREADS)" -ge 3 ]
	[ "$(value "$pid" ALLOCS)" -ge 306 ]
	run ctl stat "$pid" --watch 0.01 --count 3 -nrb -o PID,LARGE
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ "$(sort -u <<<"$output")" = "$pid $large" ]
	run ctl top -i 1 -nrb -o PID,LIVE "$pid"
	[ "$status" -eq 0 ]
	[ "$output" = "$pid $live" ]
	[ ! -r /proc/self/smaps_rollup ] ||
		[ "$(rss "$pid")" -ge $((live >> 10)) ]
	exec 7>&-
	hear well
	wait "$pid"
}

@test "a NumPy program with threads: set and trim, by the kernel's account" {
	[ -r /proc/self/smaps_rollup ] || skip "no smaps_rollup"
	need_numpy
	start_numpy
	before=$(rss "$pid")
	skip_under_pressure
	# Of 48 MiB freed; chunks that blocks still share are not retained.
	[ "$(value "$pid" RETAINED)" -ge $((36 << 20)) ]
	run ctl set "$pid" retain.max=16M -nr -o VALUE,BEFORE
	[ "$status" -eq 0 ]
	[ "$output" = "16M 256M" ]
	tell again
	hear done
	[ "$(value "$pid" RETAINED)" -le $((16 << 20)) ]
	limited=$(rss "$pid")
	[ "$limited" -le $((before - 18 * 1024)) ]
	retained=$(value "$pid" RETAINED)
	skip_under_pressure
	run ctl trim "$pid" -nrb -o RELEASED
	[ "$status" -eq 0 ]
	[ "$output" -ge "$retained" ]
	[ "$(value "$pid" RETAINED)" = 0 ]
	[ "$(rss "$pid")" -le $((limited - (retained >> 10) + 1024)) ]
	# What it uses it still has, and it goes on.
	[ "$(value "$pid" LARGE)" -ge $((24 << 20)) ]
	tell again
	hear done
	exec 7>&-
	hear well
	wait "$pid"
}

@test "list shows the handler that NumPy has" {
	need_numpy
	export PYTHONPATH=$top/src/python DATAMEM_LIBRARY=$library
	export PYTHONDONTWRITEBYTECODE=1
	cat >"$BATS_TEST_TMPDIR/handlers.py" <<-'END'
	import sys
	import datamem, numpy as np

	kept = np.ones(1 << 20)
	print("ready", flush=True)
	for line in sys.stdin:
	    word = line.strip()
	    datamem.install(word) if word != "off" else datamem.uninstall()
	    print("done", flush=True)
	print("well", flush=True)
	END
	live_user=$BATS_TEST_TMPDIR/handlers.py
	start env "$PYTHON" -m datamem
	run ctl list -nr -o COMMAND,HANDLER "$pid"
	[ "$output" = 'handlers.py datamem\x20(NumPy)' ]
	tell debug
	hear done
	run ctl list -nr -o HANDLER "$pid"
	[ "$output" = 'debug\x20(NumPy)' ]
	tell off
	hear done
	run ctl list -nr -o HANDLER "$pid"
	[ "$output" = 'default_allocator\x20(NumPy)' ]
	exec 7>&-
	hear well
	wait "$pid"
}

@test "list names the workers of multiprocessing, joblib and pytest-xdist" {
	need_numpy
	ctl=$(realpath "$ctl")
	export PYTHONPATH=$BATS_TEST_TMPDIR:$top/src/python ctl
	export PYTHONDONTWRITEBYTECODE=1 DATAMEM_LIBRARY=$library
	cd "$BATS_TEST_TMPDIR"
	cat >seen.py <<-'END'
	import os, subprocess
	import datamem

	def listed(*words):
	    kept = datamem.zeros(1000)     # before that there is no page
	    return subprocess.run([os.environ["ctl"], "list", "-nr", "-o", *words],
	                          text=True, stdout=subprocess.PIPE,
	                          stderr=subprocess.DEVNULL).stdout.strip()

	def seen(i=0):
	    return listed("COMMAND", str(os.getpid()))

	def is_called(name):
	    return str(os.getpid()) in listed("PID", "--name=" + name).split()
	END
	cat >workers.py <<-'END'
	import multiprocessing
	from seen import is_called, seen

	if __name__ == "__main__":
	    for method in ("fork", "spawn", "forkserver"):
	        with multiprocessing.get_context(method).Pool(1) as pool:
	            print(method, pool.apply(seen))
	        with multiprocessing.get_context(method).Pool(1) as pool:
	            assert pool.apply(is_called, ["workers.py"])
	            assert pool.apply(is_called, ["multiprocessing"]) == (
	                method != "fork")
	    try:
	        from joblib import Parallel, delayed
	        print(set(Parallel(2)(delayed(seen)(i) for i in range(4))))
	    except ImportError:
	        print({"workers.py/loky"})
	END
	run "$PYTHON" -W ignore workers.py 3>&-
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "fork workers.py" ]
	[ "${lines[1]}" = "spawn workers.py/multiprocessing" ]
	[ "${lines[2]}" = "forkserver workers.py/multiprocessing" ]
	[ "${lines[3]}" = "{'workers.py/loky'}" ]
	"$PYTHON" -c 'import pytest, xdist' || skip "no pytest-xdist for the rest"
	cat >test_seen.py <<-'END'
	from seen import seen

	def test_one():
	    assert seen() == "pytest/xdist"
	END
	"$PYTHON" -m pytest -q -n 1 -p no:cacheprovider test_seen.py 3>&-
}

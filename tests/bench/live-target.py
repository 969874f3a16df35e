# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""live-target.py SECONDS: as live-target.c, a NumPy program."""

import sys
import time

import numpy as np

SIZES = (10, 1000, 20000, 300000)


def work(arrays):
    for a in arrays:
        b = a * 2.0 + 1.0
        c = np.sqrt(b * b + a) - b / (a + 3.0)
        c.sum()


def run(arrays, times):
    start = time.perf_counter_ns()
    for _ in range(times):
        work(arrays)
    return time.perf_counter_ns() - start


def main():
    seconds = float(sys.argv[1])
    arrays = [np.linspace(0.0, 1.0, n) for n in SIZES]
    run(arrays, 20)
    times = 20
    spent = run(arrays, times)
    times = int(times * seconds * 1e9 / spent) + 1
    print("ready", flush=True)
    for _ in sys.stdin:
        print(run(arrays, times), flush=True)


main()

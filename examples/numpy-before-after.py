# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""NumPy before and after datamem.install(), in three common patterns.

    python3 numpy-before-after.py

Each pattern runs with NumPy's own memory and then with libdatamem, and must
give the same result. Times are medians.
"""

import statistics
import time

import numpy as np

import datamem


def temporaries(n=4_000_000):
    """Each operation of an expression creates an array and frees one."""
    a = np.linspace(0, 1, n)
    b = np.linspace(1, 2, n)
    return lambda: ((a * 2 + b - 1) * a / (b + 1)).sum()


def growth(n=8_000_000):
    """An array grows while data arrive."""
    def run():
        arr = np.ones(n // 8)
        while arr.size < n:
            arr.resize(arr.size * 2, refcheck=False)
            arr[arr.size // 2:] = 1
        return arr.sum()
    return run


def frames(n=20, shape=(1080, 1920)):
    """Images of one size are created, used and freed."""
    def run():
        total = 0.0
        for i in range(n):
            image = np.zeros(shape, np.float32)
            image += i
            total += float((image * 0.5)[::97, ::97].sum())
        return total
    return run


def median_ms(run, rounds=7):
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e3, result


def main():
    print("%-12s %12s %12s %8s" % ("", "NumPy alone", "libdatamem", "faster"))
    for job in (temporaries, growth, frames):
        before, expected = median_ms(job())

        datamem.install()
        try:
            after, result = median_ms(job())
        finally:
            datamem.uninstall()

        assert result == expected, (result, expected)
        print("%-12s %9.1f ms %9.1f ms %7.2fx" % (
            job.__name__, before, after, before / after))

    # The memory of an array, and the statistics of the library.
    datamem.install()
    arr = np.ones((4096, 4096))
    receipt = datamem.receipt(arr)
    print("\narray made by %s; %d of %d bytes could lie in huge pages, %s do"
          % (datamem.handler_name(arr), receipt.eligible, receipt.asked,
             "an unknown number" if receipt.backed is None
             else receipt.backed))
    if receipt.reason:
        print("not all, because: %s" % receipt.reason)
    stats = datamem.stats()
    print("large blocks from warm memory: %d of %d; page faults avoided: %d"
          % (stats.large_hits, stats.large_hits + stats.large_misses,
             stats.faults_avoided))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Five lines that allocate, in two threads, and what each holds by its own count,
with the standard error of an estimate from a sample each 512 KiB."""
import math
import sys
import threading

import numpy as np

MIB = 1 << 20
kept = {}


def keep(name, arrays):
    kept[name] = arrays


def in_a_thread():
    pixels = np.zeros((2048, 2048), dtype=np.float32)
    keep("copies", [pixels.copy() for _ in range(8)])        # site copies
    keep("rows", [np.full(32768, 7, dtype=np.uint16)
                  for _ in range(600)])                      # site rows
    del pixels


def in_main():
    for i in range(6):
        kept.setdefault("sums", []).append(
            np.ones(MIB, dtype=np.float64) + i)              # site sums
    keep("images", [np.ones((1024, 1024, 8), dtype=np.uint8)
                    for _ in range(10)])                     # site images
    keep("tiny", [np.arange(i, i + 100) for i in range(40000)])  # site tiny


thread = threading.Thread(target=in_a_thread)
thread.start()
in_main()
thread.join()
with open(sys.argv[1], "w") as file:
    for name, arrays in kept.items():
        sizes = [array.nbytes for array in arrays]
        variance = sum(z * z / math.expm1(z / (MIB / 2)) for z in sizes)
        print(name, sum(sizes), int(math.sqrt(variance)), file=file)
print("ready", flush=True)
for line in sys.stdin:
    keep("again", [np.ones((2 * MIB,), dtype=np.int32)])
    print("done", flush=True)

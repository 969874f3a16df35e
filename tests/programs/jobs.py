# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Jobs as programs with NumPy do them, for `make bench-programs`.

    jobs.py NAME    do one: some seconds, 50 to 500 MiB
    jobs.py         their names, and what each needs beside NumPy

Nothing here knows of libdatamem. Random numbers have a seed, so that a job
allocates the same each time.
"""

import sys

import jobs_data     # noqa: F401
import jobs_numeric  # noqa: F401
from registry import JOBS


def main():
    if len(sys.argv) == 2:
        print(JOBS[sys.argv[1]][0]())
        return
    for name, (_, needs) in JOBS.items():
        print(name, *needs)


if __name__ == "__main__":
    main()

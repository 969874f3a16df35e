# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The list of jobs, and random numbers that are the same each time."""

import numpy as np

JOBS = {}


def job(*needs):
    """What a job needs beside NumPy."""
    def add(function):
        JOBS[function.__name__] = (function, needs)
        return function
    return add


def rng():
    return np.random.default_rng(12345)

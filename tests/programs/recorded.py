# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The programs that the recordings in tests/data are of, in kind.

    recorded.py NAME    do one
"""

import sys

import numpy as np


def nbody():
    """Small blocks only."""
    rng = np.random.default_rng(5)
    place = rng.standard_normal((24, 3))
    speed = np.zeros((24, 3))
    for _ in range(20000):
        away = place[:, None] - place
        near = ((away ** 2).sum(-1) + 0.1) ** -1.5
        speed -= 1e-4 * (away * near[..., None]).sum(1)
        place += 1e-4 * speed
    return place.sum()


def temporaries():
    """Expressions over arrays of 8, 32, 64 and 128 MiB."""
    total = 0.0
    for mib, times in ((8, 40), (32, 10), (64, 6), (128, 4)):
        x = np.arange(mib << 17, dtype=float)
        for _ in range(times):
            y = (x * 2.0 + 1.0) / (x + 3.0) - x * 0.5
            total += float(y[::4096].sum())
    return total


def growth():
    """ndarray.resize: doubling to 512 MiB, then 3000 small steps."""
    total = 0.0
    for _ in range(3):
        a = np.ones(1 << 17)
        while a.nbytes < 512 << 20:
            n = a.size
            a.resize(2 * n, refcheck=False)
            a[n:] = 1
        b = np.zeros(1000)
        for i in range(3000):
            n = b.size
            b.resize(n + 5000, refcheck=False)
            b[n:] = i
        total += a[::1000].sum() + b.sum()
        del a, b
    return total


def image():
    """A photograph of 512x512: filters, noise, SLIC, HOG, Radon."""
    from skimage import feature, filters, restoration, segmentation, transform
    rng = np.random.default_rng(3)
    grey = filters.gaussian(rng.random((512, 512)), 3)
    grey = (grey - grey.min()) / (grey.max() - grey.min())
    total = filters.sobel(grey).sum()
    total += restoration.denoise_tv_chambolle(grey).sum()
    total += segmentation.slic(grey, 200, channel_axis=None).sum()
    total += feature.hog(grey).sum()
    total += transform.radon(grey, np.arange(0, 180, 8.0), circle=False).sum()
    return round(float(total), 3)


if __name__ == "__main__":
    print(globals()[sys.argv[1]]())

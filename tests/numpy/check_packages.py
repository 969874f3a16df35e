# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""A short job of SciPy, pandas and scikit-image, alone and under the adapter.

Both must print the same; arrays must have come from the library.
"""

import importlib.util
import os
import subprocess
import sys

import tap

END = """
import sys
if "datamem" in sys.modules:
    import datamem
    s = datamem.stats()
    assert datamem.handler_name() == "datamem" and s.allocs > 50, s[:14]
    assert not (s.foreign_pointers or s.double_frees or s.large_hints), s
"""

SCIPY = """
import numpy as np
from scipy import fft, integrate, linalg, ndimage, optimize, signal, sparse
from scipy.sparse.linalg import spsolve
rng = np.random.default_rng(7)
a = rng.standard_normal((200, 200))
print(linalg.norm(linalg.inv(a) @ a - np.eye(200)) < 1e-8)
print(np.round(fft.irfft(fft.rfft(np.arange(5000.))).sum(), 3))
s = sparse.random(500, 500, 0.01, random_state=1) + sparse.eye(500) * 9
print(np.round(spsolve(s.tocsc(), np.ones(500)).sum(), 6))
print(np.round(optimize.minimize(lambda x: ((x - 3) ** 2).sum(),
                                 np.zeros(4)).x, 3))
print(np.round(signal.fftconvolve(np.ones(300000), np.ones(99)).max(), 3))
print(np.round(ndimage.gaussian_filter(np.eye(700), 3).sum(), 6))
print(np.round(integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.]).y[0, -1], 3))
"""

PANDAS = """
import numpy as np, pandas as pd, io
rng = np.random.default_rng(7)
n = 200000
frame = pd.DataFrame({"key": rng.integers(0, 99, n), "x": np.arange(n) / 7,
                      "name": pd.Series(["a", "b"] * (n // 2))})
print(frame.groupby("key").x.mean().round(3).head().to_dict())
print(frame.merge(frame.head(500), on="key").shape)
print(pd.read_csv(io.StringIO(frame.head(5000).to_csv())).x.sum().round(3))
print(frame.sort_values("x", ascending=False).iloc[0].to_dict())
print(frame.x.rolling(50).mean().iloc[-1].round(3), frame.name.nunique())
frame["y"] = frame.x * 2
print(pd.concat([frame] * 3, ignore_index=True).y.sum().round(3))
"""

SKIMAGE = """
import numpy as np
from skimage import filters, measure, morphology, transform
image = np.zeros((600, 800)); image[100:200, 300:500] = 1
image[400:420] = 1
print(np.round(filters.sobel(image).sum(), 4))
print(measure.label(image > 0).max())
print(morphology.binary_dilation(image > 0, morphology.disk(5)).sum())
print(transform.rescale(image, 0.5).shape)
print(np.round(filters.gaussian(image, 4).max(), 4))
"""


def same(module, job):
    if importlib.util.find_spec(module) is None:
        raise tap.Skip("%s is not installed" % module)
    results = []
    for words in ([], ["-m", "datamem"]):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *words, "-c", job + END],
            capture_output=True, text=True, timeout=600, env=os.environ)
        results.append((done.returncode, done.stdout, done.stderr))
    assert results[0] == results[1], results
    assert results[0][0] == 0, results[0]


def test_scipy():
    same("scipy", SCIPY)


def test_pandas():
    same("pandas", PANDAS)


def test_scikit_image():
    same("skimage", SKIMAGE)


tap.run(globals())

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Jobs that compute: linear algebra, transforms, order, expressions."""

import numpy as np

from registry import job, rng

# --- Linear algebra -----------------------------------------------------------

@job()
def matmul():
    a = rng().standard_normal((1500, 1500))
    for _ in range(4):
        a = a @ a / 40
    return a.sum()


@job()
def solve():
    a = rng().standard_normal((2000, 2000))
    b = rng().standard_normal((2000, 50))
    return np.linalg.solve(a, b).sum()


@job()
def svd():
    return np.linalg.svd(rng().standard_normal((500, 500)))[1].sum()


@job()
def eigenvalues():
    a = rng().standard_normal((500, 500))
    return np.linalg.eigh(a + a.T)[0].sum()


@job()
def cholesky_and_qr():
    a = rng().standard_normal((900, 900))
    lower = np.linalg.cholesky(a @ a.T + 900 * np.eye(900))
    return np.linalg.qr(lower)[1].sum()


@job()
def covariance():
    a = rng().standard_normal((400, 40000))
    return np.cov(a).sum() + np.corrcoef(a[:100]).sum()


@job()
def contractions():
    a = rng().standard_normal((80, 80, 80))
    b = rng().standard_normal((80, 80, 80))
    c = np.einsum("ijk,jkl->il", a, b)
    return c.sum() + np.tensordot(a, b, axes=([2], [0])).sum()


@job("scipy")
def sparse_matrices():
    from scipy import sparse
    row, column = rng().integers(0, 20000, (2, 400000))
    a = sparse.coo_matrix((np.ones(400000), (row, column))).tocsr()
    v = np.ones(a.shape[1])
    for _ in range(50):
        v = a.T @ (a @ v)
        v /= np.abs(v).max()
    return v.sum() + (a @ a.T).nnz


# --- Transforms and filters ---------------------------------------------------

@job()
def fft_long():
    x = rng().standard_normal(1 << 22)
    y = np.fft.fft(x)
    y[np.abs(y) < 100] = 0
    return np.fft.ifft(y).real.sum()


@job()
def fft_images():
    total = 0.0
    for _ in range(6):
        f = np.fft.fft2(rng().standard_normal((1024, 1024)))
        total += np.abs(np.fft.ifft2(f * np.conj(f))).sum()
    return total


@job()
def fft_batches():
    x = rng().standard_normal((2000, 4096)).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(x, axis=1)) ** 2
    return np.log1p(spectrum).mean(axis=0).sum()


@job("scipy")
def convolution():
    from scipy import signal
    x = rng().standard_normal(2000000)
    b, a = signal.butter(4, 0.1)
    return signal.fftconvolve(x, np.ones(501) / 501, "same").sum() + \
        signal.lfilter(b, a, x).sum()


@job("scipy")
def filters():
    from scipy import ndimage
    image = rng().standard_normal((2048, 2048)).astype(np.float32)
    for sigma in (1, 2, 4):
        image = image - ndimage.gaussian_filter(image, sigma)
    return ndimage.maximum_filter(image, 3).sum()


# --- Order --------------------------------------------------------------------

@job()
def sorting():
    x = rng().standard_normal(6000000)
    return np.sort(x)[::1000].sum() + np.partition(x, 1000)[:1000].sum()


@job()
def argsorting():
    x = rng().integers(0, 1 << 40, 3000000)
    order = np.argsort(x, kind="stable")
    return x[order][::1000].sum()


@job()
def unique_and_counts():
    x = rng().integers(0, 500000, 4000000)
    values, inverse, counts = np.unique(x, return_inverse=True,
                                        return_counts=True)
    return values[inverse].sum() + counts.max() + np.bincount(x).max()


@job()
def histograms():
    x = rng().standard_normal((4000000, 2))
    h = np.histogram2d(x[:, 0], x[:, 1], bins=300)[0]
    return h.max() + np.digitize(x[:, 0], np.linspace(-3, 3, 99)).sum()


@job()
def running_sums():
    x = rng().standard_normal(8000000)
    c = np.cumsum(x)
    return (c[1000:] - c[:-1000]).max() + np.maximum.accumulate(c)[-1]


# --- Expressions --------------------------------------------------------------

@job()
def expressions():
    a = rng().standard_normal(3000000)
    b = rng().standard_normal(3000000)
    for _ in range(5):
        a = np.sqrt(a * a + b * b) - a * 0.5 + np.exp(-b * b)
    return a.sum()


@job()
def distances():
    a = rng().standard_normal((1500, 3))
    d = np.sqrt(((a[:, None, :] - a[None, :, :]) ** 2).sum(axis=-1))
    return np.sort(d, axis=1)[:, 1].sum()


@job()
def nbody():
    p = rng().standard_normal((700, 3))
    v = np.zeros_like(p)
    for _ in range(20):
        d = p[None] - p[:, None]
        r = (d ** 2).sum(-1) + 0.01
        v += (d / r[..., None] ** 1.5).sum(1) * 1e-4
        p += v
    return p.sum()


@job()
def mandelbrot():
    y, x = np.mgrid[-1.2:1.2:900j, -2:0.8:900j]
    c = x + 1j * y
    z = np.zeros_like(c)
    n = np.zeros(c.shape, int)
    for _ in range(25):
        inside = np.abs(z) < 2
        z[inside] = z[inside] ** 2 + c[inside]
        n += inside
    return n.sum()


@job()
def life():
    a = rng().integers(0, 2, (1500, 1500), dtype=np.uint8)
    for _ in range(15):
        n = sum(np.roll(np.roll(a, i, 0), j, 1)
                for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)
        a = ((n == 3) | ((n == 2) & (a == 1))).astype(np.uint8)
    return a.sum()


@job()
def monte_carlo():
    r = rng()
    total = 0
    for _ in range(10):
        xy = r.random((1000000, 2))
        total += ((xy ** 2).sum(axis=1) < 1).sum()
    return total


@job()
def kmeans():
    x = rng().standard_normal((200000, 8))
    centres = x[:16].copy()
    for _ in range(6):
        d = ((x[:, None, :] - centres[None]) ** 2).sum(-1)
        which = d.argmin(1)
        centres = np.array([x[which == k].mean(0) for k in range(16)])
    return centres.sum()


@job()
def heat():
    u = np.zeros((1200, 1200))
    u[500:700, 500:700] = 100
    for _ in range(60):
        u[1:-1, 1:-1] += 0.2 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] +
                                u[1:-1, :-2] - 4 * u[1:-1, 1:-1])
    return u.sum()


@job()
def interpolation():
    x = np.sort(rng().random(1000000))
    y = np.sin(x * 30)
    at = rng().random(4000000)
    return np.interp(at, x, y).sum()

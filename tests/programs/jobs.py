# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Jobs as programs with NumPy do them, for `make bench-programs`.

    jobs.py NAME    do one: some seconds, 50 to 500 MiB
    jobs.py         their names, and what each needs beside NumPy

Nothing here knows of libdatamem. Random numbers have a seed, so that a job
allocates the same each time.
"""

import os
import sys
import tempfile

import numpy as np

JOBS = {}


def job(*needs):
    def add(function):
        JOBS[function.__name__] = (function, needs)
        return function
    return add


def rng():
    return np.random.default_rng(12345)


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


# --- Growth, stacks, sparse use -----------------------------------------------

@job()
def growth_by_append():
    a = np.empty(0)
    chunk = np.arange(20000.0)
    for _ in range(400):
        a = np.append(a, chunk)
    return a.sum()


@job()
def growth_by_resize():
    a = np.zeros(1000)
    while a.size < 20000000:
        a.resize(a.size * 3 // 2, refcheck=False)
        a[-1] = 1
        a[::500] += 1
    return a.sum()


@job()
def growth_of_a_list():
    parts = []
    for i in range(3000):
        parts.append(np.full(1000 + i, float(i)))
    a = np.concatenate(parts)
    return a.sum() + len(parts)


@job()
def sparse_zeros():
    a = np.zeros(100000000)
    a[::200000] = 1
    return a[::200000].sum()


@job()
def stack_of_images():
    images = [rng().standard_normal((512, 512)) for _ in range(60)]
    stack = np.stack(images)
    del images
    mean = stack.mean(axis=0)
    return ((stack - mean) ** 2).sum()


@job()
def stack_kept_apart():
    images = [rng().random((512, 512)).astype(np.float32)
              for _ in range(200)]
    images = [image for i, image in enumerate(images) if i % 2]
    background = np.median(images[::4], axis=0)
    images = [image - background for image in images]
    return sum(float(image.sum()) for image in images)


@job()
def exact_pages():
    arrays = [np.full(262144, float(i)) for i in range(60)]
    for i in range(0, 60, 2):
        arrays[i] = arrays[i] * arrays[i + 1]
    return sum(a.sum() for a in arrays)


@job()
def many_small_arrays():
    arrays = [np.full(5 + i % 60, i) for i in range(300000)]
    arrays = arrays[::3]
    return sum(int(a[0]) for a in arrays)


@job()
def middle_arrays_kept_in_part():
    r = rng()
    arrays = [r.random(int(n)) for n in r.integers(100, 20000, 4000)]
    kept = [a for i, a in enumerate(arrays) if i % 5 == 0]
    del arrays
    more = [a * 2 for a in kept for _ in range(3)]
    return sum(a.sum() for a in more)


@job()
def masked_arrays():
    x = np.ma.masked_less(rng().standard_normal((1500, 1500)), 0)
    return (x * 2 + x.mean(axis=0)).sum()


@job()
def structured_arrays():
    t = np.zeros(1000000, dtype=[("id", "i8"), ("x", "f8"), ("name", "S16")])
    t["id"] = rng().permutation(1000000)
    t["x"] = rng().random(1000000)
    return np.sort(t, order="id")["x"][:100].sum()


@job()
def strings():
    x = rng().integers(0, 1000000, 400000).astype("U7")
    return len(np.unique(np.char.add("k", x)))


@job()
def threads():
    from concurrent.futures import ThreadPoolExecutor

    def work(seed):
        x = np.random.default_rng(seed).standard_normal((500, 1000))
        return float(np.sort(np.exp(x) + x * x, axis=1).sum())

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(work, range(40)))


@job()
def files():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.npy")
        np.save(path, rng().standard_normal((2000, 2000)))
        total = np.load(path).sum()
        mapped = np.load(path, mmap_mode="r")
        return total + mapped[::10].sum()


# --- pandas, HDF5, images -----------------------------------------------------

@job("pandas")
def pandas_groups():
    import pandas as pd
    t = pd.DataFrame({"k": rng().integers(0, 1000, 1500000),
                      "x": rng().random(1500000),
                      "y": rng().random(1500000)})
    g = t.groupby("k").agg(["mean", "std", "max"])
    return float(g.to_numpy().sum())


@job("pandas")
def pandas_merge():
    import pandas as pd
    a = pd.DataFrame({"k": rng().permutation(600000), "x": 1.5})
    b = pd.DataFrame({"k": rng().permutation(600000), "y": 2.5})
    m = a.merge(b, on="k").sort_values("k")
    return float((m.x * m.y).sum())


@job("pandas")
def pandas_csv():
    import io

    import pandas as pd
    text = io.StringIO()
    pd.DataFrame(rng().random((60000, 8))).to_csv(text)
    text.seek(0)
    return float(pd.read_csv(text, index_col=0).to_numpy().sum())


@job("pandas")
def pandas_series():
    import pandas as pd
    i = pd.date_range("2020-01-01", periods=1000000, freq="min")
    s = pd.Series(rng().standard_normal(1000000), index=i)
    return float(s.rolling(60).mean().resample("D").max().sum() +
                 s.cumsum().diff().sum())


@job("h5py")
def hdf5():
    import h5py
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.h5")
        with h5py.File(path, "w") as f:
            d = f.create_dataset("x", (2000, 2500), chunks=(100, 2500))
            for i in range(0, 2000, 100):
                d[i:i + 100] = rng().random((100, 2500))
            f["z"] = np.arange(3000000.0)
        with h5py.File(path) as f:
            return float(f["x"][:].sum() + f["z"][:].sum())


@job("h5py")
def hdf5_compressed():
    import h5py
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.h5")
        with h5py.File(path, "w") as f:
            f.create_dataset("x", data=np.tile(np.arange(1000.0), (3000, 1)),
                             chunks=(64, 1000), compression="gzip",
                             compression_opts=1)
        with h5py.File(path) as f:
            return float(sum(f["x"][i::7].sum() for i in range(7)))


@job("PIL")
def images():
    from PIL import Image
    a = rng().integers(0, 256, (2000, 3000, 3), dtype=np.uint8)
    image = Image.fromarray(a).resize((1500, 1000))
    b = np.asarray(image).astype(np.float32) / 255
    grey = b @ np.array([0.3, 0.6, 0.1], np.float32)
    return float(np.hypot(*np.gradient(grey)).sum())


@job("cv2")
def video():
    import cv2
    r = rng()
    background = np.zeros((720, 1280, 3), np.float32)
    for _ in range(15):
        frame = r.integers(0, 256, (720, 1280, 3), dtype=np.uint8)
        blurred = cv2.GaussianBlur(frame, (9, 9), 2)
        background = background * 0.9 + blurred * np.float32(0.1)
        np.abs(frame - background).mean()
    return float(background.sum())


def main():
    if len(sys.argv) == 2:
        print(JOBS[sys.argv[1]][0]())
        return
    for name, (_, needs) in JOBS.items():
        print(name, *needs)


if __name__ == "__main__":
    main()

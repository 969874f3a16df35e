# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Jobs that hold data: growth, stacks, tables, files, images."""

import os
import tempfile

import numpy as np

from registry import job, rng

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

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Everything of a user's virtual environment on the library, by the wheel and
one variable.

NumPy 2, joblib, Dask, pytest-xdist and nbconvert come from PyPI; then the wheel
is installed, and DATAMEM=numpy set.  Each process of each job makes an array and
asks the datamem-ctl of the environment for itself.  The path of the environment
has a space and a letter that is not of ASCII.

DATAMEM_TEST_VENV is the folder of an environment to use, with all but the wheel;
it is made there if it is not, and kept.  DATAMEM_TEST_BENCH is a file to write
the figures of `python -m datamem.bench` in the environment to; some minutes.
"""

import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import venv

import tap

PACKAGES = ["numpy>=2", "joblib", "dask[distributed]", "pytest",
            "pytest-xdist", "nbconvert", "ipykernel"]
WORK = tempfile.mkdtemp(prefix="datamem-check-venv.")
# As home folders are called.
FOLDER = os.environ.get("DATAMEM_TEST_VENV") or os.path.join(WORK, "a vénv")
BIN = os.path.join(FOLDER, "bin")
(WHEEL,) = glob.glob(os.path.join(os.environ["top_builddir"], "wheel",
                                  "*.whl"))
ENV = {name: value for name, value in os.environ.items()
       if not name.startswith(("DATAMEM", "PYTHON", "DASK_"))}
ENV.update(DATAMEM="numpy", PIP_DISABLE_PIP_VERSION_CHECK="1",
           PIP_ROOT_USER_ACTION="ignore", IPYTHONDIR=WORK,
           JUPYTER_CONFIG_DIR=WORK, PATH=BIN + ":" + os.environ["PATH"])

SEEN = '''
import json, os, subprocess, sys

def seen(i=0):
    """This process, as datamem-ctl lists it: script, handler, NumPy."""
    import numpy as np
    import datamem
    kept = np.ones((1 << 18) + i)
    out = subprocess.run(
        ["datamem-ctl", "list", "--json", "-o", "PID,COMMAND,HANDLER",
         str(os.getpid())], capture_output=True, text=True, check=True).stdout
    (row,) = json.loads(out)["list"]
    assert row["pid"] == os.getpid(), row
    return [row["pid"], row["command"], row["handler"], np.__version__,
            datamem.handler_name(kept)]
'''

_state = {}


def environment():
    """Make the environment, once; Skip where that cannot be."""
    if "ready" in _state:
        if not _state["ready"]:
            raise tap.Skip(_state["why"])
        return
    _state["ready"] = False
    if not os.path.exists(os.path.join(BIN, "python")):
        try:
            venv.create(FOLDER, symlinks=True, with_pip=True)
        except (Exception, SystemExit) as error:
            _state["why"] = ("no virtual environment with pip (Debian:"
                             " python3-venv): %s" % error)
            raise tap.Skip(_state["why"]) from None
    got = pip("install", *PACKAGES)
    if got.returncode:
        _state["why"] = ("pip has no network: "
                         + " ".join(got.stderr.split())[-150:])
        raise tap.Skip(_state["why"])
    got = pip("install", "--force-reinstall", "--no-deps", WHEEL)
    assert got.returncode == 0, got
    with open(os.path.join(WORK, "seen.py"), "w") as file:
        file.write(SEEN)
    _state["ready"] = True


def pip(*words):
    return subprocess.run([os.path.join(BIN, "python"), "-m", "pip", "-q",
                           *words], env=ENV, text=True, capture_output=True,
                          timeout=900)


def run(*words, more=()):
    """The output of the environment's Python, which must succeed."""
    environment()
    done = subprocess.run([os.path.join(BIN, "python"), *words],
                          env=dict(ENV, **dict(more)), text=True,
                          capture_output=True, timeout=300, cwd=WORK,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def script(name, text):
    path = os.path.join(WORK, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def expect(rows, processes, scripts=()):
    """Rows of seen() are of so many processes, all on the library."""
    assert len({row[0] for row in rows}) >= processes, rows
    for _, command, handler, version, of_array in rows:
        assert handler == "datamem (NumPy)", rows
        assert of_array == "datamem" and int(version.split(".")[0]) >= 2, rows
        print("# %s: %s, NumPy %s" % (command, handler, version))
    for name in scripts:
        assert any(row[1] == name for row in rows), (name, rows)


def test_joblib():
    path = script("fit_models.py", """
import json
from joblib import Parallel, delayed
from seen import seen
if __name__ == "__main__":
    print(json.dumps([seen()] + Parallel(2)(
        delayed(seen)(i) for i in range(4))))
""")
    expect(json.loads(run(path)), 2, ["fit_models.py", "fit_models.py/loky"])


def test_multiprocessing_and_futures():
    path = script("simulate.py", """
import json, multiprocessing
from concurrent.futures import ProcessPoolExecutor
from seen import seen
if __name__ == "__main__":
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        with context.Pool(1) as pool:
            rows = pool.map(seen, range(2))
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            rows += pool.map(seen, range(2))
        print(json.dumps([method, rows]))
""")
    lines = [json.loads(line) for line in run(path).splitlines()]
    assert {method for method, _ in lines} == {"fork", "spawn", "forkserver"}
    for method, rows in lines:
        expect(rows, 2)
        name = "simulate.py" + "/multiprocessing" * (method != "fork")
        assert {row[1] for row in rows} == {name}, rows


def test_dask_processes():
    path = script("cluster_job.py", """
import json
from distributed import Client, LocalCluster
from seen import seen
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=2, processes=True,
                      dashboard_address=None) as cluster:
        with Client(cluster) as client:
            rows = client.run(seen).values()
            rows = list(rows) + client.gather(
                client.map(seen, range(6), pure=False))
            print(json.dumps([seen()] + rows))
""")
    expect(json.loads(run(path)), 3, ["cluster_job.py",
                                      "cluster_job.py/multiprocessing"])


def test_dask_worker():
    environment()
    words = [os.path.join(BIN, "dask"), "worker", "--preload", "datamem.dask",
             "--nthreads", "1", "--no-dashboard", "--scheduler-file", "where"]
    path = script("client_job.py", """
import json
from distributed import Client, LocalCluster
from seen import seen

def metrics(dask_scheduler):
    return [worker.metrics for worker in dask_scheduler.workers.values()]

if __name__ == "__main__":
    with LocalCluster(n_workers=0, dashboard_address=None,
                      scheduler_kwargs={"scheduler_file": "where"}) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(1, timeout=120)
            rows = client.gather(client.map(seen, range(2), pure=False))
            (found,) = client.run_on_scheduler(metrics)
            assert "datamem_held" in found, found
            print(json.dumps(rows))
            client.retire_workers()
""")
    with subprocess.Popen(words, env=dict(ENV, PYTHONPATH=WORK), cwd=WORK,
                          stderr=subprocess.PIPE, text=True) as worker:
        try:
            expect(json.loads(run(path)), 1, ["dask/multiprocessing"])
            said = worker.communicate(timeout=120)[1]
        finally:
            worker.kill()
    assert "datamem:" not in said, said


def test_pytest_xdist():
    script("test_seen.py", """
import json, os
import pytest
from seen import seen

@pytest.mark.parametrize("i", range(6))
def test_one(i):
    name = "xdist-%s-%d" % (os.environ["PYTEST_XDIST_WORKER"], i)
    with open(name, "w") as file:
        json.dump(seen(i), file)
""")
    out = run("-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
              "test_seen.py")
    assert "6 passed" in out, out
    rows = []
    for path in glob.glob(os.path.join(WORK, "xdist-*")):
        with open(path) as file:
            rows.append(json.load(file))
    assert len(rows) == 6
    expect(rows, 2, ["pytest/xdist"])


def test_a_notebook():
    cells = ["import json\nfrom seen import seen\nprint(json.dumps([seen()]))",
             "%load_ext datamem",
             "%%datamem work\nimport numpy as np\nkept = np.ones(1 << 20)"]
    path = script("one.ipynb", json.dumps({
        "cells": [{"cell_type": "code", "execution_count": None,
                   "metadata": {}, "outputs": [], "source": text}
                  for text in cells],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    run("-m", "nbconvert", "--execute", "--to", "notebook",
        "--ExecutePreprocessor.kernel_name=python3", "--output", "two.ipynb",
        path)
    with open(os.path.join(WORK, "two.ipynb")) as file:
        outputs = [cell["outputs"] for cell in json.load(file)["cells"]]
    expect(json.loads("".join(outputs[0][0]["text"])), 1,
           ["ipykernel_launcher"])
    assert "allocated" in json.dumps(outputs[2]), outputs


def test_ranks():
    path = script("rank.py", "import numpy as np\nkept = np.ones(1 << 18)\n")
    # As mpirun sets them, and srun.
    for one in ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2",
                 "PMIX_NAMESPACE": "prterun-node-7@1"},
                {"SLURM_PROCID": "1", "SLURM_NTASKS": "2",
                 "SLURM_JOB_ID": "4711"}):
        statistics = os.path.join(WORK, "ranks.json")
        run(path, more=dict(one, DATAMEM_CONF="stats.exit=" + statistics))
        with open(statistics) as file:
            (line,) = file.read().splitlines()
        os.remove(statistics)
        found = json.loads(line)
        assert (found["rank"], found["ranks"]) == (1, 2), line
        assert found["job"] == list(one.values())[-1], line
        assert found["node"] == socket.gethostname() and found["allocs"], line


def test_warnings_that_are_errors():
    """Those of the newest Python and NumPy."""
    code = """
import numpy as np
import datamem, multiprocessing
a = datamem.share(np.arange(1 << 18))
with multiprocessing.get_context("spawn").Pool(1) as pool:
    assert pool.apply(np.sum, (a,)) == a.sum()
with datamem.scope("x") as s, datamem.settings(retain_age=50):
    for dtype in "i4", "c16", "U3", "M8[s]", [("a", "f8")]:
        kept = [datamem.zeros((9, 9), dtype), datamem.empty_like(
            np.zeros((9, 9), dtype).T), datamem.ones_like(a[::2]),
            datamem.full(3, 7, prefault=True), a[1:] + 1, np.sqrt(a), a.T @ a]
    kept[0].resize(99, refcheck=False)
print(s.table(), repr(s), datamem.receipt(a), datamem.probe(), datamem.stats())
datamem.report()
print(datamem.status())
"""
    path = script("strict.py", "if __name__ == '__main__':\n"
                  + "".join("    %s\n" % line for line in code.splitlines()))
    assert "by datamem" in run("-W", "error", path)


def test_the_figures():
    path = os.environ.get("DATAMEM_TEST_BENCH")
    if not path:
        raise tap.Skip("not asked for (DATAMEM_TEST_BENCH=FILE)")
    print("# " + run("-m", "datamem.bench", "--json=" + path)
          .replace("\n", "\n# "))


try:
    tap.run(globals())
finally:
    shutil.rmtree(WORK)

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""A virtual environment of its own, made without a network, that has the package
as pip installs it, and this Python's NumPy."""

import importlib.util
import os
import shutil
import subprocess
import sysconfig
import tempfile

import tap

WORK = tempfile.mkdtemp(prefix="datamem-switch.")
SOURCE = os.path.join(os.environ["top_srcdir"], "src", "python")
SHOW = """
def show(n):
    import sys
    import numpy as np
    multiarray = getattr(np, "_core", None) or np.core
    return multiarray.multiarray.get_handler_name(np.ones(n + 1))
"""
ENV = {name: value for name, value in os.environ.items()
       if name not in ("PYTHONPATH", "DATAMEM")}
# A test must see the versions that this Python sees.
ENV["PYTHONPATH"] = os.path.join(WORK, "modules")
ENV["PYTHONWARNINGS"] = "ignore::DeprecationWarning"


def environment():
    """The Python of the environment; made at the first call."""
    python = os.path.join(WORK, "venv", "bin", "python")
    if os.path.exists(python):
        return python
    try:
        import venv
        venv.create(os.path.join(WORK, "venv"), symlinks=True,
                    system_site_packages=True)
    except Exception as error:
        raise tap.Skip("no virtual environment: %s" % error) from None
    folder = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
         ], capture_output=True, text=True, check=True).stdout.strip()
    # This Python may be a virtual environment itself.
    with open(os.path.join(folder, "numpy.pth"), "w") as file:
        file.write(sysconfig.get_path("purelib") + "\n")
    shutil.copytree(os.path.join(SOURCE, "datamem"),
                    os.path.join(folder, "datamem"))
    for name in ("_datamem_start.py", "datamem.pth", "datamem.start"):
        shutil.copy(os.path.join(SOURCE, name), folder)
    os.makedirs(ENV["PYTHONPATH"])
    with open(os.path.join(ENV["PYTHONPATH"], "shown.py"), "w") as file:
        file.write(SHOW)
    return python


def result(*words, switch="numpy", **more):
    env = dict(ENV, **more.pop("env", {}))
    if switch is not None:
        env["DATAMEM"] = switch
    more.setdefault("stdin", subprocess.DEVNULL)
    if "input" in more:
        del more["stdin"]
    done = subprocess.run([environment(), *words], cwd=WORK, timeout=300,
                          capture_output=True, text=True, env=env, **more)
    return done.returncode, done.stdout, done.stderr


def script(text):
    path = os.path.join(WORK, "script.py")
    with open(path, "w") as file:
        file.write(text)
    return path


def need(module):
    if importlib.util.find_spec(module) is None:
        raise tap.Skip("no %s" % module)

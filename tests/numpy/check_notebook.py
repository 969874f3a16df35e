# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The magics of %load_ext datamem: in a shell that has what they use of
IPython's, in IPython, and in a notebook that nbconvert runs.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import types
import xml.dom.minidom

import numpy as np

import datamem
import tap
from datamem import _notebook

CELL = """
kept = np.ones(1 << 20)
for i in range(3):
    with datamem.scope("part"):
        part = np.ones(2 << 20)
del part
len(kept)
"""


class Shell:
    """As much of an IPython shell as the magics use."""

    execution_count = 1

    def __init__(self):
        self.user_ns = {"np": np, "datamem": datamem}
        self.shown, self.magics = [], {}
        self.compile = types.SimpleNamespace(
            cache=lambda source, number: "<cell %d>" % number)
        self.display_formatter = types.SimpleNamespace(format=lambda thing: (
            {"text/plain": repr(thing), "text/html": thing._repr_html_()}, {}))
        self.display_pub = types.SimpleNamespace(
            publish=lambda data, metadata: self.shown.append(data))
        self.magics_manager = types.SimpleNamespace(
            magics={"line": self.magics, "cell": self.magics})

    transform_cell = staticmethod(str)

    def register_magic_function(self, function, kind, name):
        assert kind == "line_cell"
        self.magics[name] = function

    def displayhook(self, value):
        self.shown.append(value)


def test_a_cell():
    shell = Shell()
    datamem.load_ipython_extension(shell)
    datamem.install()
    try:
        shell.magics["datamem"]("load", CELL)
    finally:
        datamem.uninstall()
    value, shown = shell.shown
    assert value == 1 << 20 and len(shell.user_ns["kept"]) == value
    text, page = shown["text/plain"], shown["text/html"]
    assert "allocated            56.0 MiB in" in text, text
    assert "peak                 40.0 MiB" in text, text
    assert "kept                 8.0 MiB" in text, text
    for row in ("in huge pages", "page faults avoided", "live", "held"):
        assert "\n" + row in text, text
    assert "part" in text.splitlines()[-1] and "NumPy's own" not in text
    plot = page[page.index("<svg"):page.index("</svg>") + 6]
    (title,) = xml.dom.minidom.parseString(plot).getElementsByTagName("title")
    assert "live and held" in title.firstChild.data
    assert page.count("<polyline") == 2 and "<pre>" in page
    del shell.user_ns["kept"]
    datamem.unload_ipython_extension(shell)
    assert not shell.magics


def test_a_cell_without_the_library():
    shell = Shell()
    _notebook.magic(shell, "", "a = np.ones(1 << 20);")
    (shown,) = shell.shown
    assert "%datamem on" in shown["text/plain"]
    assert "peak                 8.0 MiB" in shown["text/plain"], shown
    assert "cell" not in shown["text/plain"].splitlines()[-1]


def test_lines_of_a_profile():
    shell = Shell()
    cell = ("kept = [np.ones(1 << 18) for i in range(20)]\n"
            "def f():\n"
            "    return np.zeros(1 << 21)\n"
            "big = f()\n"
            "del big\n")
    datamem.install()
    try:
        try:
            taken = datamem.profile(interval="4K")
        except OSError as error:
            raise tap.Skip("no profile: %s" % error) from None
        with taken:
            for _ in range(2):      # the second time under the same name
                _notebook.magic(shell, "", cell)
                text = shell.shown.pop()["text/plain"].splitlines()
                at = [i for i, line in enumerate(text) if "profile" in line]
                rows = [line.split(None, 5) for line in text[at[0] + 1:]]
                assert [(row[4], row[5]) for row in rows] == [
                    ("1", cell.splitlines()[0]),
                    ("3", "return np.zeros(1 << 21)")], text
                assert [row[1] for row in rows] == ["MiB", "MiB"]
                assert [float(row[0]) for row in rows] == [40, 16], text
                assert float(rows[1][2]) == 0, text
        _notebook.magic(shell, "", "a = np.ones(1 << 20)")
        assert "by the profile" not in shell.shown[-1]["text/plain"]
    finally:
        datamem.uninstall()


def test_a_cell_that_fails():
    shell = Shell()
    for error, cell in ((ZeroDivisionError, "a = np.ones(9)\n1 / 0"),
                        (SyntaxError, "1 +")):
        try:
            _notebook.magic(shell, "", cell)
        except error:
            pass
        else:
            raise AssertionError(cell)
        assert "allocated" in shell.shown.pop()["text/plain"]
    assert datamem.handler_name() == "default_allocator"


def test_lines():
    shell = Shell()
    assert "page faults avoided" in repr(_notebook.magic(shell, ""))
    _notebook.magic(shell, "on")
    assert datamem.installed() == "datamem"
    assert _notebook.magic(shell, "status").active
    _notebook.magic(shell, "off")
    assert datamem.installed() is None
    try:
        _notebook.magic(shell, "nonsense")
    except ValueError as error:
        assert "on, off or status" in str(error)
    else:
        raise AssertionError("taken")


def test_plots_of_any_length():
    for points in ([(0.0, 0, 0)], [(0.0, 5, 5), (0.0, 5, 6)],
                   [(i / 10, i * 1000, 10 ** 6) for i in range(2000)]):
        xml.dom.minidom.parseString(_notebook.svg(points))
        line = _notebook.sparkline([live for _, live, _ in points])
        assert 1 <= len(line) <= 60
    assert _notebook.sparkline([0, 4, 8]) == " \u2584\u2588"
    assert len(_notebook.sparkline(list(range(1000)))) == 60


def test_in_ipython():
    try:
        from IPython.core.interactiveshell import InteractiveShell
    except ImportError:
        raise tap.Skip("no IPython") from None
    with contextlib.redirect_stdout(io.StringIO()), \
            contextlib.redirect_stderr(io.StringIO()):
        in_shell(InteractiveShell())


def in_shell(shell):
    shell.run_line_magic("load_ext", "datamem")
    shell.user_ns.update(np=np, datamem=datamem)
    ran = shell.run_cell("%%datamem load" + CELL)
    assert ran.success, ran
    assert len(shell.user_ns["kept"]) == 1 << 20
    assert not shell.run_cell("%%datamem\n1 / 0\n").success
    assert shell.run_cell("%datamem").success
    shell.run_line_magic("unload_ext", "datamem")
    assert not shell.run_cell("%datamem").success


def source(text):
    return {"cell_type": "code", "execution_count": None, "metadata": {},
            "outputs": [], "source": text}


def test_a_notebook_through_nbconvert():
    try:
        import ipykernel    # noqa: F401
        import nbconvert    # noqa: F401
    except ImportError as error:
        raise tap.Skip("no nbconvert and ipykernel (%s)" % error) from None
    cells = ["%load_ext datamem\n%datamem on\nimport datamem, numpy as np",
             "%%datamem load" + CELL, "%datamem", "%datamem status"]
    notebook = {"cells": [source(text) for text in cells], "metadata": {},
                "nbformat": 4, "nbformat_minor": 4}
    with tempfile.TemporaryDirectory(prefix="datamem-notebook.") as folder:
        path = os.path.join(folder, "one.ipynb")
        with open(path, "w") as file:
            json.dump(notebook, file)
        run = [sys.executable, "-m", "nbconvert", "--execute", "--to",
               "notebook", "--ExecutePreprocessor.kernel_name=python3"]
        env = dict(os.environ, IPYTHONDIR=folder, JUPYTER_CONFIG_DIR=folder)
        done = subprocess.run(run + ["--output", "two.ipynb", path], env=env,
                              capture_output=True, text=True, timeout=300)
        if "No such kernel" in done.stderr:
            raise tap.Skip("no kernel python3 is installed")
        assert done.returncode == 0, done.stderr
        with open(os.path.join(folder, "two.ipynb")) as file:
            outputs = [cell["outputs"] for cell in json.load(file)["cells"]]
        notebook["cells"][1]["source"] = "%%datamem\n1 / 0"
        with open(path, "w") as file:
            json.dump(notebook, file)
        failed = subprocess.run(run + ["--output", "three.ipynb", path],
                                env=env, capture_output=True, text=True,
                                timeout=300)
        assert failed.returncode and "ZeroDivisionError" in failed.stderr
    page = "".join("".join(output.get("data", {}).get("text/html", []))
                   for output in outputs[1])
    assert "<svg" in page and "40.0 MiB" in page, outputs
    assert "1048576" in json.dumps(outputs[1])
    assert "page faults avoided" in json.dumps(outputs[2])
    assert "arrays of this thread by datamem" in json.dumps(outputs[3])


tap.run(globals())

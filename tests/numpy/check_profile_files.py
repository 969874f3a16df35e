# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Profiles of programs, and the files that they are written to."""

import os
import subprocess
import sys
import tempfile
import textwrap

import numpy as np

import datamem
import tap
from check_profile import MIB, by_function, near


def test_files_and_formats():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.dmp")
        with datamem.profile(path) as profile:
            kept = np.empty(8 * MIB, np.uint8)
            for name in ("a.heap", "a.collapsed", "a.folded"):
                profile.write(os.path.join(folder, name))
            with open(os.path.join(folder, "b"), "w+b") as file:
                file.write(b"before\n")
                profile.write(file, "collapsed")
                file.seek(0)
                assert file.readline() == b"before\n"
                assert file.readline().endswith(b"\n")
        with open(path, "rb") as file:
            assert file.read(8) == b"dmemprf\0"
        with open(os.path.join(folder, "a.heap"), "rb") as file:
            assert file.read(13) == b"heap profile:"
        with open(os.path.join(folder, "a.folded"), "rb") as file:
            assert b"test_files_and_formats (" in file.read()
        del kept
    assert datamem.settings["profile"] == "off"


def test_without_a_folder_for_temporary_files():
    with datamem.profile(interval=1) as profile:
        with datamem.handler("datamem"):
            kept = np.ones(1 << 20)
        tempfile.tempdir = "/nonexistent"
        try:
            assert "test_without_a_folder" in profile.collapsed()
        finally:
            tempfile.tempdir = None
    del kept


def refused(kind, *arguments, **named):
    try:
        datamem.profile(*arguments, **named)
    except kind:
        assert datamem.settings["profile"] == "off"
        return
    raise AssertionError("taken")


def test_wrong_arguments_are_refused():
    refused(ValueError, interval=0)
    refused(ValueError, interval=-1)
    refused(ValueError, interval="2 parsecs")
    refused(ValueError, interval=1 << 50)
    refused(TypeError, interval=1.5)
    refused(TypeError, interval=True)
    refused(ValueError, format="png")
    profile = datamem.profile()
    profile.stop()
    try:
        profile.collapsed()
    except RuntimeError:
        return
    raise AssertionError("a profile that has ended was written")


PROGRAM = textwrap.dedent("""\
    import os, sys
    import numpy as np
    os.chdir("/")
    def site():
        return np.empty(8 << 20, np.uint8)
    kept = site()
    if "child" in sys.argv:
        if not os.fork():
            sys.exit(0)
        os.wait()
    """)


def test_it_begins_with_the_process():
    script = ("import os, datamem\n"
              "print(datamem.settings['profile'], sum('datamem-profile' in"
              " os.readlink('/proc/self/fd/%d' % fd) for fd in range(3, 200)"
              " if os.path.lexists('/proc/self/fd/%d' % fd)))\n"
              "import numpy as np\n"
              "datamem.install()\n"
              "kept = np.empty(8 << 20, np.uint8)\n"
              "print(datamem.profile(interval=datamem.settings['profile'])"
              ".collapsed())\n")
    text = subprocess.run(
        [sys.executable, "-c", script], check=True, stdout=subprocess.PIPE,
        env=dict(os.environ, DATAMEM_CONF="profile=64K")).stdout.decode()
    assert text.startswith("64K 1\n"), text
    assert "<module> (<string>:5)" in text, text


def run_program(folder, name, *words):
    script = os.path.join(folder, "script.py")
    with open(script, "w") as file:
        file.write(PROGRAM)
    subprocess.run([sys.executable, "-m", "datamem", "--profile=" + name,
                    script, *words], check=True, cwd=folder)
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def test_profile_of_an_unmodified_program():
    with tempfile.TemporaryDirectory() as folder:
        for words in ((), ("child",)):
            text = run_program(folder, "out.collapsed", *words).decode()
            near(by_function(text, "script.py")["site"], 8 * MIB, 0.001)
        assert run_program(folder, "out")[:8] == b"dmemprf\0"


def test_a_file_that_cannot_be_written_is_said():
    done = subprocess.run(
        [sys.executable, "-m", "datamem", "--profile=/nonexistent/file", "-c",
         "print(7)"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0 and done.stdout == b"7\n"
    assert b"no profile: " in done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "datamem", "--profile=", "-c", "1"],
        stderr=subprocess.PIPE)
    assert done.returncode == 2


tap.run(globals())

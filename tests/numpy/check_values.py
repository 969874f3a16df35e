# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What the adapter's functions take, and what they show."""

import io
import os
import subprocess
import sys
import tempfile

import numpy as np

import datamem
import tap
from adapter import raises

WORST = "/nonexistent/profile"      # is not opened


def test_stats_are_short_and_can_be_subtracted():
    with datamem.handler("datamem"):
        before = datamem.stats()
        kept = [np.ones(1 << 20), np.ones(40)]
        now = datamem.stats()
        assert len(repr(now)) < 400 and "\n" not in str(now), repr(now)
        assert "live %.1f MiB" % (now.live_bytes / 2 ** 20) in repr(now)
        change = now - before
        assert type(change) is datamem.Stats
        assert change.live_bytes >= kept[0].nbytes
        assert 2 <= change.allocs < 100, change
        assert sum(entry.live_blocks for entry in change.classes) >= 1
        assert (before - now).live_bytes == -change.live_bytes
        assert "live -" in repr(before - now)
        assert not any((now - now)[:-1])
        assert [entry.size for entry in change.classes] == [
            entry.size for entry in now.classes]
    for other in (3, (1, 2)):
        try:
            now - other
        except TypeError:
            pass
        else:
            raise AssertionError(other)


def heap():
    """Resident bytes of the C library's heap."""
    with open("/proc/self/smaps", errors="replace") as file:
        lines = iter(file)
        for line in lines:
            if line.rstrip().endswith("[heap]"):
                return next(int(word.split()[1]) << 10 for word in lines
                            if word.startswith("Rss:"))
    return 0


def test_trim_gives_back_the_c_heap():
    import ctypes
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        raise tap.Skip("not glibc")
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(100_000) for _ in range(200)]
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    last = libc.malloc(100_000)     # keeps the top of the heap
    for block in blocks:
        libc.free(block)
    before = heap()
    datamem.trim(heap=False)
    unchanged = heap()
    datamem.trim()
    after = heap()
    libc.free(last)
    if before < 20_000_000:
        raise tap.Skip("this malloc has its memory elsewhere")
    assert unchanged > 20_000_000 and after < before - 15_000_000, (
        before, unchanged, after)


def test_report():
    out = io.StringIO()
    with datamem.handler("datamem"):
        since = datamem.stats()
        kept = np.ones(1 << 20)
        datamem.report(file=out)
        datamem.report(since, out)
        del kept
    lines = out.getvalue().splitlines()
    # And a line for each mistake that other tests have made.
    assert len(lines) % 2 == 0 and 20 <= len(lines) <= 30, lines
    half = len(lines) // 2
    assert lines[0].startswith("handler ") and lines[0] == lines[half]
    assert "allocations" in lines[1], lines
    assert int(lines[half + 1].split()[1].strip(",")) < 100, lines


def test_sizes_as_people_write_them():
    size = datamem._arguments.size
    for value, nbytes in (
            (0, 0), (2 ** 31, 2 ** 31), (np.int64(7), 7), ("64", 64),
            ("64K", 65536), ("64k", 65536), ("64KiB", 65536), ("2GiB", 2 ** 31),
            (" 1.5 GiB ", 3 << 29), ("2GB", 2 * 10 ** 9), ("3 b", 3),
            ("1T", 1 << 40)):
        assert size("x", value) == nbytes, value
    for value in ("", "GiB", "-1", "1 X", "1Ki", "1i", "1..5G", "0x10", -1,
                  1 << 64, "16384 PiB"):
        try:
            size("keep", value)
        except ValueError as error:
            assert str(error).startswith("keep: "), error
        else:
            raise AssertionError(value)
    old = datamem.settings["limit.max"]
    try:
        for value, text in (("2GiB", "2G"), (2 ** 31, "2G"), ("2 T", "2T"),
                            ("1.5GiB", "1536M"), ("2GB", "1953125K")):
            datamem.settings["limit.max"] = value
            assert datamem.settings["limit.max"] == text, value
    finally:
        datamem.settings["limit.max"] = old
    assert datamem.empty(3, alignment="4KiB").ctypes.data % 4096 == 0
    assert datamem.trim("1 GiB") == 0


def test_names_of_files_that_are_no_utf8():
    with tempfile.TemporaryDirectory() as folder:
        keeps_names_of_files(os.path.join(folder, os.fsdecode(b"\xff,a")))


def keeps_names_of_files(path):
    settings, before = datamem.settings, datamem.settings["stats.exit"]
    settings["stats.exit"] = path
    try:
        assert settings["stats.exit"] == path
        assert settings.describe("stats.exit").value == path
        with settings(stats_exit=path + "b"):
            pass
        assert settings["stats.exit"] == path
        raises(ValueError, lambda: settings.__setitem__(
            "stats.exit", path + "\ud800"), "stats.exit=", "no text")
    finally:
        settings["stats.exit"] = before
    code = "import datamem; print(ascii(datamem.settings['stats.exit']))"
    done = subprocess.run(
        [sys.executable, "-m", "datamem", "--set", "stats.exit=" + path, "-c",
         "import os, sys; os.execv(sys.executable, [sys.executable, '-c', %r])"
         % code], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (
        0, ascii(path) + "\n", ""), done


def test_wrong_types_name_the_argument():
    def setting(value):
        datamem.settings["limit.max"] = value

    for function, words in (
            (lambda: datamem.empty(3, alignment=[1]), "alignment must be"),
            (lambda: datamem.zeros(3, alignment=1.5), "alignment must be"),
            (lambda: datamem.zeros(3, alignment=True), "alignment must be"),
            (lambda: datamem.trim(None), "keep_bytes must be"),
            (lambda: datamem.trim(0, heap=3), "heap must be"),
            (lambda: datamem.install(3), "handler must be"),
            (lambda: datamem.install_on_import(b"x"), "handler must be"),
            (lambda: datamem.handler(None).__enter__(), "name must be"),
            (lambda: datamem.known(3), "name must be"),
            (lambda: datamem.handler_name([1]), "arr must be"),
            (lambda: datamem.receipt([1]), "arr must be"),
            (lambda: datamem.report(3), "since must be"),
            (lambda: setting([1]), "value of limit.max must be"),
            (lambda: setting(1.5), "value of limit.max must be"),
            (lambda: setting(None), "value of limit.max must be"),
            (lambda: datamem.settings.__setitem__(3, "x"),
             "the name of a setting must be"),
            (lambda: datamem.settings.update(3), "values must be"),
            (lambda: datamem.install(threads=[]), "threads must be"),
            (lambda: datamem.install_on_import(threads=3), "threads must be"),
            (lambda: datamem.report(file=3), "file must be"),
            (lambda: datamem.scope("x", file="name"), "file must be"),
            (lambda: datamem.scope("x").bind(3), "function must be"),
            (lambda: datamem.profile(3), "file must be"),
            (lambda: datamem.profile(format=[]), "format must be"),
            (lambda: datamem.profile(interval=[]), "interval must be"),
            (lambda: datamem.share(np.ones(3), writable="no"),
             "writable must be"),
            (lambda: datamem.full(3, 1, handler=3), "handler must be"),
            (lambda: datamem.empty(3, node="0"), "node must be"),
            (lambda: datamem.zeros_like([1], lazy=None), "lazy must be"),
            (lambda: datamem.ones(3, hugepage="on"), "hugepage must be")):
        try:
            function()
        except TypeError as error:
            assert words in str(error), (words, error)
        else:
            raise AssertionError(words)
    assert datamem.installed() is None
    assert datamem.settings["profile"] == "off"
    profile = datamem.profile(interval=np.int64(1 << 20))
    try:
        raises(TypeError, lambda: profile.write([]), "file must be")
        raises(TypeError, lambda: profile.write(WORST, 3), "format must be")
        raises(TypeError, lambda: profile.collapsed(3), "allocated must be")
    finally:
        profile.stop()
    for name in ("datamem\0", "", "\udc80"):
        assert not datamem.known(name)
        raises(ValueError, lambda: datamem.install(name), "no handler is named")


tap.run(globals())

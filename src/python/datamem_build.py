# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Builds the wheels and the source distribution; a PEP 517 backend.

`complete` (pyproject.toml of the tree) builds library and tool with configure
and make, and a wheel that carries them.  `adapter` (pyproject.toml beside this
file) builds a wheel of the Python package alone, for a system's library.

    python3 datamem_build.py wheel|sdist TREE FOLDER

does the same for TREE, which has configure and was not configured.
"""

import base64
import glob
import hashlib
import io
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

_HERE = os.path.dirname(os.path.abspath(__file__))
_SONAME = "libdatamem.so.1"
_START = ("_datamem_start.py", "datamem.pth", "datamem.start")
# Where Debian has the terms of what is linked into the wheel.
_TERMS = {
    "libsmartcols.txt": "/usr/share/doc/libsmartcols1/copyright",
    "libsmartcols-LGPL-2.1.txt": "/usr/share/common-licenses/LGPL-2.1",
    "zlib.txt": "/usr/share/doc/zlib1g/copyright",
}
#: glibc of the oldest system that the wheel is for, if no symbol is newer.
GLIBC_MINOR = 34


def _version():
    with open(os.path.join(_HERE, "datamem", "_errors.py")) as file:
        return re.search('^VERSION = "(.*)"$', file.read(), re.M).group(1)


def _metadata(readme):
    lines = [
        "Metadata-Version: 2.1",
        "Name: datamem",
        "Version: " + _version(),
        "Summary: NumPy arrays in libdatamem: huge pages, warm reuse, growth"
        " without copying",
        "License: BSD-3-Clause",
        "Requires-Python: >=3.9",
        "Requires-Dist: numpy>=1.22",
        "Classifier: License :: OSI Approved :: BSD License",
        "Classifier: Operating System :: POSIX :: Linux",
        "Classifier: Programming Language :: Python :: 3",
        "Classifier: Programming Language :: Python :: Implementation ::"
        " CPython",
        "Classifier: Typing :: Typed",
        "Description-Content-Type: text/markdown",
    ]
    return ("\n".join(lines) + "\n\n" + readme).encode()


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _date():
    # Zip archives know no year before 1980.
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or 315532800)
    return time.gmtime(max(seconds, 315532800))[:6]


class _Wheel:
    """A wheel in the making: files in order, then RECORD."""

    def __init__(self, folder, tag, pure):
        self.name = "datamem-%s-%s.whl" % (_version(), tag)
        self.info = "datamem-%s.dist-info" % _version()
        self.data = "datamem-%s.data" % _version()
        self._zip = zipfile.ZipFile(os.path.join(folder, self.name), "w",
                                    zipfile.ZIP_DEFLATED)
        self._record = []
        self._tag, self._pure = tag, pure

    def add(self, name, content, executable=False):
        info = zipfile.ZipInfo(name, _date())
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (0o100755 if executable else 0o100644) << 16
        self._zip.writestr(info, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
        self._record.append("%s,sha256=%s,%d" % (
            name, digest.rstrip(b"=").decode(), len(content)))

    def add_package(self):
        folder = os.path.join(_HERE, "datamem")
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py") or name == "py.typed":
                self.add("datamem/" + name, _read(os.path.join(folder, name)))
        for name in _START:
            self.add(name, _read(os.path.join(_HERE, name)))

    def finish(self, readme, commands):
        self.add(self.info + "/METADATA", _metadata(readme))
        self.add(self.info + "/WHEEL", (
            "Wheel-Version: 1.0\nGenerator: datamem_build\n"
            "Root-Is-Purelib: %s\nTag: %s\n" % (
                "true" if self._pure else "false", self._tag)).encode())
        self.add(self.info + "/entry_points.txt", (
            "[console_scripts]\n" + "".join(
                "%s = _datamem_start:%s\n" % pair for pair in commands)
        ).encode())
        record = self.info + "/RECORD"
        info = zipfile.ZipInfo(record, _date())
        info.external_attr = 0o100644 << 16
        self._zip.writestr(info, "\n".join(self._record + [record + ",,\n"]))
        self._zip.close()
        return self.name


def _run(folder, *words, **more):
    # What a build says is for people: standard output may be pip's.
    subprocess.run(words, cwd=folder, check=True, stdout=sys.stderr, **more)


def _compiler_file(name):
    """The file of a library as the compiler finds it, or None."""
    compiler = (os.environ.get("CC") or "cc").split()
    path = subprocess.run(
        compiler + ["-print-file-name=" + name], capture_output=True,
        text=True, check=True).stdout.strip()
    return os.path.realpath(path) if os.path.isabs(path) else None


def _build(tree, work):
    """Library and tool, installed below work/stage."""
    # In /usr, so that no path of the build machine gets into the programs.
    words = ["--quiet", "--prefix=/usr", "--libdir=/usr/lib",
             "--disable-static", "--without-python",
             # Its libraries are many: those of the user's system, or none.
             "--with-elfutils=dlopen" if _compiler_file("libdw.so")
             else "--without-elfutils"]
    zlib = _compiler_file("libz.a")
    if zlib:
        words.append("ZLIB_LIBS=" + zlib)
    smartcols = _compiler_file("libsmartcols.a")
    if smartcols:
        words.append("SMARTCOLS_LIBS=" + smartcols)
    build, stage = os.path.join(work, "build"), os.path.join(work, "stage")
    os.mkdir(build)
    _run(build, os.path.join(tree, "configure"), *words)
    # DT_RPATH: a library in LD_LIBRARY_PATH must not come between.
    rpath = ("LDFLAGS=-Wl,--disable-new-dtags"
             " -Wl,-rpath,'$$ORIGIN/../lib:$$ORIGIN/../../lib'")
    jobs = "-j%d" % len(os.sched_getaffinity(0))
    _run(build, "make", jobs, rpath)
    _run(build, "make", rpath, "install-strip", "DESTDIR=" + stage)
    return os.path.join(stage, "usr")


def _needed(path):
    said = subprocess.run(["readelf", "-d", path], capture_output=True,
                          text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", said)


def _glibc_minor(contents):
    """The newest version of glibc whose symbols these files need."""
    found = [int(minor) for content in contents
             for minor in re.findall(rb"\0GLIBC_2\.(\d+)(?=\0|\.)", content)]
    return max(found + [GLIBC_MINOR])


def _native(installed):
    """{name in the wheel: (content, executable)} of library and programs."""
    files = {}
    library = os.path.realpath(os.path.join(installed, "lib", _SONAME))
    files["lib/" + _SONAME] = _read(library), True
    programs = [os.path.join(installed, "bin", "datamem-ctl")] + sorted(
        glob.glob(os.path.join(installed, "libexec", "datamem", "*")))
    for path in programs:
        # What libtool leaves for itself.
        if path.endswith(".la"):
            continue
        files[os.path.relpath(path, installed)] = _read(path), True
        for name in _needed(path):
            # The C library is the system's, all others come along.
            if "smartcols" in name:
                found = _compiler_file(name)
                files["lib/" + name] = _read(found), True
    return files


def _add_terms(wheel, tree):
    for name in ["COPYING"] + sorted(os.listdir(
            os.path.join(tree, "LICENSES"))):
        path = os.path.join(tree, name)
        if not os.path.exists(path):
            path = os.path.join(tree, "LICENSES", name)
        wheel.add("%s/licenses/%s" % (wheel.info, name), _read(path))
    for name, path in sorted(_TERMS.items()):
        if os.path.exists(path):
            wheel.add("%s/licenses/%s" % (wheel.info, name), _read(path))
        else:
            sys.stderr.write(
                "datamem_build: there is no %s here: add the terms of what is"
                " linked before you hand this wheel on\n" % path)


def wheel_complete(tree, folder):
    """Build TREE and make the wheel that carries it; its name."""
    with tempfile.TemporaryDirectory(prefix="datamem-wheel.") as work:
        installed = _build(os.path.abspath(tree), work)
        files = _native(installed)
        minor = _glibc_minor(content for content, _ in files.values())
        tag = "py3-none-manylinux_2_%d_%s" % (minor, platform.machine())
        wheel = _Wheel(folder, tag, False)
        wheel.add_package()
        for name, (content, executable) in sorted(files.items()):
            wheel.add("datamem/_native/" + name, content, executable)
        for section, page in (("man1", "datamem-ctl.1"),
                              ("man7", "datamem-numpy.7"),
                              ("man7", "libdatamem.7")):
            wheel.add("%s/data/share/man/%s/%s" % (wheel.data, section, page),
                      _read(os.path.join(tree, "man", page)))
        _add_terms(wheel, tree)
        return wheel.finish(_readme(tree), (("datamem", "command"),
                                            ("datamem-ctl", "tool")))


def wheel_adapter(folder):
    """The wheel of the Python package alone; its name."""
    wheel = _Wheel(folder, "py3-none-any", True)
    wheel.add_package()
    return wheel.finish("", (("datamem", "command"),))


def _readme(tree):
    with open(os.path.join(tree, "README.md"), encoding="utf-8") as file:
        return file.read()


def sdist(tree, folder):
    """TREE, as a source distribution; its name."""
    top = "datamem-" + _version()
    date = time.mktime(_date() + (0, 0, 0))

    def plain(info):
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mtime = int(info.mtime)
        return info

    name = top + ".tar.gz"
    with tarfile.open(os.path.join(folder, name), "w:gz",
                      format=tarfile.PAX_FORMAT) as tar:
        content = _metadata(_readme(tree))
        info = tarfile.TarInfo(top + "/PKG-INFO")
        info.size, info.mtime, info.mode = len(content), int(date), 0o644
        tar.addfile(info, io.BytesIO(content))
        for entry in sorted(os.listdir(tree)):
            if entry not in ("PKG-INFO", ".git"):
                tar.add(os.path.join(tree, entry), top + "/" + entry,
                        filter=plain)
    return name


class _Complete:
    """The hooks of PEP 517 for the tree that this file is in."""

    _tree = os.path.dirname(os.path.dirname(_HERE))

    def _prepared(self):
        if not os.path.exists(os.path.join(self._tree, "configure")):
            _run(self._tree, "./bootstrap")
        if os.path.exists(os.path.join(self._tree, "config.status")):
            raise SystemExit("datamem: this tree is configured; say"
                             " `make distclean`, or `make wheel`")
        return self._tree

    def build_wheel(self, wheel_directory, config_settings=None,
                    metadata_directory=None):
        return wheel_complete(self._prepared(), wheel_directory)

    def build_sdist(self, sdist_directory, config_settings=None):
        with tempfile.TemporaryDirectory(prefix="datamem-sdist.") as work:
            _run(work, os.path.join(self._prepared(), "configure"), "--quiet",
                 "--disable-tool", "--without-python")
            _run(work, "make", "distdir", "distdir=tree")
            return sdist(os.path.join(work, "tree"), sdist_directory)


class _Adapter:
    """The hooks of PEP 517 for this folder."""

    @staticmethod
    def build_wheel(wheel_directory, config_settings=None,
                    metadata_directory=None):
        return wheel_adapter(wheel_directory)

    @staticmethod
    def build_sdist(sdist_directory, config_settings=None):
        raise SystemExit("datamem: the source distribution is made of the"
                         " whole tree")


complete = _Complete()
adapter = _Adapter()


def main():
    """The command."""
    if len(sys.argv) != 4 or sys.argv[1] not in ("wheel", "sdist"):
        sys.exit(__doc__)
    make = wheel_complete if sys.argv[1] == "wheel" else sdist
    print(make(sys.argv[2], sys.argv[3]))


if __name__ == "__main__":
    main()

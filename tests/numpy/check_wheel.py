# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The wheel that `make wheel` has made, as its users install it.

The first environment needs no network and has this Python's NumPy; the last
tests have one with NumPy and joblib from PyPI.
"""

import ctypes.util
import glob
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile

import tap

WORK = tempfile.mkdtemp(prefix="datamem-check-wheel.")
BUILD = os.environ["top_builddir"]
(WHEEL,) = glob.glob(os.path.join(BUILD, "wheel", "*.whl"))
(SDIST,) = glob.glob(os.path.join(BUILD, "wheel", "*.tar.gz"))
#: glibc of the oldest system that the wheel is for: 2.34.
GLIBC_MINOR = 34
ENV = {name: value for name, value in os.environ.items()
       if name not in ("PYTHONPATH", "DATAMEM_LIBRARY", "DATAMEM",
                       "PYTHONDONTWRITEBYTECODE")}
ENV["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
ENV["PIP_ROOT_USER_ACTION"] = "ignore"
NATIVE = "datamem/_native/"


def environment(name, **options):
    folder = os.path.join(WORK, name)
    try:
        venv.create(folder, symlinks=True, with_pip=True, **options)
    except (Exception, SystemExit) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise tap.Skip("no virtual environment with pip (Debian:"
                       " python3-venv): %s" % error) from None
    return os.path.join(folder, "bin")


def pip(where, *words, needs_network=False):
    done = subprocess.run(
        [os.path.join(where, "python"), "-m", "pip", "-q", *words], env=ENV,
        text=True, capture_output=True, timeout=900)
    if needs_network and done.returncode:
        shutil.rmtree(os.path.dirname(where))
        raise tap.Skip("pip has no network: "
                       + " ".join(done.stderr.split())[-150:])
    assert done.returncode == 0, done


def offline():
    """The environment without a network; made at the first call."""
    where = os.path.join(WORK, "offline", "bin")
    if not os.path.exists(where):
        where = environment("offline", system_site_packages=True)
        folder = subprocess.run(
            [os.path.join(where, "python"), "-c",
             "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True, text=True, check=True).stdout.strip()
        # This Python may be a virtual environment itself.
        with open(os.path.join(folder, "numpy.pth"), "w") as file:
            file.write(sysconfig.get_path("purelib") + "\n")
        pip(where, "install", "--no-index", "--no-deps", WHEEL)
    return where


def online():
    """The environment with what PyPI has; made at the first call."""
    where = os.path.join(WORK, "online", "bin")
    if not os.path.exists(where):
        where = environment("online")
        pip(where, "install", "numpy>=2", "joblib", needs_network=True)
        pip(where, "install", WHEEL)
    return where


def result(where, program, *words, **env):
    done = subprocess.run([os.path.join(where, program), *words], text=True,
                          env=dict(ENV, **env), cwd=WORK, timeout=900,
                          capture_output=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def elf_files():
    with zipfile.ZipFile(WHEEL) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if content[:4] == b"\x7fELF":
                yield name, content


def test_names_and_contents():
    version = os.path.basename(SDIST)[len("datamem-"):-len(".tar.gz")]
    assert os.path.basename(WHEEL) == (
        "datamem-%s-py3-none-manylinux_2_%d_%s.whl"
        % (version, GLIBC_MINOR, platform.machine())), WHEEL
    with zipfile.ZipFile(WHEEL) as archive:
        names = set(archive.namelist())
        for name in ("bin/datamem-ctl", "libexec/datamem/datamem-bench",
                     "libexec/datamem/datamem-replay",
                     "libexec/datamem/datamem-profile",
                     "lib/libdatamem.so.1"):
            info = archive.getinfo(NATIVE + name)
            assert info.external_attr >> 16 & 0o111, name
    source = os.path.join(os.environ["top_srcdir"], "src", "python")
    for name in os.listdir(os.path.join(source, "datamem")):
        assert name == "__pycache__" or "datamem/" + name in names, name
    assert {"datamem.pth", "datamem.start", "_datamem_start.py"} <= names
    terms = {os.path.basename(name) for name in names if "/licenses/" in name}
    assert "COPYING" in terms, terms
    if os.path.exists("/usr/share/doc/zlib1g/copyright"):
        assert {"zlib.txt", "libsmartcols.txt"} <= terms, terms


def test_symbols_are_of_an_old_glibc():
    seen = 0
    for name, content in elf_files():
        minors = [int(minor) for minor in
                  re.findall(rb"\0GLIBC_2\.(\d+)(?=\0|\.)", content)]
        assert minors and max(minors) <= GLIBC_MINOR, (name, max(minors))
        seen += 1
    assert seen >= 4, seen


def test_nothing_but_the_c_library_is_needed():
    have = {os.path.basename(name) for name, _ in elf_files()}
    for name, content in elf_files():
        path = os.path.join(WORK, "elf")
        with open(path, "wb") as file:
            file.write(content)
        try:
            said = subprocess.run(["readelf", "-d", path], text=True,
                                  capture_output=True, check=True).stdout
        except FileNotFoundError:
            raise tap.Skip("no readelf") from None
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", said))
        strange = {word for word in needed - have if not re.match(
            r"(libc|libm|libpthread|ld-linux.*)\.so\.", word)}
        assert not strange, (name, strange)
        for path in re.findall(r"(?:RPATH|RUNPATH).*\[(.*)\]", said):
            assert all(part.startswith("$ORIGIN/")
                       for part in path.split(":")), (name, path)


def test_auditwheel():
    where = environment("audit")
    pip(where, "install", "auditwheel", needs_network=True)
    status, out, err = result(where, "auditwheel", "show", WHEEL)
    assert status == 0, (out, err)
    text = " ".join(out.split())
    assert ('following platform tag: "manylinux_2_%d' % GLIBC_MINOR) in text, \
        out


CODE = ("import numpy as np, datamem as d; p = d.probe(); print(d.handler_name("
        "np.ones(9)), p.library, p.library_version == d.__version__)")


def test_it_needs_no_library_of_the_system():
    where = offline()
    status, out, err = result(where, "python", "-c", CODE, DATAMEM="numpy")
    name, path, same = out.split()
    assert (status, name, same, err) == (0, "datamem", "True", ""), (out, err)
    assert path.startswith(WORK) and NATIVE in path, path


def test_the_command():
    where = offline()
    for words in (["-c", CODE], ["-m", "shown"], ["shown.py"]):
        with open(os.path.join(WORK, "shown.py"), "w") as file:
            file.write(CODE)
        status, out, err = result(where, "datamem", *words)
        assert status == 0 and out.startswith("datamem ") and not err, (
            words, out, err)
    # As python3 itself, also where the program fails.
    code = "import sys; print(sys.argv, sys.path[0], flush=True); 1/0"
    with open(os.path.join(WORK, "fails.py"), "w") as file:
        file.write(code)
    for words in (["-c", code, "a"], ["fails.py", "b"], ["-m", "fails"]):
        assert result(where, "datamem", *words) == result(
            where, "python", *words), words
    status, out, err = result(where, "datamem", "--status")
    assert status == 0, (out, err)
    assert "new processes  would see DATAMEM=numpy" in out, (out, err)


def test_the_tool():
    where = offline()
    status, out, err = result(where, "datamem-ctl", "--version")
    assert status == 0 and "datamem" in out, (out, err)
    # A library of somebody else must not come between.
    env = {"LD_LIBRARY_PATH": os.path.join(WORK, "bad")}
    os.makedirs(env["LD_LIBRARY_PATH"], exist_ok=True)
    for name in ("libdatamem.so.1", "libsmartcols.so.1"):
        open(os.path.join(env["LD_LIBRARY_PATH"], name), "w").close()
    status, out, err = result(where, "datamem-ctl", "settings", **env)
    assert status == 0 and "retain.max" in out, (out, err)
    for command in ("bench", "replay", "profile"):
        status, out, err = result(where, "datamem-ctl", command, "--help")
        assert status == 0 and command in out, (out, err)
    status, out, err = result(
        where, "datamem-ctl", "run", "--stats", "--", "datamem", "-c",
        "import numpy; numpy.ones(1 << 20)",
        PATH=where + ":" + os.environ["PATH"])
    assert status == 0 and "allocs" in (out + err).lower(), (out, err)


NATIVE_BLOCKS = """
import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
lib.datamem_setting_set(b"profile", b"64K")
lib.datamem_alloc.restype = ctypes.c_void_p
blocks = [lib.datamem_alloc(ctypes.c_size_t(1 << 20)) for _ in range(64)]
print("ready", flush=True)
sys.stdin.read()
"""


def has_headers_of_libdw():
    """As datamem_build.py finds it: the library may be there alone."""
    compiler = (os.environ.get("CC") or "cc").split()
    return os.path.isabs(subprocess.run(
        compiler + ["-print-file-name=libdw.so"], capture_output=True,
        text=True, check=True).stdout.strip())


def test_names_of_native_code_where_the_system_has_libdw():
    where = offline()
    (library,) = glob.glob(os.path.join(os.path.dirname(where), "lib", "*",
                                        "site-packages", "datamem", "_native",
                                        "lib", "libdatamem.so.1"))
    program = subprocess.Popen(
        [os.path.join(where, "python"), "-c", NATIVE_BLOCKS, library],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV)
    try:
        assert program.stdout.readline() == b"ready\n"
        words = ("profile", "--format=collapsed", str(program.pid))
        status, out, err = result(where, "datamem-ctl", *words)
        assert status == 0, err
        if not has_headers_of_libdw():
            assert "+0x" in out and "built without elfutils" in err, (out, err)
            return
        if ctypes.util.find_library("dw"):
            assert "PyEval_" in out and "libdw" not in err, (out, err)
        else:
            assert "+0x" in out and "libdw" in err, (out, err)
        # One that cannot be loaded.
        bad = os.path.join(WORK, "bad-libdw")
        os.makedirs(bad, exist_ok=True)
        open(os.path.join(bad, "libdw.so.1"), "w").close()
        status, out, err = result(where, "datamem-ctl", *words,
                                  LD_LIBRARY_PATH=bad)
        assert status == 0 and "+0x" in out and "PyEval_" not in out, out
        assert "libdw.so.1 is not here" in err, err
    finally:
        program.communicate()


def test_another_library_by_the_variable():
    chosen = os.path.realpath(os.environ["DATAMEM_LIBRARY"])
    status, out, err = result(offline(), "python", "-c", CODE,
                              DATAMEM_LIBRARY=chosen, DATAMEM="numpy")
    assert status == 0 and out.split()[0] == "datamem" and (
        os.path.realpath(out.split()[1]) == chosen), (out, err)


def test_one_library_in_a_process():
    # The process has one already, of another file.
    chosen = os.path.realpath(os.environ["DATAMEM_LIBRARY"])
    code = ("import ctypes; ctypes.CDLL(%r)\n" + CODE + "\n"
            "print(len({line.split()[-1] for line in open('/proc/self/maps')"
            " if 'libdatamem.so' in line}))") % chosen
    for more in ({}, {"DATAMEM_LIBRARY": "/nonexistent/libdatamem.so.1"}):
        status, out, err = result(offline(), "python", "-c", code, **more)
        lines = out.splitlines()
        assert status == 0 and lines[1] == "1", (out, err)
        assert os.path.realpath(lines[0].split()[1]) == chosen, out


def test_uninstall_leaves_nothing():
    where = environment("leave")

    def there():
        # pip compiles itself where it runs first.
        return {os.path.join(folder, name) for folder, folders, files
                in os.walk(os.path.join(WORK, "leave"))
                for name in folders + files
                if "/pip/" not in os.path.join(folder, name)}

    before = there()
    pip(where, "install", "--no-index", "--no-deps", WHEEL)
    assert any(path.endswith("/datamem.pth") for path in there())
    for program, words in (("python", ["-c", "import datamem"]),
                           ("datamem", ["--version"]),
                           ("datamem-ctl", ["--version"])):
        status, out, err = result(where, program, *words, DATAMEM="numpy")
        assert status == 0, (program, out, err)
    pip(where, "uninstall", "-y", "datamem")
    # pip leaves the folders around those that were the package's alone.
    left = {path for path in there() - before
            if os.path.basename(path) not in ("__pycache__", "share", "man")}
    assert not left, left


def test_the_source_distribution_is_complete():
    with tarfile.open(SDIST) as archive:
        names = archive.getnames()
    top = names[0].split("/")[0]
    for name in ("PKG-INFO", "pyproject.toml", "configure", "COPYING",
                 "src/python/datamem_build.py", "include/datamem.h"):
        assert top + "/" + name in names, name
    assert not [name for name in names if name.endswith((".o", ".so"))]


def test_numpy_2_and_joblib_of_pypi():
    where = online()
    path = os.path.join(WORK, "job.py")
    with open(path, "w") as file:
        file.write("from joblib import Parallel, delayed\n"
                   "def job(n):\n"
                   "    import numpy as np, datamem\n"
                   "    return (datamem.handler_name(np.ones(n + 1)),"
                   " int(np.__version__.split('.')[0]) >= 2)\n"
                   "if __name__ == '__main__':\n"
                   "    print(set(Parallel(2)(delayed(job)(i) for i in"
                   " range(8))))\n")
    status, out, err = result(where, "python", path, DATAMEM="numpy")
    assert (status, out) == (0, "{('datamem', True)}\n"), (out, err)


def of_pypi(script, must):
    """Run another test with what PyPI has; must: what is not to be skipped."""
    where = online()
    pip(where, "install", "dask[distributed]", "pytest-xdist", "ipykernel",
        "nbconvert", needs_network=True)
    path = os.path.join(os.environ["top_srcdir"], "tests", "numpy", script)
    env = {name: os.environ[name]
           for name in ("DATAMEM_LIBRARY", "PYTHONPATH")}
    status, out, err = result(where, "python", path, **env)
    assert status == 0, (out, err)
    for title in must:
        assert re.search("(?m)^ok .* - %s$" % title, out), out


def test_the_switch_with_packages_of_pypi():
    of_pypi("check_switch.py", ("joblib", "dask processes", "pytest xdist",
                                "notebook kernel"))


def test_dask_of_pypi():
    of_pypi("check_dask.py", ("preload",))


def test_a_notebook_of_pypi():
    of_pypi("check_notebook.py", ("in ipython",
                                  "a notebook through nbconvert"))


try:
    tap.run(globals())
finally:
    shutil.rmtree(WORK)

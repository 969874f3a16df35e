# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""python3 -m datamem: a program runs as it does without it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap

PYTHON = sys.executable
WORK = tempfile.mkdtemp(prefix="datamem-program.")

# What a program can see of how it was started.
SHOW = r"""
import sys, __main__
print(sys.argv, sys.path, sys.modules["__main__"] is __main__,
      globals() is vars(__main__))
for name, value in sorted(vars(__main__).items()):
    if name.startswith("__") and name != "__builtins__":
        print(name, repr(value))
"""


def write(name, text):
    path = os.path.join(WORK, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


def tree():
    for name in ("show.py", "dir/__main__.py", "package/module.py",
                 "package/__main__.py"):
        write(name, SHOW)
    write("package/__init__.py", "")
    if not os.path.islink(os.path.join(WORK, "link.py")):
        os.symlink("dir/__main__.py", os.path.join(WORK, "link.py"))


def result(*words, **more):
    done = subprocess.run([PYTHON, *words], cwd=WORK, capture_output=True,
                          text=True, timeout=120, stdin=subprocess.DEVNULL,
                          **more)
    # Addresses of objects differ from run to run.
    clean = [re.sub(r"0x[0-9a-f]+", "0x", text)
             for text in (done.stdout, done.stderr)]
    return done.returncode, clean[0], clean[1]


def expect_same(words, flags=()):
    stock = result(*flags, *words)
    ours = result(*flags, "-m", "datamem", *words)
    assert ours == stock, "%r\nstock %r\nours  %r" % (words, stock, ours)
    return stock


def same_command(text, status=None):
    """As a script and as -c."""
    write("c.py", text)
    stock = expect_same(["c.py"])
    assert status is None or stock[0] == status, stock
    expect_same(["-c", text])


def test_scripts_modules_folders_links():
    tree()
    for words in ("show.py", "show.py 1 -x --stats", "./show.py",
                  "dir/../show.py", "dir a", "link.py", "-m show a -m b",
                  "-m package.module b", "-m package", "-mshow"):
        stock = expect_same(words.split())
        assert stock[0] == 0 and "__main__" in stock[1], stock
    expect_same(["-c", SHOW, "a"])
    expect_same([os.path.join(WORK, "show.py"), "a"])


def test_archives():
    import zipapp
    tree()
    zipapp.create_archive(os.path.join(WORK, "dir"),
                          os.path.join(WORK, "app.pyz"), sys.executable)
    stock = expect_same(["app.pyz", "a"])
    assert stock[0] == 0 and "__main__" in stock[1], stock


def test_commands_that_are_indented():
    # Python takes them from 3.14 on.
    for text in ("\n    print(1)\n    print(2)\n", "\tprint(3)\n  print(4)",
                 "  x = '''a\n   b'''\n \t\n  print(repr(x))\n  1/0\n",
                 "print(5)\n  \n", "\t \tif 1:\n\t \t  print(6)", " \n"):
        expect_same(["-c", text])


def test_flags_of_python():
    tree()
    for flag in ("-O", "-u", "-B", "-Wdefault"):
        assert expect_same(["show.py", "a"], [flag])[0] == 0
    if sys.version_info >= (3, 11):
        assert expect_same(["show.py"], ["-P"])[0] == 0


def test_compiled_script():
    tree()
    import py_compile
    py_compile.compile(os.path.join(WORK, "show.py"),
                       os.path.join(WORK, "show.pyc"))
    assert expect_same(["show.pyc", "a"])[0] == 0


def test_what_cannot_be_run():
    tree()
    for words in ("nosuch.py", "-m nosuch", "-m package.nosuch", "-m dir.x",
                  "."):
        assert expect_same(words.split())[0] != 0


def test_statuses():
    same_command("import sys; sys.exit(3)", 3)
    same_command("import sys; sys.exit('said')", 1)
    same_command("import sys; sys.exit()", 0)
    same_command("raise SystemExit", 0)
    same_command("import os; os._exit(7)", 7)
    same_command("import os; os.abort()", -6)
    same_command("import os; os.kill(os.getpid(), 15)", -15)


def test_errors_end_it_with_the_same_traceback():
    same_command("1/0", 1)
    same_command("raise KeyboardInterrupt", -2)
    same_command("x = = 2", 1)
    same_command("import nosuch", 1)
    same_command("def f(): g()\n"
                 "def g(): raise OSError(2, 'a')\n"
                 "try: f()\n"
                 "except OSError as e: raise RuntimeError('b') from e\n", 1)
    same_command("import sys, traceback\n"
                 "sys.excepthook = lambda *a: print(a[0], traceback.extract_tb("
                 "a[2]))\n"
                 "1/0\n", 1)
    same_command("import atexit, sys\n"
                 "@atexit.register\n"
                 "def _(): print(sys.last_traceback.tb_frame.f_code.co_name,"
                 " sys.excepthook is sys.__excepthook__)\n"
                 "1/0\n", 1)
    same_command("import numpy as np\nnp.ones(-1)", 1)
    same_command("import numpy as np\n"
                 "try: np.ones(1 << 50)\nexcept MemoryError as e: print(e)\n",
                 0)


def test_errors_of_modules_and_folders():
    for name in ("fails.py", "failing/__main__.py"):
        write(name, "def f(): 1/0\nf()\n")
    for words in ("-m fails", "-m failing", "failing"):
        assert expect_same(words.split())[0] == 1


def test_errors_in_threads():
    same_command("import threading\n"
                 "def f(): 1/0\n"
                 "t = threading.Thread(target=f); t.start(); t.join()\n", 0)
    same_command("import threading\n"
                 "threading.Thread(target=3, name='n').start()\n", 0)
    same_command("import _thread\n"
                 "for bad in ((3, ()), (print, 3), (print,)):\n"
                 "    try: _thread.start_new_thread(*bad)\n"
                 "    except TypeError as e: print(e)\n", 0)


def test_pickles_of_main():
    same_command("import pickle\n"
                 "class A: pass\n"
                 "print(pickle.loads(pickle.dumps(A())), A.__module__)\n", 0)


def test_the_program_has_the_handler():
    code = ("import numpy as np, threading\n"
            "try: from numpy._core.multiarray import get_handler_name as g\n"
            "except ImportError:\n"
            "    from numpy.core.multiarray import get_handler_name as g\n"
            "print(g(np.ones(3)))\n"
            "t = threading.Thread(target=lambda: print(g())); t.start()\n"
            "t.join()\n")
    for words, expected in (((), "datamem\ndatamem\n"),
                            (("--handler=debug",), "debug\ndebug\n"),
                            (("--no-threads",), "datamem\ndefault_allocator\n")):
        got = result("-W", "ignore", "-m", "datamem", *words, "-c", code)
        assert got == (0, expected, ""), (words, got)
    got = result("-W", "ignore", "-m", "datamem", "-c", code,
                 env=dict(os.environ, DATAMEM_HANDLER="system"))
    assert got == (0, "system\nsystem\n", ""), got


def test_numpy_is_imported_when_the_program_does():
    code = "import sys; print('numpy' in sys.modules)"
    assert result("-m", "datamem", "-c", code) == (0, "False\n", "")


def test_settings():
    code = ("import datamem; s = datamem.settings\n"
            "print(s['hugepage'], s['limit.max'], s['cache.enabled'])\n")
    got = result("-m", "datamem", "--hugepage=off", "--set", "limit.max=1G",
                 "--set=cache.enabled=off", "-c", code)
    assert got == (0, "off 1G off\n", ""), got


def test_wrong_usage():
    for words, said in ((("--nosuch", "x.py"), "unrecognized option"),
                        (("--set",), "requires an argument"),
                        (("--set", "x", "x.py"), "takes NAME=VALUE"),
                        (("--set", "x=1", "x.py"), "no setting 'x'"),
                        (("--hugepage=x", "x.py"), "hugepage=x"),
                        (("-m",), "requires an argument")):
        status, out, err = result("-m", "datamem", *words)
        assert status == 2 and out == "" and said in err, (words, status, err)
    for word in ("--help", "--version"):
        status, out, err = result("-m", "datamem", word)
        assert status == 0 and out and err == "", (word, status, err)


def test_stats():
    code = ("import numpy as np, os\n"
            "for i in range(9): np.ones(10000000)\n"
            "pid = os.fork()\n"
            "if pid: os.waitpid(pid, 0); print('end')\n"
            "raise SystemExit(4)\n")
    status, out, err = result("-m", "datamem", "--stats", "-c", code)
    assert (status, out) == (4, "end\n"), (status, out, err)
    assert err.count("datamem: statistics") == 1, err
    for word in ("allocations", "from warm memory", "peak of live data",
                 "page faults avoided", "in huge pages"):
        assert word in err, err


def test_ranks_of_mpi_leave_a_line_each():
    path = os.path.join(WORK, "ranks.json")
    conf = "stats.exit=" + path
    program = ["-m", "datamem", "-c", "import numpy; numpy.ones(1 << 20)"]
    launchers = [
        ({"PMI_RANK": str(rank), "PMI_SIZE": "2", "SLURM_JOB_ID": "7"}, [])
        for rank in range(2)]
    root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
    if shutil.which("mpirun"):
        launchers = [({}, ["mpirun", *root, "--oversubscribe", "-n", "2"])]
    for variables, words in launchers:
        done = subprocess.run(
            [*words, sys.executable, *program], capture_output=True, text=True,
            env=dict(os.environ, DATAMEM_CONF=conf, **variables), timeout=300)
        if words and done.returncode:
            raise tap.Skip("mpirun does not start: "
                           + " ".join(done.stderr.split())[:100])
        assert done.returncode == 0, done
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    # mpirun may be a program of Python itself, with the library.
    lines = [line for line in lines if "rank" in line]
    assert sorted(line["rank"] for line in lines) == [0, 1], lines
    for line in lines:
        assert line["ranks"] == 2 and line["node"] and line["job"], line
        assert line["peak_bytes"] >= 8 << 20


def test_the_example_runs():
    path = os.path.join(os.environ["top_srcdir"], "examples",
                        "numpy-before-after.py")
    status, out, err = result(path)
    assert (status, err) == (0, ""), (status, err)
    for word in ("temporaries", "growth", "frames", "made by datamem"):
        assert word in out, out


def test_the_benchmark_runs():
    for words in ([], ["--processor-time"]):
        the_benchmark_runs(words)


def the_benchmark_runs(words):
    path = os.path.join(WORK, "bench.json")
    status, out, err = result(
        "-m", "datamem.bench", "--rounds=2", "--processes=2",
        "--seconds=0.0001", "--case=add", "--case=empty", "--threads=2",
        "--max-size=0.0001", "--with=datamem", "--with=numpy",
        "--json=" + path, *words)
    assert (status, err) == (0, ""), (status, err)
    with open(path) as file:
        rows = json.load(file)["measured"]
    assert {(row["case"], row["threads"]) for row in rows} == {
        ("add", 0), ("add", 2), ("empty", 0), ("empty", 2)}, rows
    for row in rows:
        assert list(row["results"]) == ["datamem", "numpy"], row
        for measured in row["results"].values():
            assert measured["seconds"] > 0, row
            assert (measured["out"] is None) == (row["case"] == "empty"), row
    assert "a + b, 2 threads at once" in out and "times as fast" in out, out
    assert ("\nmedian processor time" in out) == bool(words), out


def test_missing_library():
    env = dict(os.environ, DATAMEM_LIBRARY="/nonexistent/libdatamem.so")
    status, out, err = result("-m", "datamem", "-c", "1", env=env)
    assert status == 2 and "DATAMEM_LIBRARY" in err, (status, err)
    assert out == "" and err.count("\n") == 1, (out, err)
    code = ("try: import datamem\n"
            "except ImportError as e: print(type(e).__name__, e)\n")
    status, out, err = result("-c", code, env=env)
    assert (status, err) == (0, ""), (status, err)
    assert out.startswith("UnavailableError datamem: no libdatamem.so"), out


def test_a_numpy_that_fails_has_the_same_traceback():
    for failure in ("1/0", "raise ImportError('a')", "import nosuch", "x = =",
                    "def f(): raise OSError(2, 'b')\nf()"):
        write("numpy/__init__.py", failure + "\n")
        try:
            same_command("import numpy", 1)
            same_command("import traceback\n"
                         "for _ in 1, 2:\n"
                         "    try: import numpy\n"
                         "    except Exception: traceback.print_exc()\n", 0)
        finally:
            shutil.rmtree(os.path.join(WORK, "numpy"))


def test_old_numpy_is_left_alone():
    write("numpy/__init__.py", "__version__ = '1.21.0'\nndarray = 0\n"
          "core = None\n")
    write("numpy/core/__init__.py", "")
    try:
        status, out, err = result("-m", "datamem", "-c",
                                  "import numpy; print(numpy.__version__)")
    finally:
        shutil.rmtree(os.path.join(WORK, "numpy"))
    assert (status, out) == (0, "1.21.0\n"), (status, out, err)
    assert err.startswith("datamem: ") and err.count("\n") == 1, err


def test_the_manual_has_all_names_and_options():
    import datamem
    path = os.path.join(os.environ["top_srcdir"], "man", "datamem-numpy.7")
    with open(path) as file:
        text = file.read().replace("\\-", "-").replace("\\~", " ")
    functions = text[text.index(".SS Functions"):text.index(".SS Threads")]
    missing = [word for word in datamem.__all__
               if not re.search(r"(?<![\w.])%s(?!\w)" % word, functions)]
    assert not missing, missing
    options = text[text.index(".SS Options"):text.index(".SS Commands")]
    documented = {word for line in options.splitlines() if line[:2] == ".B"
                  for word in re.findall("--[a-z-]+", line)}
    shown = set(re.findall("(?m)^ +(--[a-z-]+)",
                           result("-m", "datamem", "--help")[1]))
    assert documented == shown and "--stats" in shown, documented ^ shown


def test_origins_are_the_words_of_the_tool():
    ctl = os.path.join(os.environ["top_builddir"], "datamem-ctl")
    env = {**os.environ, "DATAMEM_CONF": "retain.age=7"}
    try:
        tool = subprocess.run([ctl, "settings", "-nr", "-o", "NAME,ORIGIN"],
                              capture_output=True, text=True, env=env)
    except FileNotFoundError:
        raise tap.Skip("the tool was not built") from None
    if tool.returncode:     # another root, without what the tool needs
        raise tap.Skip("the tool does not run here: " + tool.stderr.strip())
    lines = tool.stdout.splitlines()
    code = ("import datamem\nfor s in datamem.settings:\n"
            "    print(s, datamem.settings.describe(s).origin)")
    ours = result("-c", code, env=env)[1].splitlines()
    assert ours == lines and "retain.age environment" in lines


try:
    tap.run(globals())
finally:
    shutil.rmtree(WORK)

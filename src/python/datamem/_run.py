# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Runs a script, a module or a command as python3 itself would.

The program finds sys.argv, sys.path and __main__ as it would without us, ends
with the same status or signal, and prints the same traceback.
"""

import builtins
import importlib.machinery
import io
import linecache
import os
import runpy
import sys
import types
from typing import Any, List, NoReturn, Optional

import _datamem_start

# As in the names of our frames: whoever compares may have no current folder.
_OWN = os.path.dirname(__file__)

#: The file of the command that has started us, but for python3 -m.
launcher = ""


def _is_own(frame: Any) -> bool:
    name = frame.f_code.co_filename
    return (os.path.dirname(name) == _OWN
            or name in (launcher, _datamem_start.__file__))


def _is_runpy(frame: Any) -> bool:
    return frame.f_code.co_filename in ("<frozen runpy>", runpy.__file__)


def _without_own(traceback: Any) -> Any:
    """A traceback from where it is the same without us.

    What runpy adds after our last frame, python3 -m has, too.
    """
    first = at = traceback
    while at is not None and (_is_own(at.tb_frame) or _is_runpy(at.tb_frame)):
        if _is_own(at.tb_frame):
            first = at.tb_next
        at = at.tb_next
    return first


def _hide_own_frames() -> None:
    """Let the error that ends the program be shown without our frames."""
    hook = sys.excepthook

    def excepthook(kind, value, traceback):
        sys.excepthook = hook
        traceback = _without_own(traceback)
        value.__traceback__ = traceback
        sys.last_traceback = traceback
        hook(kind, value, traceback)

    sys.excepthook = excepthook


def _safe_path() -> bool:
    """Whether python3 was told not to put a folder in front of sys.path."""
    return bool(getattr(sys.flags, "safe_path", False) or sys.flags.isolated)


def _current_folder() -> Optional[str]:
    """None: it was removed, or may not be looked at."""
    try:
        return os.getcwd()
    except OSError:
        return None


def _set_path(first: Optional[str]) -> None:
    if _safe_path():
        return
    # `-m datamem` has put the current folder there, if there is one, and the
    # command its own.
    if launcher or _current_folder() is not None:
        del sys.path[0]
    if first is not None:
        sys.path.insert(0, first)


def _new_main() -> types.ModuleType:
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    if "__annotations__" in vars(sys.modules["__main__"]):  # until 3.13
        main.__dict__["__annotations__"] = {}
    sys.modules["__main__"] = main
    return main


def _execute(main: types.ModuleType, code: Any) -> None:
    try:
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException:
        _hide_own_frames()
        raise


def _run_as_main(name: str, alter_argv: bool) -> None:
    main = _new_main()
    try:
        # As python3 does for -m, for folders and for archives.
        runpy._run_module_as_main(name, alter_argv)  # type: ignore
    except SystemExit:
        raise
    except BaseException:
        _hide_own_frames()
        raise
    finally:
        del main


def _importer(path: str) -> bool:
    """Whether python3 would look for a __main__ below the path."""
    for hook in sys.path_hooks:
        try:
            hook(path)
            return True
        except (ImportError, OSError):
            continue
    return False


def _fail(message: str) -> NoReturn:
    _datamem_start.say(message)
    sys.exit(2)


def _read_script(path: str) -> bytes:
    try:
        with io.open_code(path) as file:
            return file.read()
    except OSError as error:
        _fail("%s: can't open file %r: [Errno %d] %s" % (
            sys.executable, path, error.errno, error.strerror))


def _absolute(path: str) -> str:
    """As python3 makes it: nothing is normalised, but for "." since 3.11."""
    folder = _current_folder()
    if folder is None:
        return path
    if path == "." and sys.version_info >= (3, 11):
        return folder
    return os.path.join(folder, path)


def run_script(path: str, arguments: List[str]) -> None:
    """python3 PATH ARGUMENTS"""
    sys.argv[:] = [path] + arguments
    file = _absolute(path)
    if _importer(file):
        if not _safe_path():
            _set_path(file)
        else:
            sys.path.insert(0, file)
        _run_as_main("__main__", False)
        return
    source = _read_script(file)
    _set_path(os.path.dirname(os.path.realpath(file)))
    main = _new_main()
    if path.endswith(".pyc"):
        loader: Any = importlib.machinery.SourcelessFileLoader(
            "__main__", file)
    else:
        loader = importlib.machinery.SourceFileLoader("__main__", file)
    main.__dict__.update(__file__=file, __loader__=loader, __spec__=None,
                         __package__=None)
    if sys.version_info < (3, 15):
        main.__dict__["__cached__"] = None
    try:
        code = (loader.get_code("__main__") if path.endswith(".pyc")
                else compile(source, file, "exec", dont_inherit=True))
    except BaseException:
        _hide_own_frames()
        raise
    _execute(main, code)


def run_module(name: str, arguments: List[str]) -> None:
    """python3 -m NAME ARGUMENTS"""
    sys.argv[:] = ["-m"] + arguments
    _set_path(_current_folder())
    _run_as_main(name, True)


def _bare_main() -> types.ModuleType:
    """As it is for a program that is no file."""
    _set_path("")
    main = _new_main()
    main.__dict__.update(__loader__=importlib.machinery.BuiltinImporter,
                         __spec__=None, __package__=None)
    return main


def _dedented(command: str) -> str:
    """As python3 -c takes it from 3.14 on: without what all lines begin with."""
    lines = command.split("\n")
    margin = len(os.path.commonprefix([
        line[:len(line) - len(line.lstrip(" \t"))]
        for line in lines if line.strip(" \t")]))
    if not margin:
        return command
    return "\n".join(line[margin:] if line.strip(" \t") else ""
                     for line in lines)


def run_command(command: str, arguments: List[str]) -> None:
    """python3 -c COMMAND ARGUMENTS"""
    sys.argv[:] = ["-c"] + arguments
    main = _bare_main()
    if sys.version_info >= (3, 14):
        command = _dedented(command)
    if sys.version_info >= (3, 13):     # tracebacks show the source
        linecache.cache["<string>"] = (
            len(command), None, (command + "\n").splitlines(True), "<string>")
    try:
        code = compile(command + "\n", "<string>", "exec", dont_inherit=True)
    except BaseException:
        _hide_own_frames()
        raise
    _execute(main, code)


def run_input(program: str, arguments: List[str]) -> None:
    """python3 - ARGUMENTS, or python3 alone: what standard input has"""
    sys.argv[:] = [program] + arguments
    main = _bare_main()
    if sys.stdin is not None and sys.stdin.isatty():
        _converse(main)
        return
    try:
        source = b"" if sys.stdin is None else sys.stdin.buffer.read()
        code = compile(source, "<stdin>", "exec", dont_inherit=True)
    except BaseException:
        _hide_own_frames()
        raise
    _execute(main, code)


def _converse(main: types.ModuleType) -> None:
    """A session at a terminal, as python3 alone begins it."""
    import code
    try:
        sys.__interactivehook__()   # type: ignore[attr-defined]
    except Exception:               # line editing is a comfort
        pass
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and not sys.flags.ignore_environment:
        try:
            exec(compile(_read_script(startup), startup, "exec",
                         dont_inherit=True), main.__dict__)
        except Exception:
            sys.excepthook(*sys.exc_info())
    banner = ""
    if not sys.flags.quiet:
        banner = ('Python %s on %s\nType "help", "copyright", "credits" or'
                  ' "license" for more information.'
                  % (sys.version, sys.platform))
    code.interact(banner, local=main.__dict__, exitmsg="")

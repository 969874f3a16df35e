# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""python3 -m datamem: run an unmodified program on libdatamem."""

import atexit
import os
import sys
from typing import Any, List, NoReturn, Tuple

from _datamem_start import say as _say

_USAGE = """\
Usage: python3 -m datamem [OPTION]... SCRIPT [ARGUMENT]...
       python3 -m datamem [OPTION]... -m MODULE [ARGUMENT]...
       python3 -m datamem [OPTION]... -c COMMAND [ARGUMENT]...
       python3 -m datamem [OPTION]... [-] [ARGUMENT]...
Run a Python program with the data of its NumPy arrays in libdatamem; with - or
without a program, what standard input has, or a session at a terminal.

      --handler=NAME         use this handler [datamem, or the setting handler]
      --hugepage=WHEN        ask for huge pages: auto, on or off
      --set NAME=VALUE       change a setting; `datamem-ctl settings` lists them
      --profile=FILE         write which lines hold and allocate memory to a
                             file at the end; for datamem-ctl profile FILE,
                             as a text if it ends with .collapsed or .heap
      --no-threads           only the main thread, not those that it starts
      --stats                print a summary to standard error at the end
      --status               tell what this Python would do, and exit
      --help                 display this help and exit
      --version              output version information and exit

The program ends with the status that it has without datamem. Options stand
before the program. To see all of its statistics afterwards:
    datamem-ctl run --stats -- python3 -m datamem SCRIPT...
"""


class _Options:
    def __init__(self) -> None:
        self.handler = ""
        self.settings: List[Tuple[str, str]] = []
        self.threads = True
        self.stats = False
        self.profile = ""
        self.kind = ""              # script, module, command or input
        self.program = ""
        self.arguments: List[str] = []


def _usage_error(message: str) -> NoReturn:
    _say("datamem: %s\nTry 'python3 -m datamem --help' for more information."
         % message)
    sys.exit(2)


def _setting(text: str) -> Tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        _usage_error("--set takes NAME=VALUE, not '%s'" % text)
    return name, value


def _long(options: _Options, name: str, value: str) -> None:
    if name == "--handler":
        options.handler = value
    elif name == "--hugepage":
        options.settings.append(("hugepage", value))
    elif name == "--profile":
        options.profile = value or _usage_error("--profile takes a file")
    else:
        options.settings.append(_setting(value))


def _answer(text: object, status: int = 0) -> NoReturn:
    """Print what was asked for, and exit."""
    try:
        print(text, flush=True)
    except OSError as error:
        _say("datamem: write error: %s" % error.strerror)
        os._exit(2)         # Python would try and fail once more
    sys.exit(status)


def _flag(options: _Options, name: str) -> bool:
    if name == "--help":
        _answer(_USAGE.rstrip())
    if name == "--version":
        import datamem
        _answer("datamem %s, libdatamem %s"
                % (datamem.__version__, datamem.library_version))
    if name == "--status":
        _status()
    if name == "--stats":
        options.stats = True
    elif name == "--no-threads":
        options.threads = False
    else:
        return False
    return True


def _parse(words: List[str]) -> _Options:
    options = _Options()
    words = list(words)
    while words and words[0].startswith("-") and words[0] != "-":
        word = words.pop(0)
        if word == "--":
            break
        if word[:2] in ("-m", "-c"):
            options.kind = "module" if word[1] == "m" else "command"
            if not word[2:] and not words:
                _usage_error("option '%s' requires an argument" % word)
            options.program = word[2:] or words.pop(0)
            options.arguments = words
            return options
        name, equals, value = word.partition("=")
        if name in ("--handler", "--hugepage", "--profile", "--set"):
            if not equals and not words:
                _usage_error("option '%s' requires an argument" % name)
            _long(options, name, value if equals else words.pop(0))
        elif equals or not _flag(options, name):
            _usage_error("unrecognized option '%s'" % word)
    options.kind = "script"
    if not words or words[0] == "-":
        options.kind = "input"
    options.program = words.pop(0) if words else ""
    options.arguments = words
    return options


def _summary(owner: int) -> None:
    if os.getpid() != owner:    # a forked child that ends on its own
        return
    from datamem import _report
    _say("\ndatamem: statistics\n" + "\n".join(
        "  %s" % line for line in _report.lines()))


def _write_profile(owner: int, profile: Any, path: str) -> None:
    if os.getpid() != owner:
        return
    try:
        profile.write(path)
    except (OSError, RuntimeError) as error:
        _say("datamem: no profile: %s" % error)


def _profile(path: str) -> None:
    import datamem
    interval = datamem.settings["profile"]
    try:
        # The program may change to another folder.
        path = os.path.abspath(path)
        profile = datamem.profile(
            interval=None if interval == "off" else interval)
    except (OSError, PermissionError) as error:
        _say("datamem: no profile: %s" % error)
        sys.exit(2)
    atexit.register(_write_profile, os.getpid(), profile, path)


def _begin(options: _Options) -> None:
    try:
        import datamem
    except ImportError as error:
        _say(error)
        sys.exit(2)
    for name, value in options.settings:
        try:
            datamem.settings[name] = value
        except KeyError:
            _usage_error("there is no setting '%s'" % name)
        except (ValueError, PermissionError) as error:
            _usage_error(str(error))
    from datamem import _switch
    name = options.handler or _switch.chosen_handler()
    datamem.install_on_import(name, options.threads)
    _switch.for_children(name, dict(options.settings))
    if options.profile:
        _profile(options.profile)
    if options.stats:
        # Registered before the program's own, so called after them.
        atexit.register(_summary, os.getpid())


def _status() -> NoReturn:
    import datamem
    try:
        datamem.install()
    except ImportError as error:
        _answer(error, 1)
    status = datamem.status()
    _answer("%s\n%-14s %s" % (status, "new processes", status.obstacle
                              or "would see DATAMEM=numpy"))


def main(launcher: str = "") -> None:
    """The command; launcher: the file that calls it, but for python3 -m."""
    options = _parse(sys.argv[1:])
    _begin(options)
    from datamem import _run
    _run.launcher = launcher
    run = {"script": _run.run_script, "module": _run.run_module,
           "command": _run.run_command,
           "input": _run.run_input}[options.kind]
    run(options.program, options.arguments)


if __name__ == "__main__":
    main()

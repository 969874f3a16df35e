# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""python3 -m datamem.bench: what libdatamem does for NumPy on this machine.

Every contestant is a process of its own, begun anew for each case and size,
since what malloc(3) does depends on what was freed before, and several times,
since processes differ in where things lie. They take turns measurement by
measurement, so that what disturbs the machine disturbs all. Given are medians,
and their ratios to the same arithmetic with out=, which allocates nothing.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from typing import Any, Dict, List, Optional, Tuple

from . import _bench_report

KIB, MIB = 1 << 10, 1 << 20

_PEERS = {"jemalloc": "libjemalloc.so.2", "mimalloc": "libmimalloc.so.2",
          "tcmalloc": "libtcmalloc_minimal.so.4"}

SIZES = {
    "add": [16, 256, 4 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB,
            64 * MIB, 256 * MIB],
    "expr": [16, 4 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB,
             256 * MIB],
    "zeros": [4 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB],
    "resize": [64 * KIB, MIB, 16 * MIB, 64 * MIB, 256 * MIB],
    "empty": [32, 80, 400, 800, 1600, 8000],
    "zeros-small": [32, 80, 400, 800, 1600, 8000],
}


def _library(soname: str) -> Optional[str]:
    """The file of a shared library that the loader knows."""
    try:
        out = subprocess.run(["ldconfig", "-p"], text=True, check=True,
                             stdout=subprocess.PIPE,
                             env=dict(os.environ, PATH=os.environ.get(
                                 "PATH", "") + ":/sbin:/usr/sbin")).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    for line in out.splitlines():
        words = line.split()
        if words and words[0] == soname:
            return words[-1]
    return None


class Contestant:
    """A process that measures on request."""

    def __init__(self, name: str, environment: Dict[str, str]) -> None:
        self.name = name
        # Before our own environment is looked at: stock means stock.
        env = {key: value for key, value in os.environ.items()
               if key not in ("LD_PRELOAD", "NUMPY_MADVISE_HUGEPAGE",
                              "GLIBC_TUNABLES")}
        env.update(environment)
        # Not what is measured, and noise.
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            env[variable] = "1"
        parent = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        env["PYTHONPATH"] = os.pathsep.join(
            filter(None, [parent, env.get("PYTHONPATH")]))
        worker = [sys.executable, "-c",
                  "from datamem import _bench_worker as w; w.main()"]
        if name != "datamem":
            # The package would load the library: run the file alone.
            worker = [sys.executable,
                      os.path.join(parent, "datamem", "_bench_worker.py")]
        self._process = subprocess.Popen(
            worker + [name], env=env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.hello = self._read()

    def _read(self) -> Dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("datamem.bench: %s ended early, status %s"
                             % (self.name, self._process.wait()))
        return json.loads(line)

    def ask(self, **request: Any) -> Dict[str, Any]:
        """Send a request and wait for the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _known(names: List[str]) -> Dict[str, Dict[str, str]]:
    """The contestants, each with what its environment needs."""
    known: Dict[str, Dict[str, str]] = {
        "datamem": {}, "numpy": {},
        "numpy-noadvice": {"NUMPY_MADVISE_HUGEPAGE": "0"}, "mallopt": {}}
    for name, soname in _PEERS.items():
        path = _library(soname)
        if path:
            known[name] = {"LD_PRELOAD": path}
        elif name in names:
            raise SystemExit("datamem.bench: %s is not installed" % name)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit("datamem.bench: no contestant %s; known: %s" % (
            ", ".join(unknown), ", ".join(known)))
    return {name: known[name] for name in names or known}


def _prime(nbytes: int) -> None:
    """Let a virtual machine get its memory from the host before we measure."""
    code = ("import mmap; m = mmap.mmap(-1, %d)\n"
            "for i in range(0, len(m), 4096): m[i] = 1" % nbytes)
    subprocess.run([sys.executable, "-c", code], check=False)


def _number(contestants: List[Contestant], seconds: float) -> int:
    """How often to run a statement in one measurement: the same for all."""
    once = max(c.ask(do="measure", number=1)["seconds"][0]
               for c in contestants)
    once = min(once, *[c.ask(do="measure", number=1)["seconds"][0]
                       for c in contestants]) if len(contestants) > 1 else once
    return max(1, min(int(seconds / max(once, 1e-8)), 200000))


def _generation(known: Dict[str, Dict[str, str]], case: str, nbytes: int,
                threads: int, rounds: int, seconds: float, processor: bool,
                samples: Dict[str, List[List[float]]]) -> int:
    """Begin all contestants, let them measure in turns, end them."""
    contestants = [Contestant(name, known[name]) for name in known]
    for contestant in contestants:
        contestant.ask(do="open", case=case, nbytes=nbytes, threads=threads,
                       processor=processor)
    number = _number(contestants, seconds)
    for turn in range(rounds + 1):
        # Another one begins each time.
        shift = turn % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            answer = contestant.ask(do="measure", number=number)
            if turn:    # the first is for warming up
                samples[contestant.name].append(answer["seconds"])
    for contestant in contestants:
        contestant.ask(do="close")
        contestant.close()
    return number


def measure(known: Dict[str, Dict[str, str]], case: str, nbytes: int,
            threads: int, rounds: int, seconds: float,
            generations: int = 1, processor: bool = False) -> Dict[str, Any]:
    """One case and size, all contestants in turns."""
    samples: Dict[str, List[List[float]]] = {name: [] for name in known}
    for _ in range(generations):
        number = _generation(known, case, nbytes, threads,
                             -(-rounds // generations), seconds, processor,
                             samples)
    results = {}
    for name, values in samples.items():
        times = [value[0] for value in values]
        out = [value[1] for value in values if len(value) > 1]
        results[name] = {
            "seconds": statistics.median(times),
            "least": min(times), "most": max(times),
            "out": statistics.median(out) if out else None}
    return {"case": case, "nbytes": nbytes, "threads": threads,
            "number": number, "rounds": rounds, "results": results}


def _machine() -> Dict[str, Any]:
    import numpy

    import datamem
    model = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    model = line.split(":", 1)[1].strip()
                    break
    except OSError:
        pass
    probe = datamem.probe()
    return {"cpu": model, "cpus": os.cpu_count(), "kernel": probe.release,
            "huge_pages": probe.state, "mode": probe.mode,
            "libdatamem": datamem.library_version,
            "numpy": numpy.__version__,
            "python": platform.python_version(),
            "libc": " ".join(platform.libc_ver())}


def _plan(options: argparse.Namespace) -> List[Tuple[str, int, int]]:
    plan = []
    for case, sizes in SIZES.items():
        if options.case and case not in options.case:
            continue
        sizes = [size for size in sizes if size <= options.max_size * MIB]
        plan += [(case, nbytes, 0) for nbytes in sizes]
        # Several threads at once need as much memory each.
        if options.threads:
            plan += [(case, nbytes, options.threads) for nbytes in sizes
                     if nbytes <= 64 * MIB]
    return plan


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m datamem.bench",
        description="Measure NumPy on libdatamem beside stock NumPy and NumPy on"
        " other allocators.")
    parser.add_argument("--case", action="append", choices=list(SIZES),
                        help="this case only; may be repeated")
    parser.add_argument("--with", dest="names", action="append", default=[],
                        metavar="NAME", help="this allocator only: datamem,"
                        " numpy (stock), mallopt, jemalloc and others; may be"
                        " repeated [all that are installed]")
    parser.add_argument("--rounds", type=int, default=11, metavar="N",
                        help="measurements of each [%(default)s]")
    parser.add_argument("--processes", type=int, default=3, metavar="N",
                        help="spread them over so many processes, each with"
                        " other addresses, which matter by some percent [%(default)s]")
    parser.add_argument("--seconds", type=float, default=0.01, metavar="S",
                        help="about the length of a measurement [%(default)s]")
    parser.add_argument("--processor-time", action="store_true",
                        help="that of the thread, in place of the time that"
                        " passes: for a machine with other work")
    parser.add_argument("--threads", type=int, default=2, metavar="N",
                        help="workers beside the main thread; 0: main thread"
                        " only [%(default)s]")
    parser.add_argument("--max-size", type=float, default=256, metavar="MIB",
                        help="largest array [%(default)s]")
    parser.add_argument("--json", metavar="FILE", help="write all figures")
    parser.add_argument("--plot", metavar="FILE.svg",
                        help="draw the ratios, with gnuplot")
    return parser.parse_args()


def main() -> None:
    """The command."""
    options = _options()
    known = _known(options.names)
    _prime(int(len(known) * 5 * min(options.max_size, 256) * MIB))
    report: Dict[str, Any] = {"machine": _machine(), "measured": []}
    report["machine"]["time"] = ("processor time of the thread"
                                 if options.processor_time else "time")
    print(_bench_report.head(report["machine"]), flush=True)
    last = None
    for case, nbytes, threads in _plan(options):
        row = measure(known, case, nbytes, threads,
                      max(options.rounds, 1), options.seconds,
                      max(options.processes, 1), options.processor_time)
        report["measured"].append(row)
        if (case, bool(threads)) != last:
            last = case, bool(threads)
            print(_bench_report.title(case, threads, row))
        print(_bench_report.line(row), flush=True)
    print(_bench_report.summary(report["measured"]))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
    if options.plot:
        _bench_report.plot(report["measured"], options.plot)


if __name__ == "__main__":
    main()

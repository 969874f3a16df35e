# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Peak resident memory of whole programs, as they are and on libdatamem.

    measure.py [-R ROUNDS] [NAME...]

NumPy's jobs run on the package, all else on the shim of malloc(3). Prints a table
of the medians, and what bounds it: the mean ratio, and how many programs take
more than 1.08 times their peak and 4 MiB. A program that this machine does not
have is named as skipped. Output must not differ; a program that fails is an
error.
"""

import argparse
import fnmatch
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
TIMES, MORE = 1.08, 4 * MIB


class Program:
    def __init__(self, name, command, needs=(), shim=False):
        self.name, self.command, self.shim = name, command, shim
        self.missing = [n for n in needs if not has_module(n)]
        if not shutil.which(command[0]):
            self.missing.append(command[0])

    def on_datamem(self, shim):
        if not self.shim:
            return [self.command[0], "-m", "datamem"] + self.command[1:], {}
        return self.command, {"LD_PRELOAD": shim}


def has_module(name):
    return not subprocess.run([sys.executable, "-c", "import " + name],
                              capture_output=True).returncode


def programs():
    jobs = os.path.join(HERE, "jobs.py")
    names = subprocess.run([sys.executable, jobs], capture_output=True,
                           check=True, text=True).stdout.splitlines()
    for line in names:
        name, *needs = line.split()
        yield Program(name, [sys.executable, jobs, name], needs)
    yield Program("octave", ["octave-cli", "-q", HERE + "/matrices.m"],
                  shim=True)
    yield Program("R", ["Rscript", HERE + "/tables.R"], shim=True)
    yield Program("opencv", [sys.executable, HERE + "/vision.py"], ["cv2"],
                  shim=True)


def run(command, more):
    """Peak resident bytes, processor seconds, and what it printed."""
    environment = dict(os.environ, OMP_NUM_THREADS="2", **more)
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        out.seek(0)
        text = out.read()
    if status:
        sys.exit("%s: status %d" % (" ".join(command), status))
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, text


def measure(program, rounds, shim):
    stock, ours = [], []
    for _ in range(rounds):
        stock.append(run(program.command, {}))
        ours.append(run(*program.on_datamem(shim)))
    if len({text for _, _, text in stock + ours}) > 1:
        print("%s: the output differs" % program.name, file=sys.stderr)
    return [statistics.median(sample[i] for sample in samples)
            for i in (0, 1) for samples in (stock, ours)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-R", "--rounds", type=int, default=1)
    parser.add_argument("--shim", default=os.environ.get("SHIM", ""))
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_args()
    ratios, over = [], []
    print("%-28s %9s %9s %7s %7s %7s" % ("PROGRAM", "STOCK", "DATAMEM",
                                         "RATIO", "MORE", "CPU"))
    for program in programs():
        if arguments.name and not any(fnmatch.fnmatch(program.name, pattern)
                                      for pattern in arguments.name):
            continue
        if program.missing:
            print("%-28s skipped: no %s" % (program.name,
                                            ", ".join(program.missing)))
            continue
        stock, ours, before, after = measure(program, arguments.rounds,
                                             arguments.shim)
        ratios.append(ours / stock)
        if ours > TIMES * stock + MORE:
            over.append(program.name)
        print("%-28s %8.1fM %8.1fM %7.3f %6.1fM %7.2f" % (
            program.name, stock / MIB, ours / MIB, ours / stock,
            (ours - stock) / MIB, after / before), flush=True)
    if ratios:
        print("mean ratio %.3f of %d programs; above %.2f times and %d MiB: %s"
              % (statistics.mean(ratios), len(ratios), TIMES, MORE // MIB,
                 ", ".join(over) or "none"))


if __name__ == "__main__":
    main()

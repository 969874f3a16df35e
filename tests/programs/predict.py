# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""What `datamem-ctl advise` predicts of whole programs, and what is measured.

    predict.py [-R ROUNDS] [NAME...]

Each round records a program, has it advised, and runs it as it is and on the
library: NumPy's programs on the package, all else on the shim of malloc(3), from
4 KiB on, as recordings have it. The table has medians of the rounds: processor
time in seconds, the range that advise tells for what page faults may cost, peak
in MB, and by what part the prediction missed. A program that this machine does not
have is named as skipped.
"""

import argparse
import fnmatch
import json
import os
import statistics
import subprocess
import sys
import tempfile

from measure import HERE, Program, run

PYTHON, MB = sys.executable, 1e6
# Above what is off: said in the last line.
BOUND = 0.15


def programs():
    jobs, recorded = (os.path.join(HERE, name)
                      for name in ("jobs.py", "recorded.py"))
    yield Program("octave", ["octave-cli", "-q", HERE + "/matrices.m"],
                  shim=True)
    yield Program("R", ["Rscript", HERE + "/tables.R"], shim=True)
    yield Program("pandas", [PYTHON, jobs, "pandas_groups"], ["pandas"])
    yield Program("opencv", [PYTHON, HERE + "/vision.py"], ["cv2"], shim=True)
    for name, needs in (("growth", []), ("temporaries", []), ("nbody", []),
                        ("image", ["skimage"])):
        yield Program(name, [PYTHON, recorded, name], ["numpy"] + needs)


def advise(program, ctl, folder):
    """Predicted of both: (stock, ours), each (peak bytes, seconds), and the
    least and most seconds of ours."""
    recording = os.path.join(folder, "recording.dmt")
    environment = dict(os.environ, OMP_NUM_THREADS="2")
    subprocess.run([ctl, "record", "-o", recording, "--"] + program.command,
                   check=True, env=environment, stdout=subprocess.DEVNULL)
    text = subprocess.run([ctl, "advise", "--json", "--bytes", recording],
                          check=True, env=environment,
                          stdout=subprocess.PIPE)
    rows = {row["variant"]: row for row in json.loads(text.stdout)["advise"]}
    ours = rows["libdatamem"]
    return [(rows[next(iter(rows))]["peak"], rows[next(iter(rows))]["cpu_s"]),
            (ours["peak"], ours["cpu_s"]),
            (ours["cpu_min"], ours["cpu_max"])]


def measure(program, rounds, ctl, shim, folder):
    samples = []
    for _ in range(rounds):
        recorded, predicted, bounds = advise(program, ctl, folder)
        command, more = program.on_datamem(shim)
        samples.append((run(program.command, {}), recorded, predicted,
                        run(command, dict(more, SHIM_MIN="4096")),
                        bounds))
    return [[statistics.median(sample[which][what] for sample in samples)
             for which in range(5)] for what in (0, 1)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-R", "--rounds", type=int, default=3)
    parser.add_argument("--shim", default=os.environ.get("SHIM", ""))
    parser.add_argument("--ctl", default=os.environ.get("CTL", "datamem-ctl"))
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_args()
    missed = []
    print("%-12s %8s %8s %9s %12s %8s %6s %8s %9s %8s %6s" % (
        "PROGRAM", "CPU", "RECORDED", "PREDICTED", "RANGE", "MEASURED", "OFF",
        "PEAK", "PREDICTED", "MEASURED", "OFF"))
    for program in programs():
        if arguments.name and not any(fnmatch.fnmatch(program.name, pattern)
                                      for pattern in arguments.name):
            continue
        if program.missing:
            print("%-12s skipped: no %s" % (program.name,
                                            ", ".join(program.missing)))
            continue
        with tempfile.TemporaryDirectory() as folder:
            peaks, times = measure(program, arguments.rounds, arguments.ctl,
                                   arguments.shim, folder)
        bounds = "%.2f-%.2f" % (peaks.pop(), times.pop())
        off = [predicted / real - 1 for _, _, predicted, real
               in (times, peaks)]
        if max(map(abs, off)) > BOUND:
            missed.append(program.name)
        print("%-12s %8.2f %8.2f %9.2f %12s %8.2f %+5.0f%% %8.0f %9.0f %8.0f "
              "%+5.0f%%" % (
                  program.name, *times[:3], bounds, times[3], 100 * off[0],
                  peaks[0] / MB, peaks[2] / MB, peaks[3] / MB, 100 * off[1]),
              flush=True)
    print("more than %.0f%% off: %s" % (100 * BOUND,
                                       ", ".join(missed) or "none"))


if __name__ == "__main__":
    main()

"""Whether a run's memory stays flat over a million jobs: peak resident memory of each rank, from /proc.

    memory.py entrain [FOLDER]

Runs 10^4 jobs of tests/bench/million.yaml and then all of them, each into a new file of the same extent, and compares
the peaks rank by rank. The exit status is 0 when none of the second run is more than 2 % above its first.
"""
import os
import subprocess
import sys
import tempfile
import time

import records

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from processes import children  # noqa: E402

LIMIT = 1.02
JOB = os.path.join(os.path.dirname(__file__), "million.yaml")


def peak(pid):
    """Peak resident memory in KiB, 0 when the process is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def run(entrain, output, *options):
    """Peaks of the ranks, the master first."""
    command = [entrain, "run", JOB, "-o", output, "-j", "2", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks = {}
    while process.poll() is None:
        for launcher in children(process.pid):
            for pid in children(launcher):
                peaks[pid] = max(peaks.get(pid, 0), peak(pid))
        time.sleep(0.002)
    if process.returncode != 0:
        sys.exit(f"exit status {process.returncode} of {' '.join(command)}")
    return [peaks[pid] for pid in sorted(peaks)]


def main(entrain, folder=None):
    with tempfile.TemporaryDirectory(dir=folder) as place:
        few = run(entrain, os.path.join(place, "few.h5"), "--only", "0-9999")
        many = run(entrain, os.path.join(place, "many.h5"))
    is_good = len(few) == len(many) == 3
    for number, (first, last) in enumerate(zip(few, many)):
        name = f"worker {number}" if number else "master"
        print(f"{name:9} {first:8d} KiB at job 10^4   {last:8d} KiB at job 10^6   ratio {last / first:.4f}")
        records.show(f"memory.{name.replace(' ', '-')}", last / first, better="lower", bar=LIMIT)
        is_good &= last <= LIMIT * first
    return 0 if is_good else 1


sys.exit(main(*sys.argv[1:]))

"""Runs of entrain for the benches written in Python: their time, start-up aside, and what their ranks took."""
import os
import resource
import subprocess
import sys
import tempfile

import h5py
import numpy

import records

IS_QUICK = bool(os.environ.get("ENT_BENCH_QUICK"))
OPENBLAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "bench", "openblas")


def worked():
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def segment_seconds(path):
    """Of the last segment of a results file: from the opening to the closing of the file."""
    with h5py.File(path) as file:
        segments = file["segments"][:]
    last = segments[segments["start"] > 0][-1]
    return float(last["end"] - last["start"])


def use_openblas(script):
    """Starts this Python anew with OpenBLAS for NumPy when .ci/install-deps has put one below build/bench."""
    folder = os.path.normpath(os.path.join(OPENBLAS, "usr", "lib", f"{os.uname().machine}-linux-gnu",
                                           "openblas-pthread"))
    there = os.environ.get("LD_LIBRARY_PATH", "")
    if os.path.isdir(folder) and folder not in there:
        os.environ["LD_LIBRARY_PATH"] = folder + (":" + there if there else "")
        os.execv(sys.executable, [sys.executable, script, *sys.argv[1:]])


def show_median(name, values, better, bar=None, unit="1"):
    """Prints the median of some rounds with half the distance of their quartiles."""
    low, middle, high = numpy.quantile(values, [0.25, 0.5, 0.75])
    records.show(name, float(middle), unit=unit, better=better, bar=bar, spread=float(high - low) / 2)


class Run:
    """A folder for job files and results; `with` removes it."""

    def __init__(self, entrain):
        self.entrain = os.path.abspath(entrain)
        self.place = tempfile.TemporaryDirectory(prefix="entrain-bench.")
        self.folder = self.place.name
        self.start_up = 0.0
        self.environment = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.place.cleanup()

    def of(self, text, *options, workers=2):
        """Runs a job file's text; returns the seconds of its segment, those of all its processes, and the file."""
        job, output = os.path.join(self.folder, "job.yaml"), os.path.join(self.folder, "out.h5")
        with open(job, "w", encoding="utf-8") as file:
            file.write(text)
        before = worked()
        subprocess.run([self.entrain, "run", job, "-o", output, "-j", str(workers), "--fresh", *options], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment)
        return segment_seconds(output), worked() - before, output

    def measure_start_up(self, text, *options, workers=2):
        """Processor seconds of all processes of a run that does next to nothing; returns and keeps them."""
        self.start_up = min(self.of(text, *options, workers=workers)[1] for _ in range(3))
        return self.start_up

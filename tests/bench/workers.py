"""Two workers on two cores against one, on a grid of ten thousand jobs whose costs have a heavy tail.

    workers.py entrain

From 8000 jobs of 32 particles to 5 of 2048, d = 3, so that few jobs take hundreds of times as long as most. The
makespan is that of the segment, from the opening of the file to its closing; the busy time of a worker is the sum of
its rows' wall_s. When both begin together, the difference of the busy times is the time at the end in which only one
is busy; and no order of the jobs can end before max(sum / 2, longest). `by-processor` compares the seconds in which
the processes had a core, start-up aside: what a core is worth when both are at work.
"""
import sys

import h5py
import numpy

import records
import runs

ROUNDS = 1 if runs.IS_QUICK else 3
SIZES = {32: 8000, 128: 1500, 256: 400, 512: 80, 1024: 20, 2048: 5}
SEEDS = max(SIZES.values())

JOB = f"""model: attention
sweep: {{n: [{", ".join(map(str, SIZES))}], d: [3], beta: [4], seed: {{count: {SEEDS}}}}}
time: {{horizon: 30}}
detect: {{stop: horizon}}
"""


def chosen():
    """The rows of the grid that are computed."""
    scale = 100 if runs.IS_QUICK else 1
    return ",".join(f"{k * SEEDS}-{k * SEEDS + max(1, count // scale) - 1}" for k, count in enumerate(SIZES.values()))


def busy(output):
    """Seconds of each worker's rows, and of the longest row."""
    with h5py.File(output) as file:
        rows = file["jobs"].fields(["status", "wall_s", "worker"])[:]
    rows = rows[rows["status"] == 1]
    workers = numpy.unique(rows["worker"])
    return [float(rows["wall_s"][rows["worker"] == worker].sum()) for worker in workers], float(rows["wall_s"].max())


def main(entrain):
    """One and two workers in turn."""
    speedups, by_processor, tails, excesses, costs = [], [], [], [], []
    with runs.Run(entrain) as run:
        start_up = [run.measure_start_up(JOB, "--only", "0", workers=workers) for workers in (1, 2)]
        for _ in range(ROUNDS):
            one, one_worked, output = run.of(JOB, "--only", chosen(), workers=1)
            costs.append(one)
            two, two_worked, output = run.of(JOB, "--only", chosen(), workers=2)
            sums, longest = busy(output)
            speedups.append(one / two)
            by_processor.append(2 * (one_worked - start_up[0]) / (two_worked - start_up[1]))
            tails.append((max(sums) - min(sums)) / two if len(sums) == 2 else 1.0)
            excesses.append(two / max(sum(sums) / 2, longest))
    runs.show_median("workers.two-over-one", speedups, "higher", 1.95)
    runs.show_median("workers.two-over-one-by-processor", by_processor, "higher")
    runs.show_median("workers.one-busy-at-the-end", tails, "lower", 0.02)
    runs.show_median("workers.makespan-over-bound", excesses, "lower", 1.03)
    records.show("workers.longest-share", longest / min(costs))
    records.show("workers.one-worker", min(costs), unit="s")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The published diagram, by the published method and by entrain, in turn on the same two cores.

    published.py entrain [DIMENSION...]

The published method (arXiv:2312.10794, docs/models/published_map.md) is the projected Euler map with step 0.1 in
float64: 300 steps, and at 200 recorded times the pairs with an overlap of at least 1 - 10^-3. Here it is NumPy with
OpenBLAS: batched matrix products over the seeds, in place, in batches that stay in the cache; two processes.
entrain computes the same grid (betas, seeds, recorded times) as an ODE at rtol 1e-6 with two workers, its time
being that of its segment: from the opening of the file to its closing, start-up of MPI aside.

`times-faster-than-plain` is against the same method as a script would have it: all 2048 seeds at once, an array for
every operation. `whole-over-rhs` is the time of both cores over that of the right-hand sides alone, at the same states.
"""
import multiprocessing
import os
import subprocess
import sys
import time

import h5py
import numpy

import records
import runs

HORIZON, ETA, DELTA, N = 30.0, 0.1, 1e-3, 32
RECORDED = numpy.linspace(0, HORIZON, 200)
BETAS = numpy.linspace(0.1, 9, 10)
# Dimension: seeds of the slice, seeds of a batch, the bar.
SLICES = {2: (256, 64, 40.0), 8: (256, 64, 20.0), 128: (32, 32, None), 1024: (4, 4, None)}
ROUNDS = 5

JOB = """model: attention
parameters: {{weights: softmax}}
sweep: {{d: [{d}], n: [32], beta: {{linspace: [0.1, 9, 10]}}, seed: {{count: {seeds}}}}}
initial: {{kind: uniform}}
time: {{horizon: 30, record: {{linspace: [0, 30, 200]}}}}
detect: {{delta: [1.0e-3], stop: sync}}
observe: [pair_overlap]
solver: {{type: rk, scheme: 5dp, rtol: 1.0e-6, atol: 1.0e-9}}
"""


def step_batch(x, room, beta):
    """One step of all seeds x [S, n, d] in place; room is (overlaps [S, n, n], moves [S, n, d], sums [S, n, 1])."""
    overlaps, moves, sums = room
    overlaps *= beta
    numpy.exp(overlaps, out=overlaps)
    numpy.sum(overlaps, axis=2, keepdims=True, out=sums)
    numpy.matmul(overlaps, x, out=moves)
    moves *= ETA
    moves /= sums
    x += moves
    x /= numpy.sqrt(numpy.einsum("sij,sij->si", x, x))[..., None]


def batch(task):
    """Close pairs at the recorded times [200, S] of a batch of seeds, and the processor's seconds."""
    d, beta, first, count = task
    began = time.process_time()
    x = numpy.random.default_rng(first).standard_normal((count, N, d))
    x /= numpy.sqrt(numpy.einsum("sij,sij->si", x, x))[..., None]
    room = numpy.empty((count, N, N)), numpy.empty((count, N, d)), numpy.empty((count, N, 1))
    close = []
    at = numpy.floor(RECORDED / ETA + 1e-9).astype(int)
    for k in range(round(HORIZON / ETA) + 1):
        numpy.matmul(x, x.transpose(0, 2, 1), out=room[0])
        for _ in range(numpy.count_nonzero(at == k)):
            close.append(numpy.count_nonzero((room[0] >= 1 - DELTA).reshape(count, -1), axis=1))
        if k * ETA < HORIZON:
            step_batch(x, room, beta)
    return numpy.array(close), time.process_time() - began


def plain_step(x, beta):
    """The same step as a script writes it: every operation on all seeds, into new arrays, softmax with its maximum."""
    scores = beta * numpy.matmul(x, x.transpose(0, 2, 1))
    weights = numpy.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    y = x + ETA * numpy.matmul(weights, x)
    return y / numpy.linalg.norm(y, axis=2, keepdims=True)


def plain_batch(task):
    """Seconds of a job by plain steps: all seeds at once, three steps with two recordings of different pairs."""
    d, beta, count = task
    x = numpy.random.default_rng(0).standard_normal((count, N, d))
    x /= numpy.linalg.norm(x, axis=2, keepdims=True)
    pairs = numpy.broadcast_to(~numpy.eye(N, dtype=bool), (count, N, N))
    began = time.monotonic()
    for k in range(3):
        x = plain_step(x, beta)
        if k > 0:
            (numpy.matmul(x, x.transpose(0, 2, 1))[pairs] > 1 - DELTA).mean()
    return (time.monotonic() - began) / 3 * round(HORIZON / ETA) / count


def plain(pool, d):
    """Seconds of a job by plain steps on two cores."""
    count = 2048 if d < 100 else 128
    return sum(pool.map(plain_batch, [(d, beta, count) for beta in (1.0, 4.0)], chunksize=1)) / 4


def published(pool, d):
    """Wall and processor seconds of the slice by the published method."""
    seeds, size, _ = SLICES[d]
    tasks = [(d, beta, first, min(size, seeds)) for beta in BETAS for first in range(0, seeds, size)]
    began = time.monotonic()
    results = pool.map(batch, tasks, chunksize=1)
    return time.monotonic() - began, sum(worked for _, worked in results)


def ours(run, d):
    """Wall and processor seconds of the slice by entrain, and the file."""
    wall, worked, output = run.of(JOB.format(d=d, seeds=SLICES[d][0]))
    return wall, worked - run.start_up, output


def seconds_per_evaluation(folder, tool, d):
    """Of a right-hand side at each beta, along the jobs of one seed."""
    path = os.path.join(folder, "rhs.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(JOB.format(d=d, seeds=1))
    lines = subprocess.run([tool, path], check=True, capture_output=True, text=True).stdout.splitlines()
    return numpy.array([float(line.split()[1]) for line in lines])


def rhs_seconds(output, per_evaluation):
    """Of all right-hand sides of a results file, computed alone."""
    with h5py.File(output) as file:
        rows = file["jobs"]
        evaluations = rows["rhs_evals"].reshape(len(BETAS), -1).sum(axis=1)
    return float((evaluations * per_evaluation).sum())


def compare(run, pool, tool, d):
    """Prints the figures of a dimension."""
    seeds, _, bar = SLICES[d]
    jobs = len(BETAS) * seeds
    walls, workeds, wholes, plains, times = [], [], [], [], []
    for _ in range(1 if runs.IS_QUICK else ROUNDS):
        theirs, their_work = published(pool, d)
        own, own_work, output = ours(run, d)
        rhs = rhs_seconds(output, seconds_per_evaluation(run.folder, tool, d))
        walls.append(theirs / own)
        workeds.append(their_work / own_work)
        plains.append(plain(pool, d) * jobs / own)
        wholes.append(2 * own / rhs)
        times.append((theirs / jobs, own / jobs, own_work / jobs))
    published_job, own_job, own_work_job = (float(numpy.median(column)) for column in zip(*times))
    runs.show_median(f"published.d{d}.times-faster", walls, "higher", bar)
    runs.show_median(f"published.d{d}.times-faster-by-processor", workeds, "higher")
    runs.show_median(f"published.d{d}.times-faster-than-plain", plains, "higher")
    runs.show_median(f"published.d{d}.whole-over-rhs", wholes, "lower", 2.0 if bar else None)
    records.show(f"published.d{d}.method-us-per-job", 1e6 * published_job, unit="us")
    records.show(f"published.d{d}.entrain-us-per-job", 1e6 * own_job, unit="us")
    records.show(f"published.d{d}.entrain-core-us-per-job", 1e6 * own_work_job, unit="us")
    records.show(f"published.d{d}.184320-jobs", 184320 * own_job, unit="s")


def main(entrain, *dimensions):
    """All dimensions, or those that are named."""
    tool = os.path.join(os.path.dirname(entrain), "tests", "bench", "rhs_time")
    runs.use_openblas(__file__)
    with multiprocessing.Pool(2) as pool, runs.Run(entrain) as run:
        run.measure_start_up(JOB.format(d=2, seeds=1))
        for d in [int(word) for word in dimensions] or SLICES:
            compare(run, pool, tool, d)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

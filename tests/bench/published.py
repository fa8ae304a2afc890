"""The published diagram, by the published method and by entrain, in turn on the same two cores.

    published.py entrain [DIMENSION... | full]

The published method (arXiv:2312.10794, docs/models/published_map.md) is the projected Euler map with step 0.1 in
float64: 300 steps, and at 200 recorded times the pairs with an overlap of at least 1 - 10^-3. Here it is NumPy with
OpenBLAS: batched matrix products over the seeds, in place, in batches that stay in the cache; two processes.
entrain computes the same grid (betas, seeds, recorded times) as an ODE at rtol 1e-6 with two workers, its time
being that of its segment: from the opening of the file to its closing, start-up of MPI aside.

`times-faster-than-plain` is against the same method as a script would have it: all 2048 seeds at once, an array for
every operation. `full` is all 184,320 jobs of d = 2, by both, once. `whole-over-rhs` is the time of both cores over
that of the right-hand sides alone, at the same states. What is `by-processor` counts the seconds that the processes
had a core, start-up aside, and bears a machine with other work.
"""
import collections
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
# Of the grid of 90 betas and 2048 seeds: values of beta, seeds, seeds of a batch of the published method, and the bar.
Slice = collections.namedtuple("Slice", "betas seeds batch bar")
SLICES = {2: Slice(10, 1024, 64, 40.0), 8: Slice(10, 512, 64, 20.0), 128: Slice(10, 32, 32, None),
          1024: Slice(10, 4, 4, None)}
FULL = Slice(90, 2048, 64, 40.0)
ROUNDS = 3

JOB = """model: attention
parameters: {{weights: softmax}}
sweep: {{d: [{d}], n: [32], beta: {{linspace: [0.1, 9, {betas}]}}, seed: {{count: {seeds}}}}}
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


def published(pool, d, part):
    """Wall and processor seconds of a slice by the published method."""
    tasks = [(d, beta, first, min(part.batch, part.seeds)) for beta in numpy.linspace(0.1, 9, part.betas)
             for first in range(0, part.seeds, part.batch)]
    began = time.monotonic()
    results = pool.map(batch, tasks, chunksize=1)
    return time.monotonic() - began, sum(worked for _, worked in results)


def ours(run, d, part):
    """Wall and processor seconds of a slice by entrain, and the file."""
    wall, worked, output = run.of(JOB.format(d=d, betas=part.betas, seeds=part.seeds))
    return wall, worked - run.start_up, output


def seconds_per_evaluation(folder, tool, d):
    """Of a right-hand side at each beta, along the jobs of one seed."""
    path = os.path.join(folder, "rhs.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(JOB.format(d=d, betas=SLICES[d].betas, seeds=1))
    lines = subprocess.run([tool, path], check=True, capture_output=True, text=True).stdout.splitlines()
    return numpy.array([float(line.split()[1]) for line in lines])


def rhs_seconds(output, per_evaluation):
    """Of all right-hand sides of a results file, computed alone."""
    with h5py.File(output) as file:
        rows = file["jobs"]
        evaluations = rows["rhs_evals"].reshape(len(per_evaluation), -1).sum(axis=1)
    return float((evaluations * per_evaluation).sum())


def compare(run, pool, tool, d):
    """Prints the figures of a dimension."""
    part = SLICES[d]
    jobs = part.betas * part.seeds
    walls, workeds, wholes, works, plains, times = [], [], [], [], [], []
    for _ in range(1 if runs.IS_QUICK else ROUNDS):
        theirs, their_work = published(pool, d, part)
        own, own_work, output = ours(run, d, part)
        rhs = rhs_seconds(output, seconds_per_evaluation(run.folder, tool, d))
        walls.append(theirs / own)
        workeds.append(their_work / own_work)
        plains.append(plain(pool, d) * jobs / own)
        wholes.append(2 * own / rhs)
        works.append(own_work / rhs)
        times.append((theirs / jobs, own / jobs, own_work / jobs, rhs / jobs))
    name = f"published.d{d}"
    runs.show_median(f"{name}.times-faster", walls, "higher", part.bar)
    runs.show_median(f"{name}.times-faster-by-processor", workeds, "higher")
    runs.show_median(f"{name}.times-faster-than-plain", plains, "higher")
    runs.show_median(f"{name}.whole-over-rhs", wholes, "lower", 2.0 if part.bar else None)
    runs.show_median(f"{name}.whole-over-rhs-by-processor", works, "lower")
    kinds = ("method-us-per-job", "entrain-us-per-job", "entrain-core-us-per-job", "rhs-core-us-per-job")
    for kind, column in zip(kinds, zip(*times)):
        records.show(f"{name}.{kind}", 1e6 * float(numpy.median(column)), unit="us")
    records.show(f"{name}.184320-jobs", 184320 * float(numpy.median(times, axis=0)[1]), unit="s")


def compare_full(run, pool):
    """All jobs of d = 2, once."""
    own, own_work, _ = ours(run, 2, FULL)
    theirs, their_work = published(pool, 2, FULL)
    records.show("published.full.times-faster", theirs / own, better="higher", bar=FULL.bar)
    records.show("published.full.times-faster-by-processor", their_work / own_work, better="higher")
    records.show("published.full.entrain", own, unit="s")
    records.show("published.full.method", theirs, unit="s")


def main(entrain, *words):
    """All dimensions, or those that are named; or the full grid of d = 2."""
    tool = os.path.join(os.path.dirname(entrain), "tests", "bench", "rhs_time")
    runs.use_openblas(__file__)
    with multiprocessing.Pool(2) as pool, runs.Run(entrain) as run:
        run.measure_start_up(JOB.format(d=2, betas=10, seeds=1))
        if "full" in words:
            compare_full(run, pool)
            return
        for d in [int(word) for word in words] or SLICES:
            compare(run, pool, tool, d)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

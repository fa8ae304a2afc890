"""Jobs that do next to nothing, through the real protocol and store, against mpi4py.futures; and the master's share.

    empty.py entrain

The emptiest job there is: one equation (model equiangular) and one step to a horizon of 10^-6, with its row written
into the results file. mpi4py.futures hands out calls of a function that returns its argument, one at a time, to as
many workers. The master's share of a core is measured while two workers compute jobs of about 1 ms.
"""
import os
import subprocess
import sys
import time

import h5py

import records
import runs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from processes import children  # noqa: E402

ROUNDS = 1 if runs.IS_QUICK else 5
SEEDS = 10 if runs.IS_QUICK else 20000
CALLS = 200 if runs.IS_QUICK else 20000
TICKS = os.sysconf("SC_CLK_TCK")

EMPTY = """model: equiangular
sweep: {{beta: {{linspace: [0.5, 5, 10]}}, rho0: [0.1], n: [8], d: [16], seed: {{count: {seeds}}}}}
time: {{horizon: 1.0e-6}}
detect: {{stop: horizon}}
"""

# The map makes a fixed number of steps, so that jobs take about the same; the horizon sets how long.
BUSY = """model: published_map
sweep: {{beta: [4], n: [32], d: [2], seed: {{count: {seeds}}}}}
time: {{horizon: {horizon:.1f}}}
detect: {{stop: horizon}}
"""


def futures_rate():
    """Calls a second through mpi4py.futures with two workers; its own clock, start-up aside."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "empty_futures.py")
    command = ["mpirun", "-n", "3", "--oversubscribe", sys.executable, "-m", "mpi4py.futures", script, str(CALLS)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def own_rate(run):
    """Jobs a second, in the time of the segment."""
    wall, _, _ = run.of(EMPTY.format(seeds=SEEDS))
    return 10 * SEEDS / wall


def compare_rates(run):
    """Prints the rates and their ratio."""
    ratios, own, theirs = [], [], []
    for _ in range(ROUNDS):
        own.append(own_rate(run))
        theirs.append(futures_rate())
        ratios.append(own[-1] / theirs[-1])
    runs.show_median("empty.over-futures", ratios, "higher", 20.0)
    runs.show_median("empty.jobs-per-second", own, "higher", unit="1/s")
    runs.show_median("empty.futures-per-second", theirs, "info", unit="1/s")


def horizon_of_a_millisecond(run):
    """A horizon with which a job takes about 1 ms, and the seconds that it did take."""
    _, _, output = run.of(BUSY.format(seeds=200, horizon=10), workers=1)
    with h5py.File(output) as file:
        seconds = sorted(file["jobs"]["wall_s"])[100]
    return max(0.1, 10 * 1e-3 / seconds)


def used(pid):
    """User and system seconds of a process; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS


def master_share(run, text):
    """Share of a core that the master takes, from half a second after the ranks are there until they end."""
    job, output = os.path.join(run.folder, "busy.yaml"), os.path.join(run.folder, "busy.h5")
    with open(job, "w", encoding="utf-8") as file:
        file.write(text)
    first = last = None
    command = [run.entrain, "run", job, "-o", output, "-j", "2", "--fresh"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(0.1 if runs.IS_QUICK else 0.5)
            ranks = [rank for launcher in children(process.pid) for rank in children(launcher)]
            now = used(ranks[0]) if len(ranks) == 3 else None
            if now is not None:
                last = (time.monotonic(), now)
                first = first or last
    if process.returncode != 0:
        sys.exit(f"exit status {process.returncode} of {' '.join(command)}")
    seconds = last[0] - first[0] if first else 0
    return (last[1] - first[1]) / seconds if seconds > 0 else None


def main(entrain):
    """Both measurements."""
    with runs.Run(entrain) as run:
        compare_rates(run)
        horizon = horizon_of_a_millisecond(run)
        share = master_share(run, BUSY.format(seeds=100 if runs.IS_QUICK else 15000, horizon=horizon))
        records.show("empty.master-share-at-1ms", share, better="lower", bar=0.05)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""When the mean pair overlap crosses one half, against the exact solution from orthogonal tokens."""

import pathlib
import sys

import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import half_crossings  # noqa: E402

N, DELTA = 32, 1e-3


def measured(file, dimension):
    """Pairs (beta, time of the half-crossing), NaN where there is none."""
    jobs, times = file["jobs"][:], file["series/time"][:]
    overlaps = file["series/pair_overlap"][:]
    for beta in numpy.unique(jobs["beta"]):
        where = (jobs["d"] == dimension) & (jobs["beta"] == beta)
        yield beta, half_crossings.crossing(times, overlaps[where].astype(float).mean(axis=0))


def table(file, dimension):
    rows = [(beta, time, half_crossings.exact_crossing(beta, N, DELTA)) for beta, time in measured(file, dimension)]
    return [row for row in rows if not numpy.isnan(row[1])]


def figure(file, what):
    dimensions = numpy.unique(file["jobs"]["d"])
    curves = []
    for colour, d in enumerate(dimensions, 1):
        points = [(beta, time) for beta, time in measured(file, d) if not numpy.isnan(time)]
        curves.append((f"{what}, d = {d}", f"points pt 7 lc {colour}", *zip(*points)))
    fine = numpy.linspace(0.5, 7, 100)
    exact = [half_crossings.exact_crossing(beta, N, DELTA) for beta in fine]
    return "beta", "half-crossing of the pair overlap", curves + [("ODE, exact, orthogonal", "lines lc 0", fine, exact)], []

"""Work against precision, ours beside SUNDIALS and SciPy: a figure, and ratios at equal error.

    rivals.py PROGRAM [FIGURE.png]

PROGRAM is tests/bench/rivals, which integrates attention to t = 5 with our stepper and those of SUNDIALS at
tolerances from 1e-4 to 1e-11, all with the same pair sums. SciPy's DOP853 and LSODA follow, with a right-hand side
of matrix products in NumPy. The error is the largest distance of a particle from where a reference at 1e-14 has it.

What a family of methods needs for an error is the least over its methods and tolerances, interpolated between points
in the logarithms. The ratios compare that of our schemes of order 5 and more with that of the rivals from 1e-4 to 1e-10.
"""
import os
import subprocess
import sys
import tempfile
import time

import numpy
from scipy.integrate import solve_ivp

import records
import runs

LEVELS = numpy.logspace(-4, -10, 13)
TOLERANCES = [1e-4] if runs.IS_QUICK else [1e-4, 1e-6, 1e-8, 1e-10]
TITLES = {"n32-d2-b1": "n = 32, d = 2, beta = 1", "n32-d2-b4": "n = 32, d = 2, beta = 4",
          "n32-d2-b9": "n = 32, d = 2, beta = 9", "n512-d3-b1": "n = 512, d = 3, beta = 1",
          "n512-d3-b4": "n = 512, d = 3, beta = 4", "n512-d3-b9": "n = 512, d = 3, beta = 9"}

# SUNDIALS in greens, ours in blues and reds, SciPy in greys; in the order of the names.
COLOURS = ["#004d00", "#2ca02c", "#98df8a", "#bcbd22", "#17becf", "#1f3fff", "#9467bd", "#d62728", "#ff7f0e",
           "#555555", "#aaaaaa"]


def drift_of_angles(beta):
    """The right-hand side for angles: the weights by one product of matrices, the means by another."""
    def drift(_, x):
        points = numpy.stack([numpy.cos(x), numpy.sin(x)], axis=1)
        weights = numpy.exp(beta * (points @ points.T - 1))
        means = weights @ points / weights.sum(axis=1)[:, None]
        return means[:, 1] * points[:, 0] - means[:, 0] * points[:, 1]
    return drift


def drift_of_vectors(beta, d):
    """The right-hand side for unit vectors in dimension d."""
    def drift(_, x):
        points = x.reshape(-1, d)
        weights = numpy.exp(beta * (points @ points.T - 1))
        means = weights @ points / weights.sum(axis=1)[:, None]
        return (means - (means * points).sum(axis=1)[:, None] * points).ravel()
    return drift


def error_of(x, reference, d):
    """The largest distance of a particle from its place."""
    if d == 2:
        return float(numpy.abs(x - reference).max())
    return float(numpy.sqrt(((x - reference).reshape(-1, d) ** 2).sum(axis=1)).max())


def scipy_points(folder, problem):
    """Points of DOP853 and LSODA: (solver, tolerance, error, seconds, evaluations)."""
    d, beta = int(problem.split("-")[1][1:]), int(problem.split("-")[2][1:])
    start, reference = (numpy.loadtxt(os.path.join(folder, f"{what}-{problem}.txt")) for what in ("start", "reference"))
    drift = drift_of_angles(beta) if d == 2 else drift_of_vectors(beta, d)
    for method in ("DOP853", "LSODA"):
        for tolerance in TOLERANCES:
            seconds = []
            for _ in range(1 if runs.IS_QUICK else 3):
                began = time.process_time()
                found = solve_ivp(drift, (0, 5), start, method=method, rtol=3e-14, atol=tolerance)
                seconds.append(time.process_time() - began)
            yield "scipy-" + method.lower(), tolerance, error_of(found.y[:, -1], reference, d), min(seconds), found.nfev


def front(points):
    """The points (error, cost) that no other beats in both, the smallest error last."""
    best = []
    for error, cost in sorted(points):
        if not best or cost < best[-1][1]:
            best.append((error, cost))
    return best[::-1]


def cost_at(points, level):
    """The least cost of an error, interpolated in the logarithms; None beyond the points."""
    best = front(points)
    errors, costs = (numpy.log(column) for column in zip(*best))
    if not errors[-1] <= numpy.log(level):
        return None
    return float(numpy.exp(numpy.interp(numpy.log(level), errors[::-1], costs[::-1])))


def family_cost(table, problem, family, column, level):
    """The least cost of an error over the methods of a family, whose names begin so."""
    methods = {row[1] for row in table if row[0] == problem and row[1].startswith(family)}
    costs = [cost_at([(row[3], row[column]) for row in table if row[:2] == (problem, method)], level)
             for method in methods]
    return min((cost for cost in costs if cost is not None), default=None)


def ratios(table, problem, rivals, column):
    """Cost of ours over that of the best of these families at each error that both reach."""
    found = []
    for level in LEVELS:
        own = family_cost(table, problem, "entrain", column, level)
        theirs = [family_cost(table, problem, rival, column, level) for rival in rivals]
        theirs = [cost for cost in theirs if cost is not None]
        if own and theirs:
            found.append(own / min(theirs))
    return found


SECONDS, EVALUATIONS = 4, 5


def show(table):
    """Prints the ratios of each problem, and the worst of all."""
    worst = []
    for problem in TITLES:
        found = ratios(table, problem, ("arkode", "cvode"), SECONDS)
        if not found or runs.IS_QUICK:  # one tolerance is no line
            continue
        worst += found
        runs.show_median(f"rivals.{problem}.over-sundials", found, "lower")
        runs.show_median(f"rivals.{problem}.over-arkode", ratios(table, problem, ("arkode",), SECONDS), "lower")
        runs.show_median(f"rivals.{problem}.over-cvode", ratios(table, problem, ("cvode",), SECONDS), "lower")
        default = [row for row in table if not row[1].startswith("entrain") or row[1] == "entrain-5dp"]
        runs.show_median(f"rivals.{problem}.default-over-sundials",
                         ratios(default, problem, ("arkode", "cvode"), SECONDS), "lower")
        runs.show_median(f"rivals.{problem}.evaluations-over-sundials",
                         ratios(table, problem, ("arkode", "cvode"), EVALUATIONS), "lower")
        scipy = [1 / ratio for ratio in ratios(table, problem, ("scipy",), SECONDS)]
        runs.show_median(f"rivals.{problem}.times-faster-than-scipy", scipy, "higher")
    if worst:
        records.show("rivals.worst-over-sundials", max(worst), better="lower", bar=1.0)


def draw(table, folder, path):
    """The figure, by gnuplot."""
    names = sorted({row[1] for row in table})
    script = [f'set terminal pngcairo size 1500,900 font ",10"\nset output "{path}"', "set multiplot layout 2,3",
              'set logscale xy\nset format "10^{%T}"\nset xrange [1e-2:1e-13]\nset grid lc rgb "#dddddd"',
              'set xlabel "largest error of a particle at t = 5"\nset ylabel "seconds of a core"',
              "set key left top samplen 2 spacing 0.9"]
    for problem, title in TITLES.items():
        plots = []
        for k, name in enumerate(names):
            rows = sorted((row[2], row[3], row[4]) for row in table if row[:2] == (problem, name))
            data = os.path.join(folder, f"{problem}-{name}.dat")
            numpy.savetxt(data, rows)
            width = 2.5 if name.startswith("entrain") else 1
            plots.append(f'"{data}" using 2:3 with linespoints lw {width} lc rgb "{COLOURS[k]}" pt {k + 4} ps 0.8 '
                         f'title "{name}"')
        script.append("set yrange [1e-5:1]" if problem.startswith("n32") else "set yrange [1e-3:100]")  # room for the key
        script.append(f'set title "{title}"\nplot ' + ", ".join(plots))
    subprocess.run(["gnuplot"], input="\n".join(script) + "\nunset multiplot\n", text=True, check=True)


def main(program, picture=os.path.join("build", "bench", "rivals.png")):
    """Points of all solvers, ratios, figure."""
    runs.use_openblas(__file__)
    environment = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    with tempfile.TemporaryDirectory(prefix="entrain-bench.") as folder:
        lines = subprocess.run([program, folder], check=True, capture_output=True, text=True, env=environment).stdout
        table = []
        for _, problem, solver, *numbers in map(str.split, lines.splitlines()):
            table.append((problem, solver, *map(float, numbers)))
        for problem in TITLES:
            table += [(problem, *point) for point in scipy_points(folder, problem)]
        show(table)
        os.makedirs(os.path.dirname(picture) or ".", exist_ok=True)
        draw(table, folder, picture)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The lifetime of two clusters at angle w is exponential in beta (1 - cos w) (SA) or -beta cos w (USA) (2410.06833)."""

import numpy

SHORT = [("beta: [2, 4, 6, 8, 10, 12, 14, 16, 20]", "beta: [2, 8, 16, 20]")]

ANGLE, DELTA = 2.0, 1e-3
RATES = {0: 1 - numpy.cos(ANGLE), 1: -numpy.cos(ANGLE)}
NAMES = {0: "softmax", 1: "mean"}


def exact(weights, beta):
    """Time from angle w to overlap 1-delta: int dw / |w'|, two equal masses (2512.01868), by Gauss-Legendre."""
    end = numpy.arccos(1 - DELTA)
    nodes, parts = numpy.polynomial.legendre.leggauss(2000)
    w = 0.5 * (ANGLE - end) * (nodes + 1) + end
    if weights == 0:
        speed = 2 * numpy.sin(w) / (1 + numpy.exp(beta * (1 - numpy.cos(w))))
    else:
        speed = numpy.exp(beta * numpy.cos(w)) * numpy.sin(w)
    return 0.5 * (ANGLE - end) * float(numpy.dot(parts, 1 / speed))


def cells(file):
    rows = file["jobs"][:]
    for weights in numpy.unique(rows["weights"]):
        cell = numpy.sort(rows[rows["weights"] == weights], order="beta")
        yield int(weights), cell["beta"], cell["t_sync"]


def check(file):
    for weights, betas, times in cells(file):
        expected = numpy.array([exact(weights, beta) for beta in betas])
        error = numpy.abs(times / expected - 1).max()
        slope = numpy.log(times[-1] * betas[-1] / (times[-2] * betas[-2])) / (betas[-1] - betas[-2])
        print(f"{NAMES[weights]}: largest relative error of the lifetime {error:.1e}; "
              f"slope of log(beta t) {slope:.4f}, the rate is {RATES[weights]:.4f}")
        assert error < 1e-6
        assert abs(slope / RATES[weights] - 1) < 0.02


def figure(file):
    curves = []
    for weights, betas, times in cells(file):
        curves.append((f"{NAMES[weights]}, measured", f"points pt 7 lc {weights + 1}", betas, times))
        fine = numpy.linspace(betas[0], betas[-1], 100)
        curves.append((f"{NAMES[weights]}, exact", f"lines lc {weights + 1}", fine, [exact(weights, beta) for beta in fine]))
    return "beta", "lifetime", curves, ["set logscale y", "set format y '1e%T'"]

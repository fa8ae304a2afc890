"""half_crossings.py OUT.h5 D LIMIT: when the mean pair overlap of dimension D crosses one half, against the exact
equiangular solution from orthogonal tokens (physics: SA, 2312.10794). Prints a table; exit status 1 when a crossing
at beta <= 6 is off by more than LIMIT (relative). With a fourth argument LEAST they must be later by LEAST to LIMIT."""

import sys

import h5py
import numpy


def exact_crossing(beta, n, delta):
    """t(rho = 1-delta) = int_0^{1-delta} (e^{b(1-r)}+n-1) / (2(1-r)((n-1)r+1)) dr, by Gauss-Legendre in log(1-r)."""
    nodes, weights = numpy.polynomial.legendre.leggauss(200)
    length = -numpy.log(delta)
    y = 0.5 * length * (nodes + 1)  # 1-r = e^{-y}, dr = e^{-y} dy
    gap = numpy.exp(-y)
    integrand = (numpy.exp(beta * gap) + n - 1) / (2 * ((n - 1) * (1 - gap) + 1))
    return 0.5 * length * float(numpy.dot(weights, integrand))


def crossing(times, values, level=0.5):
    """First time at which the piecewise linear curve reaches the level; NaN if it does not."""
    above = numpy.nonzero(values >= level)[0]
    if len(above) == 0 or above[0] == 0:
        return float("nan")
    i = above[0]
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return times[i - 1] + share * (times[i] - times[i - 1])


def main(path, dimension, limit, least=None):
    with h5py.File(path) as file:
        jobs, times = file["jobs"], file["series/time"][:]
        rows = numpy.nonzero(jobs["d"] == dimension)[0]
        betas, n = jobs["beta"][rows], int(jobs["n"][rows[0]])
        series = file["series/pair_overlap"]
        differences = []
        print("   beta  measured     exact  difference")
        for beta in numpy.unique(betas):
            mean = series[rows[betas == beta]].astype(float).mean(axis=0)
            measured, exact = crossing(times, mean), exact_crossing(beta, n, 1e-3)
            if not measured > 0:
                print(f"{beta:7.3f}         -  {exact:8.4f}")
                continue
            difference = measured / exact - 1
            if beta <= 6 + 1e-9:
                differences.append(difference)
            print(f"{beta:7.3f}  {measured:8.4f}  {exact:8.4f}  {100 * difference:+8.2f} %")
    least = -limit if least is None else least
    print(f"differences up to beta = 6: {100 * min(differences):.2f} % to {100 * max(differences):.2f} %, "
          f"limits {100 * least:.2f} % to {100 * limit:.2f} %")
    return 0 if least <= min(differences) and max(differences) <= limit else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *map(float, sys.argv[3:])))

"""Compares the t_sync of orthogonal tokens in an exported CSV with the exact crossing times.

    equiangular.py ROWS.csv [--table]

    SA   t = int_0^{1-delta} (e^{b(1-r)} + n-1) / (2 (1-r) ((n-1) r + 1)) dr
    USA  t = int_0^{1-delta} n e^{-b r} / (2 (1-r) ((n-1) r + 1)) dr

The integrals are taken by Simpson's rule after r = 1 - e^{-s}, which takes the factor 1/(1-r) away; with --table the
published digits are compared instead (n = 32, delta = 1e-3).
"""
import math
import sys

import pandas

DELTA = 1e-3
TABLE = {
    "softmax": [5.1863, 5.2703, 5.4584, 5.8976, 6.9535, 9.5443, 15.9953, 32.2331],
    "mean": [5.18626, 2.89705, 1.88042, 1.39152, 1.13077, 0.97461],
}


def integrand(weights, b, n, s):
    r = -math.expm1(-s)
    factor = math.exp(b * (1 - r)) + n - 1 if weights == "softmax" else n * math.exp(-b * r)
    return factor / (2 * ((n - 1) * r + 1))


def crossing(weights, b, n, intervals=20000):
    end = -math.log(DELTA)
    h = end / intervals
    total = integrand(weights, b, n, 0) + integrand(weights, b, n, end)
    for k in range(1, intervals):
        total += (4 if k % 2 else 2) * integrand(weights, b, n, k * h)
    return total * h / 3


def expected(row, use_table):
    if not use_table:
        return crossing(row.weights, row.beta, row.n), 1e-5
    table = TABLE[row.weights]
    k = int(row.beta)
    return (table[k], 1e-4 / table[k]) if k < len(table) else (None, None)


def main(path, use_table):
    rows = pandas.read_csv(path, comment="#")
    compared = faults = 0
    for row in rows.itertuples():
        value, tolerance = expected(row, use_table)
        if value is None:
            continue
        error = abs(row.t_sync / value - 1)
        compared += 1
        faults += not error < tolerance
        print(f"{row.weights:8} beta {row.beta:g}: t_sync {row.t_sync:.8f}, exact {value:.8f}, error {error:.1e}")
    return 0 if faults == 0 and compared == (14 if use_table else 16) else 1


sys.exit(main(sys.argv[1], "--table" in sys.argv))

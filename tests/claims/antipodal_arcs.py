"""Antipodal arcs, light mass m: no synchronization exactly for beta > (1/2) log((1-m)/m) (2504.14697)."""

import numpy

SHORT = [("beta: [0.3, 0.6, 0.9, 1, 1.05, 1.15, 1.2, 1.3, 1.6, 2, 3]", "beta: [0.6, 1, 1.2, 2]"), ("n: [200]", "n: [60]")]

LIGHT = 0.1
THRESHOLD = 0.5 * numpy.log((1 - LIGHT) / LIGHT)


def check(file):
    rows = file["jobs"][:]
    assert (rows["status"] == 1).all()
    for row in rows:
        what = f"synchronized at t = {row['t_sync']:.1f}" if row["outcome"] == 1 else f"{row['clusters']} clusters"
        print(f"beta = {row['beta']:4g}: {what}, R = {row['order_parameter']:.6f}")
    below, above = rows[rows["beta"] < THRESHOLD], rows[rows["beta"] > THRESHOLD]
    print(f"threshold {THRESHOLD:.4f}")
    assert len(below) > 0 and (below["outcome"] == 1).all()
    assert len(above) > 0 and (above["clusters"] == 2).all()
    assert numpy.abs(above["order_parameter"] - (1 - 2 * LIGHT)).max() < 1e-4


def figure(file):
    rows = numpy.sort(file["jobs"][:], order="beta")
    line = f"set arrow from {THRESHOLD},0.75 to {THRESHOLD},1.02 nohead dt 2"
    curves = [("R at the end", "linespoints pt 7", rows["beta"], rows["order_parameter"])]
    return "beta", "order parameter", curves, [line, "set yrange [0.75:1.02]"]

"""One layer with beta = gamma log n: the overlap becomes 1, 4 rho/(1+3 rho), rho below, at, above gamma = 1/(1-rho)
(2510.05554)."""

import numpy

SHORT = [("{linspace: [0.05, 0.95, 19]}", "[0.25, 0.5, 0.75]"), ("{range: [0, 12, 0.125]}", "{range: [0, 6, 0.25]}")]


def overlaps(rows):
    """The overlap of any two tokens, from R^2 = (1 + (n-1) cos)/n."""
    return (rows["n"] * rows["order_parameter"] ** 2 - 1) / (rows["n"] - 1)


def check(file):
    rows = file["jobs"][:]
    rows = rows[rows["n"] == rows["n"].max()]
    assert (rows["status"] == 1).all()
    tried = 0
    for rho in (0.25, 0.5, 0.75):
        critical = 1 / (1 - rho)
        cell = rows[numpy.isclose(rows["rho0"], rho)]
        for name, limit, where in (("below", 1, cell["gamma"] <= critical - 0.75),
                                   ("at", 4 * rho / (1 + 3 * rho), numpy.isclose(cell["gamma"], critical)),
                                   ("above", rho, cell["gamma"] >= critical + 1.25)):
            if not where.any():  # 4/3 is not on the grid of gamma
                continue
            worst = numpy.abs(overlaps(cell[where]) - limit).max()
            print(f"rho = {rho}, gamma {name:5s} {critical:.4f}: overlap {limit:.4f} to {worst:.1e} at n = {rows['n'][0]}")
            assert worst < 0.01
            tried += 1
    assert tried == 8


def figure(file):
    rows = file["jobs"][:]
    rho = 0.5
    curves = []
    for colour, n in enumerate(numpy.unique(rows["n"]), 1):
        cell = rows[numpy.isclose(rows["rho0"], rho) & (rows["n"] == n)]
        cell = numpy.sort(cell[cell["gamma"] <= 5], order="gamma")
        curves.append((f"n = {n:g}", f"lines lw 2 lc {colour}", cell["gamma"], overlaps(cell)))
    limits = [("limit", "points pt 7 lc rgb 'black'", [2], [4 * rho / (1 + 3 * rho)])]
    lines = [f"set arrow from {a},{y} to {b},{y} nohead dt 2" for a, b, y in ((0, 2, 1), (2, 5, rho))]
    return f"gamma (rho = {rho})", "overlap after one layer", curves + limits, lines + ["set yrange [0.45:1.05]"]

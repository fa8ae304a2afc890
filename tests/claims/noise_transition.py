"""Order appears at kappa = beta/I_1(beta) (2 at beta = 0), with R = I_1(kappa R)/I_0(kappa R) there (2512.01868)."""

import numpy

SHORT = [("beta: [0, 1, 2]", "beta: [0]"), ("[0.5, 1, 1.5, 1.8, 2.2, 2.5, 3, 4, 6]", "[1, 4]"), ("n: [500]", "n: [300]"),
         ("count: 2", "count: 1")]


def bessel(order, x):
    """I_order(x) by its integral."""
    angles = (numpy.arange(512) + 0.5) * (numpy.pi / 512)
    return float(numpy.mean(numpy.exp(x * numpy.cos(angles)) * numpy.cos(order * angles)))


def critical(beta):
    return 2.0 if beta == 0 else beta / bessel(1, beta)


def kuramoto(kappa):
    """The positive solution of R = I_1(kappa R)/I_0(kappa R), for kappa > 2, by bisection."""
    low, high = 1e-6, 1.0
    for _ in range(50):
        r = 0.5 * (low + high)
        is_below = bessel(1, kappa * r) > r * bessel(0, kappa * r)
        low, high = (r, high) if is_below else (low, r)
    return low


def means(file):
    """(beta, kappa, start, R averaged over seeds and times, n)"""
    rows, series = file["jobs"][:], file["series/order_parameter"][:].astype(float)
    keys = sorted(set(zip(rows["beta"], rows["inverse_temperature"], rows["initial.noise"])))
    for beta, kappa, noise in keys:
        where = (rows["beta"] == beta) & (rows["inverse_temperature"] == kappa) & (rows["initial.noise"] == noise)
        yield beta, kappa, noise, series[where].mean(), int(rows["n"][0])


def check(file):
    assert (file["jobs"]["status"] == 1).all()
    for beta, kappa, noise, r, n in means(file):
        ratio = kappa / critical(beta)
        print(f"beta = {beta:g}, kappa = {kappa:4g} = {ratio:.2f} kappa_c, {'ordered' if noise < 1 else 'uniform'} start: R = {r:.4f}")
        floor = 1 / numpy.sqrt(n)
        if ratio <= 0.75:
            assert r < 4 * floor
        elif ratio >= 1.4:
            assert r > 0.5
        if beta == 0 and kappa >= 3:
            assert abs(r - kuramoto(kappa)) < floor


def figure(file):
    curves, lines = [], []
    for colour, beta in enumerate(sorted({row[0] for row in means(file)}), 1):
        for noise, start, point in ((0.1, "ordered", 6), (1000, "uniform", 7)):
            cell = [(kappa, r) for b, kappa, s, r, _ in means(file) if b == beta and s == noise]
            curves.append((f"beta = {beta:g}, {start} start", f"linespoints lc {colour} pt {point}", *zip(*cell)))
        lines.append(f"set arrow from {critical(beta)},0 to {critical(beta)},1 nohead dt 2 lc {colour}")
    fine = numpy.linspace(2.02, 6, 60)
    curves.append(("beta = 0, exact", "lines lc 0", fine, [kuramoto(kappa) for kappa in fine]))
    return "kappa", "order parameter R", curves, lines + ["set yrange [0:1]"]

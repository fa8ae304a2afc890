"""The most frequent number of clusters is the fastest growing mode of the uniform state (2410.23228, 2509.25040)."""

import numpy

SHORT = [("n: [256]", "n: [128]"), ("count: 256", "count: 32")]

WHEN = 10


def fastest_mode(beta):
    """The k with the largest growth rate lambda_k = (k^2/beta) I_k(beta)/I_0(beta) of SA on the circle."""
    angles = numpy.arange(4096) * (2 * numpy.pi / 4096)
    bessel = numpy.fft.rfft(numpy.exp(beta * numpy.cos(angles))).real
    k = numpy.arange(1, 64)
    return int(k[numpy.argmax(k**2 * bessel[1:64])])


def counts(file):
    rows, times = file["jobs"][:], file["series/time"][:]
    column = int(numpy.argmin(numpy.abs(times - WHEN)))
    for beta in numpy.unique(rows["beta"]):
        cell = file["series/clusters"][:, column][rows["beta"] == beta].astype(int)
        yield beta, numpy.bincount(cell)


def check(file):
    assert (file["jobs"]["status"] == 1).all()
    for beta, histogram in counts(file):
        shares = ", ".join(f"{k}: {100 * c / histogram.sum():.0f} %" for k, c in enumerate(histogram) if c)
        print(f"beta = {beta:g}: fastest mode {fastest_mode(beta)}; clusters at t = {WHEN}: {shares}")
        assert numpy.argmax(histogram) == fastest_mode(beta)
        assert histogram.max() < histogram.sum()


def figure(file):
    curves = []
    for colour, (beta, histogram) in enumerate(counts(file), 1):
        k = numpy.arange(1, 9)
        shares = [histogram[i] / histogram.sum() if i < len(histogram) else 0 for i in k]
        curves.append((f"beta = {beta:g}, fastest mode {fastest_mode(beta)}", f"linespoints pt 7 lc {colour}", k, shares))
    return f"clusters at t = {WHEN}", "share of the seeds", curves, ["set yrange [0:1]"]

"""Uniform data have sqrt(1.5 beta) modes of their kernel density estimate on average (2412.09080)."""

import numpy

SHORT = [("beta: [4, 8, 16, 32, 64, 128]", "beta: [8, 32]"), ("n: [256]", "n: [128]"), ("count: 128", "count: 64")]


def kac_rice(beta):
    """Expected maxima of the Gaussian limit: sqrt(sum k^4 I_k^2 / sum k^2 I_k^2) for the kernel e^{beta cos}."""
    angles = numpy.arange(4096) * (2 * numpy.pi / 4096)
    kernel = numpy.abs(numpy.fft.rfft(numpy.exp(beta * (numpy.cos(angles) - 1)))) ** 2
    k = numpy.arange(len(kernel), dtype=float)
    return numpy.sqrt((k**4 * kernel).sum() / (k**2 * kernel).sum())


def means(file):
    rows, modes = file["jobs"][:], file["series/kde_modes"][:]
    for beta in numpy.unique(rows["beta"]):
        cell = modes[rows["beta"] == beta].astype(float)
        yield beta, cell[:, 0].mean(), cell[:, 0].std() / numpy.sqrt(len(cell)), cell[:, -1].mean()


def check(file):
    assert (file["jobs"]["status"] == 1).all()
    for beta, start, error, end in means(file):
        exact = kac_rice(beta)
        print(f"beta = {beta:4g}: {start:6.2f} +- {error:.2f} modes at the start, {end:6.2f} at t = 5; "
              f"Kac and Rice {exact:.2f}, sqrt(1.5 beta) = {numpy.sqrt(1.5 * beta):.2f}")
        assert abs(start - exact) < 4 * error + 0.02 * exact


def figure(file):
    betas, start, _, end = zip(*means(file))
    fine = numpy.geomspace(betas[0], betas[-1], 100)
    return ("beta", "modes, mean over the seeds",
            [("at the start", "points pt 7 lc 1", betas, start), ("at t = 5", "points pt 6 lc 2", betas, end),
             ("sqrt(1.5 beta)", "lines lc 0", fine, numpy.sqrt(1.5 * fine))], ["set logscale xy 2"])

"""Without residual the decay exponent is log |lambda_2(P)| for every law of the layers (2501.00762)."""

import numpy

SHORT = [("count: 16", "count: 2"), ("[1, 2, 3, 4, 5, 6]", "[1, 3, 6]"), ("horizon: 20000", "horizon: 2000")]

RESIDUALS, LAYERS = ("none", "identity"), ("gaussian", "orthogonal")


def check(file):
    rows = file["jobs"][:]
    assert (rows["status"] == 1).all() and (rows["outcome"] == 4).all()
    layers = rows["t_end"][0]
    for name, residual in zip(RESIDUALS, (0, 1)):
        cell = rows[rows["residual"] == residual]
        difference = cell["decay_exponent"] - numpy.log(cell["lambda2"])
        print(f"residual {name}: decay exponent minus log |lambda_2| is {difference.min():.4f} to {difference.max():.4f}")
        if residual == 0:
            assert numpy.abs(difference).max() < 20 / layers
        else:
            assert difference.min() > 0


def figure(file):
    rows = file["jobs"][:]
    curves = []
    for residual, name in enumerate(RESIDUALS):
        for law, title in enumerate(LAYERS):
            cell = rows[(rows["residual"] == residual) & (rows["layers"] == law)]
            squares = numpy.unique(cell["lambda2"])
            means = [cell["decay_exponent"][cell["lambda2"] == x].mean() for x in squares]
            curves.append((f"{title}, residual {name}", f"points pt {5 + 2 * residual} lc {law + 1}", squares, means))
    x = numpy.linspace(rows["lambda2"].min(), rows["lambda2"].max(), 100)
    return "|lambda_2(P)|", "decay exponent per layer", curves + [("log |lambda_2|", "lines lc 0", x, numpy.log(x))], []

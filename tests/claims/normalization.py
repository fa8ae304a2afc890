"""Layer normalization decides how 1 - rho vanishes at late times (2510.22026, 2512.01868)."""

import h5py
import numpy

SHORT = [
    ("d: [16, 512], beta: [1, 22.627416998]", "d: [16, 32], beta: [1, 5.656854249]"),
    ("count: 2", "count: 1"),
]

DELTAS = 10.0 ** -numpy.arange(3, 11)
LATE = DELTAS <= 1e-6
SOFTMAX, MEAN = 0, 1
IDENTITY = 0
NORMS = ("post", "pre", "mix", "peri", "ngpt", "sqrt")
# The time in which log(1 - rho) is linear, log(t) for the others.
CLOCKS = {"post": lambda t: t, "ngpt": lambda t: t, "sqrt": lambda t: numpy.sqrt(t + 1)}
LAWS = {"post": "-2 t", "ngpt": "-2 t", "sqrt": "-4 sqrt(t+1)"}  # of log(1 - rho), softmax weights
ALGEBRAIC, TAU = "-2 log(t)", 1.0
FASTER = ("post", "sqrt")  # by the size of the attention mean, where weights are not divided by their sum
COLOURS = (1, 2, 3, 4, 7, 6)


def exact(norm, weights, n, beta):
    """(1 - rho, t) of the equiangular reduction from rho = 0, alpha = 1; u = -log(1-rho) is the variable."""
    u = numpy.linspace(0, 23.2, 400001)
    gap = numpy.exp(-u)
    rho = -numpy.expm1(-u)
    weight = numpy.exp(-beta * gap) / (1 + (n - 1) * numpy.exp(-beta * gap))
    if weights == MEAN:
        weight = numpy.exp(beta * rho) / n
    own = weight * numpy.exp(beta * gap)
    drawn = own + (n - 1) * weight * rho  # <x_j, A_j>, the growth of the radius
    size = numpy.sqrt(own**2 + 2 * own * (n - 1) * weight * rho + (n - 1) * weight**2 * (1 + (n - 2) * rho))
    plain = 1 / (2 * weight * (1 + (n - 1) * rho))  # dt/du where s = 1
    if norm == "ngpt":
        return gap, integral(u, plain * size)
    post, growth = integral(u, plain), integral(u, plain * drawn)
    if norm == "sqrt":
        return gap, (post / 2 + 1) ** 2 - 1
    if norm == "pre":
        return gap, integral(u, plain * numpy.exp(growth))
    if norm == "peri":
        return gap, integral(u, plain * numpy.exp(growth) * size)
    if norm == "mix":
        start = numpy.interp(TAU, post, u)
        pre = integral(u, plain * numpy.exp(growth - numpy.interp(start, u, growth)))
        return gap, numpy.where(post <= TAU, post, TAU + pre - numpy.interp(start, u, pre))
    return gap, post


def integral(u, values):
    """From 0 to each u, by the trapezoidal rule."""
    return numpy.concatenate([[0], numpy.cumsum(0.5 * (values[1:] + values[:-1]))]) * (u[1] - u[0])


def crossings(row):
    """The times at which 1 - <x_i,x_j> of the farthest pair falls to each delta."""
    return numpy.array([row["t_sync"], *(row[f"t_sync_{k}"] for k in range(2, len(DELTAS) + 1))])


def norm_of(row):
    labels = {value: name for name, value in h5py.check_enum_dtype(row.dtype["norm"]).items()}
    return labels[row["norm"]]


def slope(row):
    """Least squares of log(1 - rho) against the clock of the row's law."""
    clock = CLOCKS.get(norm_of(row), numpy.log)
    return numpy.polyfit(clock(crossings(row))[LATE], numpy.log(DELTAS[LATE]), 1)[0]


def expected(row):
    """The law's coefficient; None where it depends on the point at which the tokens meet."""
    norm = norm_of(row)
    if norm not in FASTER or row["weights"] == SOFTMAX:
        return -4 if norm == "sqrt" else -2
    if row["matrices"] == IDENTITY:
        return (-4 if norm == "sqrt" else -2) * numpy.exp(row["beta"])
    return None


def check_exact(rows):
    """Orthogonal tokens under the identity are the reduction."""
    for row in rows[(rows["matrices"] == IDENTITY) & (rows["seed"] == 0)]:
        gap, times = exact(norm_of(row), row["weights"], row["n"], row["beta"])
        law = numpy.interp(-numpy.log(DELTAS), -numpy.log(gap), times)
        error = numpy.abs(crossings(row) / law - 1).max()
        print(f"{norm_of(row):4s} {'softmax' if row['weights'] == SOFTMAX else 'mean':7s} crossings against "
              f"the reduction: {error:.1e} relative")
        assert error < 1e-6


def check_laws(rows):
    for norm in NORMS:
        own = [row for row in rows if norm_of(row) == norm and expected(row) is not None]
        errors = [abs(slope(row) / expected(row) - 1) for row in own]
        law = LAWS.get(norm, ALGEBRAIC) + (" (mean weights: times e^beta)" if norm in FASTER else "")
        print(f"{norm:4s} log(1 - rho) ~ {law}: {len(own)} rows, slopes within {max(errors):.1e}")
        assert max(errors) < 0.01


def check_clock_of_sqrt(rows):
    """sqrt is post in another time, at the same point: twice the coefficient, whatever this is."""
    open_rows = [row for row in rows if expected(row) is None]
    slopes = {(norm_of(row), row["seed"]): slope(row) for row in open_rows}
    for seed in sorted({row["seed"] for row in open_rows}):
        post, root = slopes["post", seed], slopes["sqrt", seed]
        print(f"mean weights, random matrices, seed {seed}: post {post:.3f}, sqrt {root:.3f}")
        assert abs(root / (2 * post) - 1) < 0.01


def check(file):
    rows = file["jobs"][:]
    assert (rows["status"] == 1).all() and numpy.isfinite([crossings(row) for row in rows]).all()
    check_exact(rows)
    check_laws(rows)
    check_clock_of_sqrt(rows)


def figure(file):
    rows = file["jobs"][:]
    rows = rows[(rows["weights"] == SOFTMAX) & (rows["seed"] == 0)]
    curves = []
    for colour, norm in zip(COLOURS, NORMS):
        for row in rows:
            if norm_of(row) == norm:
                points, what = (7, "orthogonal") if row["matrices"] == IDENTITY else (6, "random")
                curves.append((f"{norm}, {what}", f"points pt {points} lc {colour}", crossings(row), DELTAS))
                if row["matrices"] == IDENTITY:
                    gap, times = exact(norm, SOFTMAX, row["n"], row["beta"])
                    part = (times > 1) & (gap > 0.9e-10)
                    curves.append(("", f"lines lc {colour}", times[part][::200], gap[part][::200]))
    commands = ["set logscale xy", "set format '1e%T'", "set xrange [1:1e6]", "set yrange [5e-11:1]"]
    return "t", "1 - rho", curves, commands

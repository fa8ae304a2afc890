"""Causal mask, V = I: all tokens go to x_1(0), any Q and K; clusters and Renyi centres (2411.04990)."""

import h5py
import numpy
import shared

SHORT = [
    ("record: [0, 1, 2, 5, 10, 20, 40, 75, 100, 150]", "record: [0, 75]"),
    ("horizon: 1000", "horizon: 150"),
    ("count: 64", "count: 3"),
]

LARGE, MIDDLE = 64, 75  # the beta of the metastable rows, the first late time of the source's figure 2
IDENTITY, GAUSSIAN = 0, 1


def strong_mean(n, d, beta):
    """Mean number of strong centres of iid uniform tokens: sum_i (1-c)^{i-1}, c the share of a delta-cap."""
    delta = min(4 / numpy.sqrt(beta), numpy.pi)
    cap = delta / numpy.pi if d == 2 else (1 - numpy.cos(delta)) / 2
    return (1 - (1 - cap) ** n) / cap


def parked_mean(n, beta):
    """Mean number of Renyi centres on the circle after n arrivals, from Renyi's car parking (1958)."""
    delta = 4 / numpy.sqrt(beta)
    arrivals = n * delta / (2 * numpy.pi)  # for each length delta
    step = arrivals / 20000
    inner = numpy.arange(0.5, 20000) * step
    exponent = numpy.concatenate([[0], numpy.cumsum(-numpy.expm1(-inner) / inner) * step])
    share = numpy.exp(-2 * exponent)
    return 2 * numpy.pi / delta * float(share.sum() - 0.5 * (share[0] + share[-1])) * step


def check_limit(file, rows):
    """Every start is proved to synchronize, and the first token, to which all have come, has not moved."""
    labels = {value: name for name, value in h5py.check_enum_dtype(rows.dtype["theory"]).items()}
    assert (rows["status"] == 1).all() and {labels[value] for value in rows["theory"]} == {"sync_causal"}
    small = rows[rows["beta"] < LARGE]
    print(f"beta below {LARGE}: {numpy.sum(small['outcome'] == shared.SYNC)} of {len(small)} proved to "
          f"synchronize, the last at t = {small['t_sync'].max():.1f}")
    assert (small["outcome"] == shared.SYNC).all()
    moved = spread = 0.0
    for group in file["final"].values():
        x, own = group["x"][:], rows[group["job"][:]]
        for seed in numpy.unique(own["seed"]):
            first = x[own["seed"] == seed, 0]
            assert len(first) == 2
            moved = max(moved, numpy.abs(first[1] - first[0]).max())
        gaps = 0.5 * ((x - x[:, :1]) ** 2).sum(axis=2).max(axis=1)
        spread = max([spread, *gaps[numpy.isfinite(own["t_sync"])]])
    print(f"x_1 at the end of two rows from one start: equal to {moved:.1e}; "
          f"largest 1 - <x_i,x_1> where tokens met: {spread:.1e}")
    assert moved < 1e-12 and spread <= 1e-3 * (1 + 1e-6)


def check_mean(rows, counts, what, expected_of):
    """Counts of the start do not depend on the matrices; their mean is the expected one."""
    n, d, beta = (int(rows[0][axis]) for axis in ("n", "d", "beta"))
    counts = [counts[rows["matrices"] == matrices] for matrices in (IDENTITY, GAUSSIAN)]
    assert (counts[0] == counts[1]).all()
    mean, expected = counts[0].mean(), expected_of(n, d, beta)
    print(f"n = {n:3d}, d = {d}, beta = {beta:2d}: {mean:.2f} {what} in the mean, expected {expected:.2f}")
    assert abs(mean - expected) <= 4 * numpy.sqrt(expected / len(counts[0]))


def check_centres(file, rows):
    """The centres of the start are as many as n uniform arrivals have."""
    strong, centres = (file["series"][name][:, 0] for name in ("strong_renyi_centres", "renyi_centres"))
    for d in numpy.unique(rows["d"]):
        for beta in numpy.unique(rows["beta"]):
            cell = (rows["d"] == d) & (rows["beta"] == beta)
            check_mean(rows[cell], strong[cell], "strong Renyi centres", strong_mean)
    cell = (rows["d"] == 2) & (rows["beta"] == LARGE)
    check_mean(rows[cell], centres[cell], "Renyi centres", lambda n, d, beta: parked_mean(n, beta))


def metastable(file, rows):
    """(rows, times, clusters, centres at the start, strong ones) of the source's figure: d = 2, Q^T K = I."""
    chosen = (rows["beta"] == LARGE) & (rows["d"] == 2) & (rows["matrices"] == IDENTITY)
    clusters, centres, strong = (
        file["series"][name][:][chosen] for name in ("clusters", "renyi_centres", "strong_renyi_centres"))
    return rows[chosen], file["series"]["time"][:], clusters, centres[:, 0], strong[:, 0]


def check_clusters(file, rows):
    """Nearly always as many clusters as strong centres, in the mean fewer than Renyi centres."""
    _, times, clusters, centres, strong = metastable(file, rows)
    middle = clusters[:, list(times).index(MIDDLE)]
    for what, counts in (("strong centres", strong), ("clusters", middle), ("Renyi centres", centres)):
        values, often = numpy.unique(counts, return_counts=True)
        table = ", ".join(f"{int(value)}: {count}" for value, count in zip(values, often))
        print(f"{what:14s} mean {counts.mean():.2f}; {table}")
    print(f"at t = {MIDDLE}, of {len(strong)}: {numpy.sum(middle >= strong)} have no fewer clusters than "
          f"strong centres, {numpy.sum(middle <= centres)} no more than Renyi centres")
    assert numpy.mean(middle >= strong) >= 0.95
    assert strong.mean() < middle.mean() < centres.mean()


def check(file):
    rows = file["jobs"][:]
    check_limit(file, rows)
    check_centres(file, rows)
    check_clusters(file, rows)


def figure(file):
    rows, times, clusters, centres, strong = metastable(file, file["jobs"][:])
    times = numpy.append(times[1:], rows["t_end"].max())
    clusters = numpy.column_stack([clusters[:, 1:], rows["clusters"]])
    level = numpy.ones(len(times))
    curves = [("clusters: most", "lines dt 3 lc 1", times, clusters.max(axis=0)),
              ("mean", "linespoints pt 7 lc 1", times, clusters.mean(axis=0)),
              ("least", "lines dt 3 lc 1", times, clusters.min(axis=0)),
              ("Renyi centres at the start, mean", "lines lc 2", times, level * centres.mean()),
              ("strong ones, mean", "lines dt 2 lc 3", times, level * strong.mean())]
    commands = ["set logscale xy", "set yrange [4:64]", "set ytics (4, 6, 8, 10, 16, 32, 64)"]
    return "t", "number", curves, commands

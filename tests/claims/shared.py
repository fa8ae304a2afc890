"""What several claims look at in the same way."""

import numpy

SYNC, NONSYNC = 1, 2


def all_synchronize(rows):
    """Prints when the last start of each beta synchronized; asserts that all were proved to, by their horizon."""
    print(f"{len(rows)} starts: {numpy.sum(rows['outcome'] == SYNC)} proved to synchronize, "
          f"{numpy.sum(rows['outcome'] == NONSYNC)} proved not to")
    for beta in numpy.unique(rows["beta"]):
        print(f"beta = {beta:5g}: last one synchronized at t = {rows['t_sync'][rows['beta'] == beta].max():.1f}")
    assert (rows["status"] == 1).all()
    assert (rows["outcome"] == SYNC).all()


def sync_times(rows):
    """Curves of the median and of the last synchronization time against beta, one pair for each d and n."""
    curves = []
    for colour, (d, n) in enumerate(sorted(set(zip(rows["d"], rows["n"]))), 1):
        cell = rows[(rows["d"] == d) & (rows["n"] == n)]
        betas = numpy.unique(cell["beta"])
        for what, function, style in (("median", numpy.median, "pt 7"), ("last", numpy.max, "pt 6 dt 2")):
            times = [function(cell["t_sync"][cell["beta"] == beta]) for beta in betas]
            curves.append((f"d = {d}, n = {n}, {what}", f"linespoints lc {colour} {style}", betas, times))
    return "beta", "t_sync", curves, ["set logscale y"]


def stable_below(rows, threshold):
    """Planted states come back below the threshold, R < 1e-9, and synchronize above it."""
    for beta in numpy.unique(rows["beta"]):
        cell = rows[rows["beta"] == beta]
        print(f"beta = {beta:5g}: {numpy.sum(cell['outcome'] == SYNC):3d} of {len(cell)} synchronize, "
              f"largest R at the end {cell['order_parameter'].max():.2g}")
    below, above = rows[rows["beta"] < threshold], rows[rows["beta"] > threshold]
    assert (rows["status"] == 1).all() and len(below) > 0 and len(above) > 0
    assert below["order_parameter"].max() < 1e-9 and numpy.isnan(below["t_sync"]).all()
    assert (above["outcome"] == SYNC).all()


def end_states(rows, threshold):
    """Curve of R at the end against beta, with the threshold as a line."""
    betas = numpy.unique(rows["beta"])
    ends = [rows["order_parameter"][rows["beta"] == beta].mean() for beta in betas]
    line = f"set arrow from {threshold},0 to {threshold},1 nohead dt 2"
    curves = [("planted", "linespoints pt 7", betas, ends)]
    return "beta", "R at the end, mean over the seeds", curves, [line, "set yrange [-0.05:1.05]"]

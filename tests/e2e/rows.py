"""What the end-to-end tests ask of results files.

    rows.py count OUT.h5              number of rows that are done
    rows.py same A.h5 B.h5...         /jobs (rule 6 aside), /series and /final are the same bits in all files
    rows.py status OUT.h5 NAME COUNT  exactly COUNT rows have the status NAME
    rows.py plain OUT.h5              all rows are done and no value is where it cannot be
    rows.py pending OUT.h5 ROWS       exactly these rows (0,4,5) are not pending
"""
import os
import sys

os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
import h5py
import numpy

ASIDE = ("worker", "wall_s", "attempt", "checksum")
STATUS = {"pending": 0, "done": 1, "failed": 2, "quarantined": 3}


def jobs_of(path):
    with h5py.File(path, "r") as file:
        return file["jobs"][:]


def content(path):
    """Everything that must be the same, as name -> bytes."""
    parts = {}
    with h5py.File(path, "r") as file:
        jobs = file["jobs"][:]
        for name in jobs.dtype.names:
            if name not in ASIDE:
                parts["/jobs." + name] = numpy.ascontiguousarray(jobs[name])

        def add(name, item):
            if isinstance(item, h5py.Dataset) and name.split("/")[0] in ("series", "final", "phase"):
                parts["/" + name] = item[()]

        file.visititems(add)
    return parts


def same(first, *others):
    expected = content(first)
    faults = 0
    for other in others:
        found = content(other)
        if found.keys() != expected.keys():
            print(f"{other}: other parts than {first}: {sorted(found.keys() ^ expected.keys())}")
            faults += 1
        for name in expected.keys() & found.keys():
            if expected[name].tobytes() != found[name].tobytes():
                where = numpy.flatnonzero((expected[name] != found[name]).reshape(len(expected[name]), -1).any(axis=1))
                print(f"{other}: {name} differs from {first}, first at {where[:5]}")
                faults += 1
    return faults == 0


def plain(path):
    jobs = jobs_of(path)
    bad = jobs[jobs["status"] != 1]
    if len(bad) > 0:
        print(f"{path}: {len(bad)} of {len(jobs)} rows are not done, the first: {bad[0]}")
        return False
    checks = {
        "order_parameter in [0, 1]": (jobs["order_parameter"] >= 0) & (jobs["order_parameter"] <= 1 + 1e-12),
        "t_end >= 0": jobs["t_end"] >= 0,
        "clusters >= 1 where there are particles": (jobs["clusters"] >= 1) | (jobs["outcome"] == 4),
        "drift < 1e-3": ~(jobs["drift"] > 1e-3),
        "sync rows are certain": (jobs["outcome"] != 1) | ~numpy.isnan(jobs["t_certain"]),
        "energy is finite": numpy.isfinite(jobs["energy"]),
        "speed is finite": numpy.isfinite(jobs["speed"]),
    }
    for text, holds in checks.items():
        if not holds.all():
            print(f"{path}: not {text}: {jobs[~holds][0]}")
    return all(holds.all() for holds in checks.values())


def main(what, path, *rest):
    if what == "count":
        print(int((jobs_of(path)["status"] == 1).sum()))
        return True
    if what == "same":
        return same(path, *rest)
    if what == "plain":
        return plain(path)
    status = jobs_of(path)["status"]
    if what == "status":
        count = int((status == STATUS[rest[0]]).sum())
        print(f"{path}: {count} rows are {rest[0]}")
        return count == int(rest[1])
    if what == "pending":
        found = ",".join(str(i) for i in numpy.flatnonzero(status != 0))
        print(f"{path}: rows {found}")
        return found == rest[0]
    raise SystemExit(f"what is '{what}'?")


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)

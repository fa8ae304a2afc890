"""d >= 3 and beta >= 0: almost every start synchronizes (2312.10794, 2405.18273). One proved counterexample refutes."""

import shared

SHORT = [("n: [8, 32]", "n: [8]"), ("d: [3, 4, 8]", "d: [3, 8]"), ("count: 256", "count: 12")]


def check(file):
    rows = file["jobs"][:]
    assert rows["d"].min() >= 3 and rows["beta"].min() >= 0
    shared.all_synchronize(rows)


def figure(file):
    return shared.sync_times(file["jobs"][:])

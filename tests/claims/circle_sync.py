"""d = 2 and beta >= -0.16: almost every start synchronizes (2507.22857). One proved counterexample refutes."""

import shared

SHORT = [("n: [3, 16, 48]", "n: [3, 16]"), ("count: 512", "count: 24")]


def check(file):
    rows = file["jobs"][:]
    assert set(rows["d"]) == {2} and rows["beta"].min() == -0.16
    shared.all_synchronize(rows)


def figure(file):
    return shared.sync_times(file["jobs"][:])

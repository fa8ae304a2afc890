"""d = 2: planted triangles are stable below beta = -2/3 and nowhere above (2507.22857)."""

import shared

SHORT = [("count: 16", "count: 2")]

THRESHOLD = -2 / 3


def check(file):
    shared.stable_below(file["jobs"][:], THRESHOLD)


def figure(file):
    return shared.end_states(file["jobs"][:], THRESHOLD)

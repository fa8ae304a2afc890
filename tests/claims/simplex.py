"""d = 3: planted simplices are stable below beta = -d (d-1)/(d+1) = -1.5 and nowhere above."""

import shared

SHORT = [("count: 16", "count: 2")]

THRESHOLD = -3 * 2 / 4


def check(file):
    shared.stable_below(file["jobs"][:], THRESHOLD)


def figure(file):
    return shared.end_states(file["jobs"][:], THRESHOLD)

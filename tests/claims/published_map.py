"""The published diagram follows its own map, eta = 0.1, whose half-crossings are later than those of the ODE."""

import crossings

SHORT = [("d: [8, 128, 1024]", "d: [1024]"), ("{linspace: [0.5, 9, 18]}", "[1, 3, 5]"), ("count: 32", "count: 4"),
         ("{horizon: 30, record: {linspace: [0, 30, 200]}}", "{horizon: 12, record: {linspace: [0, 12, 241]}}")]


def check(file):
    for beta, measured, exact in crossings.table(file, 1024):
        late = measured / exact - 1
        print(f"beta = {beta:4.1f}: half-crossing of the map {measured:8.4f}, of the ODE {exact:8.4f}, {100 * late:+.2f} %")
        assert beta > 5 or 0.04 < late < 0.1


def figure(file):
    return crossings.figure(file, "map, eta = 0.1")

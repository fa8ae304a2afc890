"""The half-crossings of the pair overlap at d = 1024 are those of the exact equiangular curve (2312.10794)."""

import crossings

SHORT = [("d: [8, 128, 1024]", "d: [1024]"), ("{linspace: [0.5, 9, 18]}", "[0.5, 2, 4, 5]"), ("count: 32", "count: 4"),
         ("{horizon: 30, record: {linspace: [0, 30, 200]}}", "{horizon: 12, record: {linspace: [0, 12, 241]}}")]


def check(file):
    for beta, measured, exact in crossings.table(file, 1024):
        print(f"beta = {beta:4.1f}: half-crossing {measured:8.4f}, exact {exact:8.4f}, {100 * (measured / exact - 1):+.2f} %")
        assert beta > 6 or abs(measured / exact - 1) < 0.02


def figure(file):
    return crossings.figure(file, "ODE")

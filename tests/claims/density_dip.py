"""R^2 of the mean field is not monotone: it dips to 4.25e-6 near t = 0.68 and then rises (for 2504.14697)."""

import numpy

SHORT = [("[0, 3, 301]", "[0, 3, 151]")]


def squares(file):
    return file["series/time"][:], file["series/order_parameter"][0].astype(float) ** 2


def check(file):
    row = file["jobs"][0]
    assert row["status"] == 1
    times, r2 = squares(file)
    lowest = int(numpy.argmin(r2))
    energy = file["series/energy"][0].astype(float)
    print(f"R^2 = {r2[0]:.3e} at the start, {r2[lowest]:.3e} at t = {times[lowest]:.2f}, {r2[-1]:.3e} at t = {times[-1]:g}; "
          f"smallest step of the energy {numpy.diff(energy).min():.1e}")
    assert abs(r2[0] - 5e-6) < 1e-11
    assert abs(r2[lowest] - 4.25e-6) < 5e-9 and abs(times[lowest] - 0.68) <= 0.02
    assert r2[-1] > 2 * r2[0]
    assert numpy.diff(energy).min() >= -1e-7


def figure(file):
    times, r2 = squares(file)
    return "t", "R^2", [("R^2", "lines lw 2", times, r2)], ["set xrange [0:1.6]", "set format y '%.1e'", "set lmargin 12"]

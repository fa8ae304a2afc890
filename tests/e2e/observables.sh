#!/bin/bash
# Columns of observables, an enum and a not-a-number among them, in every way of reading; plateaus of the energy.
. "$(dirname "$0")/support.bash"

cat > steps.yaml << 'EOF'
model: attention
sweep: {beta: [30], n: [12], d: [2], seed: {count: 4}}
time: {horizon: 100, record: {logspace: [1.0e-2, 100, 120]}}
detect: {stop: horizon}
observe: [energy, cluster_masses, theory, criterion]
EOF
check "a staircase is swept" gives 0 "$entrain" run steps.yaml -o steps.h5 -j 1 --strict

# At beta = 30 clusters do not see each other: 2 beta energy = sum of the squared masses on every late plateau.
levels() {
  gives 0 "$entrain" export steps.h5 --plateaus || return 1
  "$entrain" export steps.h5 --plateaus > plateaus.csv
  "$python" - << 'EOF'
import csv, h5py, numpy
rows = h5py.File("steps.h5")["jobs"][:]
plateaus = list(csv.DictReader(open("plateaus.csv")))
for k, row in enumerate(rows):
    mine = [p for p in plateaus if int(p["row"]) == k]
    assert len(mine) >= 2, (k, mine)
    assert all(float(a["to"]) < float(b["from"]) and float(a["level"]) < float(b["level"])
               for a, b in zip(mine, mine[1:])), mine
    masses = sum(row[f"cluster_mass_{i}"] ** 2 for i in range(1, 9))
    assert float(mine[-1]["to"]) == 100 and abs(60 * float(mine[-1]["level"]) - masses) < 1e-3, (k, mine[-1], masses)
EOF
}
check "its last level is the sum of the squared masses" levels
check "report writes the same table" gives 0 "$entrain" report steps.h5 -o report
check "byte by byte" cmp plateaus.csv report/plateaus.csv
check "the page links it" grep -q 'href="plateaus.csv"' report/report.html
check "one table at a time" gives 2 "$entrain" export steps.h5 --csv --plateaus

named() { # the enum by name in CSV and in HDF5, in one way
  "$entrain" export steps.h5 > steps.csv
  "$python" - << 'EOF'
import csv, h5py
rows = h5py.File("steps.h5")["jobs"]
names = {v: k for k, v in h5py.check_enum_dtype(rows.dtype["theory"]).items()}
for given, row in zip(csv.DictReader(open("steps.csv")), rows[:]):
    assert given["theory"] == names[row["theory"]] == "sync_circle", given
    assert abs(float(given["criterion"]) - 0.63) < 0.01, given
EOF
}
check "theorems stand by name" named
opened() {
  "$python" -c 'import xarray
phase = xarray.open_dataset("steps.h5", group="phase")
assert "cluster_mass_1" in phase and "theory" not in phase, phase'
}
check "the phase diagram has the series and no column without one" opened

sed 's/energy, //' steps.yaml > plain.yaml
check "a job that records no energy" gives 0 "$entrain" run plain.yaml -o plain.h5 -j 1 --only 0
check "has no plateaus" gives 2 "$entrain" export plain.h5 --plateaus
sed 's/d: \[2\]/d: [2, 3]/; s/energy, /kde_modes, fourier_modes, /; s/\[30\]/[-1, 30]/' steps.yaml > sphere.yaml
refused() {
  "$entrain" run sphere.yaml -o none.h5 2> said
  [ $? -eq 2 ] && grep -q "'kde_modes' off the circle" said && grep -q "'fourier_modes' off the circle" said &&
    grep -q "'kde_modes' at beta = -1, must be above 0" said
}
check "what makes no sense at a point is refused with the reason" refused
finish

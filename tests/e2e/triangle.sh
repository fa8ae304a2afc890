#!/bin/bash
# jobs/triangle.yaml: planted triangles are stable below beta = -2/3 and nowhere above.
. "$(dirname "$0")/support.bash"
cp "$root/jobs/triangle.yaml" .

check "jobs/triangle.yaml runs without a failed row" gives 0 "$entrain" run triangle.yaml -o t.h5 --strict
threshold() {
  "$python" - << 'EOF'
import h5py, numpy
rows = h5py.File("t.h5")["jobs"][:]
below, above = rows[rows["beta"] < -0.67], rows[rows["beta"] > -0.665]
print(below["order_parameter"].max(), above["outcome"], above["t_sync"].max())
assert len(below) == 96 and len(above) == 112
assert below["order_parameter"].max() < 1e-10 and numpy.isnan(below["t_sync"]).all() and (below["outcome"] == 3).all()
assert (above["outcome"] == 1).all() and above["t_sync"].max() < 3000
EOF
}
check "at beta <= -0.68 the perturbation decays, R < 1e-10; at beta >= -0.66 all synchronize" threshold
finish

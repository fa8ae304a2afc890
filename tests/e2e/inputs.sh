#!/bin/bash
# Files of numbers that a job file names: read, resumed with, refused when they have changed.
. "$(dirname "$0")/support.bash"

mkdir study elsewhere
printf '0 1\n1 2\n2 3\n3 0\n' > study/ring.txt
cat > study/job.yaml << 'EOF'
model: kuramoto
parameters: {graph: file, edges: ring.txt}
sweep: {coupling: [1, 2], n: [4], d: [2], seed: {count: 6}}
time: {horizon: 5}
EOF

check "a graph comes from a file" gives 0 "$entrain" run study/job.yaml -o whole.h5 -j 2
check "a part of the rows" gives 0 "$entrain" run study/job.yaml -o parts.h5 -j 2 --only 0-4
check "the rest on resume" gives 0 "$entrain" run study/job.yaml -o parts.h5 -j 2
same() {
  "$python" - << 'EOF'
import h5py
a, b = (h5py.File(name)["jobs"][:] for name in ("whole.h5", "parts.h5"))
assert (a["status"] == 1).all()
for name in ("t_sync", "energy", "order_parameter", "steps", "outcome"):
    assert a[name].tobytes() == b[name].tobytes(), name
EOF
}
check "the rows have the same bits" same
check "verify reads the file again" gives 0 "$entrain" verify whole.h5 --sample 2
check "extend keeps its place" gives 0 "$entrain" extend whole.h5 --axis 'seed={count: 7}' --job elsewhere/job.yaml
check "so that the new job file runs" gives 0 "$entrain" run elsewhere/job.yaml -o whole.h5 -j 2

printf '0 1\n1 2\n2 3\n' > study/ring.txt
check "a changed file is another study" gives 2 "$entrain" run study/job.yaml -o parts.h5 -j 2
changed() { "$entrain" verify whole.h5 --sample 2 2>&1 | grep "has changed since the study was made"; }
check "verify says that it has changed" changed
rm study/ring.txt
check "status needs no file" gives 0 "$entrain" status whole.h5
check "report needs no file" gives 0 "$entrain" report whole.h5 -o report
printf '0 1\n1 two\n' > study/ring.txt
broken() { "$entrain" plan study/job.yaml 2>&1 | grep "job.yaml:2:34: error: .*line 2, column 3: 'two', must be"; }
check "a fault in it is told with its place" broken
finish

#!/bin/bash
# Every job of jobs/smoke runs without a failed row; together they use every model, start, axis form and scheme.
. "$(dirname "$0")/support.bash"
mkdir results

complete() { # complete JOB OUT: runs, and every row is done and plain
  gives 0 "$entrain" run "$1" -o "$2" -j 2 --strict || return 1
  "$python" "$e2e/rows.py" plain "$2"
}
for job in "$root"/jobs/smoke/*.yaml; do
  name=$(basename "$job" .yaml)
  check "jobs/smoke/$name.yaml has no failed row" complete "$job" "results/$name.h5"
done

# Starts from a file: the seed picks the row, the path starts at the job file's folder.
mkdir starts
"$python" - << 'EOF'
import h5py, numpy
x = numpy.random.default_rng(1).normal(size=(4, 6, 3))
x /= numpy.linalg.norm(x, axis=2, keepdims=True)
with h5py.File("starts/given.h5", "w") as file:
    file["sets/x"] = x
EOF
cat > starts/file.yaml << 'EOF'
model: attention
sweep: {beta: [0, 2], n: [6], d: [3], seed: {count: 4}}
initial: {kind: file, path: given.h5, dataset: sets/x}
time: {horizon: 5, record: [0, 5]}
observe: [order_parameter]
EOF
check "starts come from an HDF5 file" complete starts/file.yaml results/file.h5
starts() {
  "$python" - << 'EOF'
import h5py, numpy
x, rows = h5py.File("starts/given.h5")["sets/x"][:], h5py.File("results/file.h5")
expected = numpy.linalg.norm(x.mean(axis=1), axis=1)
for k, job in enumerate(rows["jobs"]):
    assert abs(rows["series/order_parameter"][k, 0] - expected[job["seed"]]) < 1e-6, k
EOF
}
check "they are the rows that the seeds name" starts
sed -i 's/count: 4/count: 5/' starts/file.yaml
check "a seed without a row is refused" gives 2 "$entrain" run starts/file.yaml -o results/none.h5
check "and nothing is written" test ! -e results/none.h5

covered() { # every name that the program lists occurs in a smoke job (or in the one above)
  local missing=0 name
  for name in $("$entrain" models | awk '/^(models|initial|observables)/ {on = 1; next} /^$/ {on = 0} on && /^  [^ ]/ {print $1}') \
      linspace logspace range count first zip initial. solver.scheme exp\(-beta\) certified horizon \
      3bs 5f 5dp 5bs 6vr 7vr 8vr; do
    [ "$name" = file ] && continue
    grep -qF -- "$name" "$root"/jobs/smoke/*.yaml && continue
    echo "no smoke job uses '$name'"
    missing=1
  done
  return $missing
}
check "the smoke jobs cover what can be swept" covered
finish

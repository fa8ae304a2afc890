#!/bin/bash
# Rows are the same bits for any number of ranks, under a launcher of the user, and when they are replayed.
. "$(dirname "$0")/support.bash"
cp "$e2e/varied.yaml" .

check "one process computes a sweep without mpirun" gives 0 "$entrain" run varied.yaml -o 1.h5 -j 1
for workers in 2 4; do
  check "entrain run -j $workers completes it" gives 0 "$entrain" run varied.yaml -o $workers.h5 -j $workers
done
check "mpirun -n 3 entrain run joins the launcher's ranks" gives 0 mpirun -n 3 "$entrain" run varied.yaml -o 3.h5
check "rows, series and final states are the same bits for 1, 3 and 5 ranks" \
  "$python" "$e2e/rows.py" same 1.h5 2.h5 3.h5 4.h5
check "mpirun -n 2 makes one worker" gives 0 mpirun -n 2 "$entrain" run varied.yaml -o two.h5 --only 0-199
check "and --only its rows" "$python" "$e2e/rows.py" pending two.h5 "$(seq -s, 0 199)"
check "going on with other ranks makes it whole" gives 0 "$entrain" run varied.yaml -o two.h5 -j 3
check "with the same bits" "$python" "$e2e/rows.py" same 1.h5 two.h5

# Instruction sets: what fuses products and sums gives the same bits, whatever the width of its registers.
check "--isa takes the sets that there are" \
  all gives 2 "$entrain" run varied.yaml -o isa.h5 --isa x86-64-v9 , says "must be one of x86-64" , test ! -e isa.h5
if grep -qw avx512vl /proc/cpuinfo; then
  check "AVX2 gives the bits of AVX-512" all gives 0 "$entrain" run varied.yaml -o v3.h5 -j 2 --isa x86-64-v3 , \
    gives 0 "$entrain" run varied.yaml -o v4.h5 -j 2 --isa x86-64-v4 , "$python" "$e2e/rows.py" same v3.h5 v4.h5
else
  echo "skipped: this processor has no AVX-512 to compare AVX2 with"
fi
if [ "$(uname -m)" = x86_64 ]; then
  check "a file keeps to its set" \
    all gives 0 "$entrain" run varied.yaml -o plain.h5 --isa x86-64 --only 0-499 , \
    gives 0 "$entrain" run varied.yaml -o plain.h5 --only 500-999 , \
    gives 0 "$entrain" verify plain.h5 --sample 100
  check "and refuses another, by its name" \
    all gives 2 "$entrain" run varied.yaml -o plain.h5 --isa x86-64-v3 , \
    says "made with instruction set 'x86-64', 'x86-64-v3' is asked for; without --isa the run goes on"
else
  echo "skipped: this architecture has one instruction set"
fi

replays() {
  local row
  for row in 0 1 500 1234 2345 3167; do
    all gives 0 "$entrain" replay 4.h5 --job $row , says "row $row: the same bits" || return 1
  done
}
check "replay gives the same bits" replays
check "replay keeps a trajectory" gives 0 "$entrain" replay 4.h5 --job 700 -o trajectory.h5
trajectory() {
  "$python" - <<'EOF'
import h5py, numpy
rows, kept = h5py.File("4.h5"), h5py.File("trajectory.h5")
job = rows["jobs"][700]
x, time = kept["x"][:], kept["time"][:]
assert x.shape == (9, job["n"], job["d"]) and (time == rows["series/time"][:]).all(), (x.shape, time)
assert abs(numpy.linalg.norm(x, axis=2) - 1).max() < 1e-12
order = numpy.linalg.norm(x.mean(axis=1), axis=1)
assert abs(order - rows["series/order_parameter"][700]).max() < 1e-6
assert abs(x[-1] - rows[f"final/{job['n']}x{job['d']}/x"][list(rows[f"final/{job['n']}x{job['d']}/job"][:]).index(700)]).max() < 1e-12
EOF
}
check "the trajectory is that of the row" trajectory
check "replay refuses a row that does not exist" gives 2 "$entrain" replay 4.h5 --job 99999
finish

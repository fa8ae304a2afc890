#!/bin/bash
# A job array computes a sweep in parts, which merge puts together.
. "$(dirname "$0")/slurm.bash"

check "a sweep is submitted in parts" submit "$JOB" -o p.h5 --nodes 1 --ntasks-per-node 2 --time 30 --array 3
array=$job
for part in 0 1 2; do
  check "part $part completes" ends "${array}_$part" COMPLETED p.$part.log
done
check "no part has all rows" eval '[ "$("$python" "$e2e/rows.py" count p.1.h5)" = 21120 ]'
check "merge puts them together" gives 0 "$entrain" merge p.0.h5 p.1.h5 p.2.h5 -o p.h5
check "with the bits of an undisturbed run" same_bits p.h5
finish

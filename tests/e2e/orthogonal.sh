#!/bin/bash
# jobs/orthogonal.yaml: orthogonal tokens give the exact crossing times, SA and USA.
. "$(dirname "$0")/support.bash"

check "jobs/orthogonal.yaml runs without a failed row" gives 0 "$entrain" run "$root/jobs/orthogonal.yaml" -o o.h5 --strict
check "its rows export as CSV" gives 0 "$entrain" export o.h5 --csv -o o.csv
check "t_sync is the equiangular integral to 1e-5" "$python" "$e2e/equiangular.py" o.csv
check "and the table of the literature to its digits" "$python" "$e2e/equiangular.py" o.csv --table
finish

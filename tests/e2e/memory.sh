#!/bin/bash
# What plan says of memory, against what jobs of many particles take. TEST timeout=600
. "$(dirname "$0")/support.bash"
case $entrain in
  */build/asan/*) echo "skipped: the address sanitizer takes memory of its own"; exit 0 ;;
esac

job() { # job FILE N D CHECKPOINT
  cat > "$1" << END
model: attention
sweep: {beta: [2], n: [$2], d: [$3], seed: {count: 1}}
time: {horizon: 2, record: [0.4, 0.9]}
limits: {checkpoint: $4}
END
}
job circle.yaml 1000000 2 never
job sphere.yaml 1000000 3 never
job kept.yaml 1000000 2 0.1
job one.yaml 600003 2 never
job sizes.yaml "600000, 600001, 600002, 600003" 2 never

taken() { # taken JOB: prints the largest resident memory, in bytes, of a run with one rank
  "$python" - "$entrain" "$1" << 'END'
import os, subprocess, sys
entrain, job = sys.argv[1:]
pid = subprocess.Popen([entrain, "run", job, "-o", job + ".h5", "-j", "1"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL).pid
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss * 1024)
sys.exit(status != 0)
END
}
said() { # said JOB: prints plan's memory/worker, in bytes
  "$entrain" plan "$1" | awk '/^memory\/worker/ { print $2 * ($3 == "GB" ? 1e9 : $3 == "MB" ? 1e6 : 0) }'
}
is_near() { # is_near BYTES OTHER SHARE
  echo "$1 bytes, and $2"
  awk "BEGIN { exit !($1 > 0 && $2 > 0 && $1 <= (1 + $3) * $2 && $2 <= (1 + $3) * $1) }"
}
tells() {
  local bytes
  bytes=$(taken "$1") && is_near "$(said "$1")" "$bytes" 0.1
}
no_more_than_one() {
  local one four
  one=$(taken one.yaml) && four=$(taken sizes.yaml) && is_near "$one" "$four" 0.03
}
check "plan knows what a million particles on the circle take" tells circle.yaml
check "and many on the sphere" tells sphere.yaml
check "and with a checkpoint of the job" tells kept.yaml
check "jobs of four sizes take one after the other what the largest takes" no_more_than_one
finish

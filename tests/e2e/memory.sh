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
job sizes.yaml "600000, 600001, 600002, 600003" 2 never

tells() { # tells JOB SHARE: the largest resident memory of a run with one rank is within SHARE of plan's memory/worker
  "$python" - "$entrain" "$1" "$2" << 'END'
import os, re, subprocess, sys
entrain, job, share = sys.argv[1:]
plan = subprocess.run([entrain, "plan", job], capture_output=True, text=True, check=True).stdout
number, unit = re.search(r"^memory/worker +([0-9.]+) (\w+)$", plan, re.M).groups()
said = float(number) * {"MB": 1e6, "GB": 1e9}[unit]
pid = subprocess.Popen([entrain, "run", job, "-o", job + ".h5", "-j", "1"], stderr=subprocess.DEVNULL).pid
_, status, usage = os.wait4(pid, 0)
taken = usage.ru_maxrss * 1024
print(f"plan says {said:.3g} bytes, the run took {taken:.3g}")
assert status == 0 and abs(taken / said - 1) < float(share)
END
}
check "plan knows what a million particles on the circle take" tells circle.yaml 0.1
check "and many on the sphere" tells sphere.yaml 0.1
check "and with a checkpoint of the job" tells kept.yaml 0.1
check "and little more one job after the other of four sizes" tells sizes.yaml 0.17
finish

#!/bin/bash
# Every command's help and usage errors, the tables of models, the plan, and what a terminal shows.
. "$(dirname "$0")/support.bash"
commands="run plan status report export replay submit models"
cat > job.yaml << 'EOF'
name: small
model: attention
sweep: {beta: [0, 1, 2, 3], n: [8], d: [2], seed: {count: 50}}
time: {horizon: 10}
EOF

helps() {
  local command
  all gives 0 "$entrain" --help , gives 0 "$entrain" --version || return 1
  for command in $commands; do
    gives 0 "$entrain" "$command" --help && [ -s out ] && [ ! -s err ] || return 1
    gives 0 "$entrain" "$command" --usage || return 1
  done
}
usage_errors() {
  local command
  all gives 2 "$entrain" , gives 2 "$entrain" rnu || return 1
  for command in $commands; do
    gives 2 "$entrain" "$command" --no-such-option && [ ! -s out ] && [ -s err ] || return 1
    [ "$command" = models ] || gives 2 "$entrain" "$command" || return 1
  done
  gives 2 "$entrain" run job.yaml -j 0 && gives 2 "$entrain" run job.yaml --only x-3 &&
    gives 2 "$entrain" models atention && says "did you mean 'attention'" &&
    gives 2 "$entrain" models nothing-like-it && says "'entrain models' lists what there is" &&
    gives 2 "$entrain" replay small.h5 && gives 2 "$entrain" status missing.h5
}
narrow() { # help fits a terminal of 80 columns
  local command
  make -s -C "$root" help | awk 'length > 80 {print; bad = 1} END {exit bad}' || return 1
  for command in "" $commands; do
    "$entrain" $command --help | awk -v c="$command" 'length > 80 {print c ": " $0; bad = 1} END {exit bad}' || return 1
  done
}
check "every command's --help gives 0" helps
check "and fits 80 columns" narrow
check "a usage error gives 2 and says so on stderr" usage_errors

models() {
  local name
  gives 0 "$entrain" models || return 1
  for name in attention kuramoto equiangular uniform orthogonal simplex clusters twisted file order_parameter; do
    grep -q "^  $name " out || { echo "no $name"; return 1; }
  done
  for name in attention kuramoto equiangular uniform orthogonal simplex clusters twisted file order_parameter \
      pair_overlap energy; do
    gives 0 "$entrain" models $name && grep -q "$name" out || return 1
    ! grep '.\{81\}' out || return 1
  done
}
in_columns() { # a line that goes on does so under its own text
  "$entrain" models | awk '/^solver:/ {exit bad}
    /^  / {begin = match($0, /^  [a-z_0-9]+  +/) ? RLENGTH + 1 : match($0, /[^ ]/)}
    /^  / && begin != 25 {print; bad = 1} END {exit bad}'
}
check "models is in columns" in_columns
check "models lists what can be swept, and tells each in 80 columns" models
check "plan prints rows, sizes and times" \
  all gives 0 "$entrain" plan job.yaml , grep -q '^rows  *200$' out , grep -q '^makespan' out , grep -q 'core-hours' out
is_narrow() { ! grep -qE '.{81}' "$1"; }
check "and where it would be written, by whom, and what a death costs" \
  all grep -q '^file system  *[a-z0-9]*, .* left' out , grep -q '^writer  *the ' out , grep -q '^memory/master' out , \
  grep -q '^checkpoints  *every 5 min 00 s ' out , \
  grep -q '^  *of up to 200 jobs at once' out , is_narrow out , grep -q '^synced' out
check "and writes nothing" test ! -e results
mean_is_in_range() { # the mean of one row, as printed, lies between the least and the most of its probes
  "$python" - << 'EOF'
import re
line = next(line for line in open("out") if line.startswith("one row"))
unit = {"us": 1e-6, "ms": 1e-3, "s": 1}
mean, least, most = (float(a) * unit[b] for a, b in re.findall(r"([0-9.]+) (us|ms|s)\b", line))
assert least <= mean <= most, line
EOF
}
cat > one.yaml << 'EOF'
name: one
model: attention
sweep: {beta: [2], n: [32], d: [2], seed: {count: 64}}
time: {horizon: 10}
EOF
check "of one cell plan times several seeds" all gives 0 "$entrain" plan one.yaml , says "(24 probes: " , mean_is_in_range , \
  grep -q '^core-hours .*(+- [0-9]* %)' out , says "whose start comes on top"
sed 's/count: 64/count: 1/' one.yaml > single.yaml
check "a sweep of one row it times as a whole" all gives 0 "$entrain" plan single.yaml , says "(1 probe: " , mean_is_in_range , \
  eval '! grep -qF "+-" out'
sed 's/\[2\], n/[2, 3], n/; s/count: 64/count: 1/' one.yaml > pair.yaml
check "and so both rows of two" all gives 0 "$entrain" plan pair.yaml , says "(2 probes: " , mean_is_in_range
sed 's/\[32\]/[200000]/; s/d: \[2\]/d: [4]/' one.yaml > big.yaml
check "where a probe is cut off it does not go on with others of the cell" \
  all gives 0 "$entrain" plan big.yaml , says "(1 probe: " , says "1 of 1 probe took longer"
printf 'output: {writer: master}\nlimits: {checkpoint: never}\n' | cat job.yaml - > other.yaml
check "what the job file says of it is told" all gives 0 "$entrain" plan other.yaml -o /dev/shm/none/x.h5 , \
  says "the master (output.writer)" , says "file system    tmpfs" , says "never (limits.checkpoint)" , test ! -e /dev/shm/none

check "the results file is results/<name>.h5 when none is named" gives 0 "$entrain" run job.yaml -j 1
check "results are on stdout, talk on stderr" all grep -q '^results/small.h5: 200 rows: 200 done' out , grep -q '100%' err
long_name=a-name-so-long-that-its-last-line-is-wide
narrow_end() { # rows and verdicts are never torn apart, lines end at commas
  ! grep '.\{81\}' out && head -n 1 out | grep -q ',$' && grep -q '200 done (' out && grep -q '0 failed' out
}
check "the last line is broken where a name is long" all gives 0 "$entrain" run job.yaml -j 1 -o $long_name.h5 , narrow_end
check "a run in a terminal of 80 columns" gives 0 "$python" "$e2e/terminal.py" 80 0 - "$entrain" run job.yaml --fresh
fits() { # every drawn progress line is shorter than the terminal
  tr '\r' '\n' < out | sed 's/\x1b\[K//g' | grep '%.*rows' > lines && awk 'length > 79 {print; bad = 1} END {exit bad}' lines
}
check "its progress line fits" fits
check "it ends with the summary" grep -q '200 done' out
check "-h is --help" all gives 0 "$entrain" run -h , says "Started by hand" , gives 0 "$entrain" status -h , says "--watch"
no_note() { ! grep -q 'Mandatory or optional' out; }
check "which tells nothing of options in general" no_note
finish

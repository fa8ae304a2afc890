#!/bin/bash
# `entrain submit` without a Slurm: what it writes, says and refuses. sbatch, srun, sinfo and mpirun are small scripts.
. "$(dirname "$0")/support.bash"
cat > job.yaml << 'END'
name: small
model: attention
sweep: {beta: [1, 5], n: [8], d: [2], seed: {count: 4}}
time: {horizon: 10}
END
mkdir none bin
submit() { # submit ARGUMENTS...: with a Slurm of scripts
  PATH=$work/bin:$PATH "$entrain" submit "$@"
}
alone() { # alone ARGUMENTS...: no program is found
  PATH=$work/none "$entrain" submit "$@"
}
fake() { # fake NAME: the script is read from stdin
  { echo '#!/bin/bash'; cat; } > "bin/$1" && chmod +x "bin/$1"
}
fake sbatch << 'END'
[ "$1" != --version ] || exit 0
printf '%s\n' "$@" > "$SAID"
[ ! -e "$SAID.refuse" ] || { echo 'sbatch: error: Invalid account' >&2; exit 1; }
echo '4711;cluster'
END
fake squeue <<< 'touch queue; cat queue'
fake sinfo <<< "printf 'short 8\nlong* 64+\n'"
fake srun <<< "printf 'MPI plugin types are...\n\tnone\n\tpmi2\n'"
fake mpirun <<< "echo 'mpirun (Open MPI) 4.1.4'"
export SAID=$work/sbatch.said

written() { # written TEXT: the batch script has this line
  grep -qxF -- "$1" results/small.sbatch || { cat results/small.sbatch; return 1; }
}
check "submit hands its script to sbatch" gives 0 submit job.yaml --nodes 3 --ntasks-per-node 16 --time 1-12 \
  --partition long --account a.b --qos high
check "as one argument" test "$(cat sbatch.said)" = "$(printf -- '--parsable\n--\n%s' "$work/results/small.sbatch")"
check "only the number of the job goes to stdout" test "$(cat out)" = 4711
check "it says how the job is followed and ended" all says "entrain status $work/results/small.h5" , \
  says "tail -f $work/results/small.log" , says "scancel --signal=USR1 --batch 4711" , says "scancel 4711"
check "and what was asked for, with its units" says "job 4711, 3 nodes with 16 tasks each, 1 d 12 h of wall time"
check "what was asked for is in the script" all written "#SBATCH --nodes=3" , written "#SBATCH --ntasks-per-node=16" , \
  written "#SBATCH --time=1-12" , written "#SBATCH --partition=long" , written "#SBATCH --account=a.b" , \
  written "#SBATCH --qos=high" , written "#SBATCH --signal=B:USR1@120" , written "#SBATCH --open-mode=append" , \
  written "#SBATCH --requeue" , written "#SBATCH --output=\"$work/results/small.log\"" , written "launcher=mpirun"
check "the script is one that bash can read" bash -n results/small.sbatch
check "without --ntasks-per-node there is a task for each processor" gives 0 submit job.yaml --nodes 1 --time 5
check "of the default partition" written "#SBATCH --ntasks-per-node=64"
check "a short job gets no signal, which Slurm may send a minute early" eval '! grep -q "^#SBATCH --signal" results/small.sbatch'
check "or of the wanted one" all gives 0 submit job.yaml --nodes 1 --time 5 --partition short , \
  written "#SBATCH --ntasks-per-node=8"
touch sbatch.said.refuse
check "a refusal of sbatch gives 1" gives 1 submit job.yaml --nodes 1 --time 5
check "and its words are shown" all says "Invalid account" , says "sbatch refused"
rm sbatch.said.refuse

cp bin/sinfo answers
fake sinfo <<< "echo 'sinfo: fatal: Could not establish a configuration source' >&2; exit 1"
rm results/small.sbatch
check "where no cluster answers that is said once, and nothing is written" all \
  gives 2 submit job.yaml --nodes 1 --ntasks-per-node 2 --time 5 , says "no Slurm cluster answers, nothing was submitted" , \
  grep -qx '  sinfo: fatal: Could not establish a configuration source' err , test ! -e results/small.sbatch , eval '[ "$(grep -c fatal err)" = 1 ]'
check "a dry run does not ask it" gives 0 submit job.yaml --nodes 1 --ntasks-per-node 2 --time 5 --dry-run
mv answers bin/sinfo
check "a dry run needs no Slurm" gives 0 alone job.yaml --nodes 2 --ntasks-per-node 4 --time 5 --dry-run
check "and shows what it writes" cmp out results/small.sbatch
check "it warns that there is no mpirun" says "there is no mpirun here"
rm -r results
check "otherwise a machine without sbatch is refused" gives 2 alone job.yaml --nodes 2 --ntasks-per-node 4 --time 5
check "with a word of help" all says "'sbatch' is not found" , says "--dry-run"
check "and nothing is written" test ! -e results

refused() { # refused TEXT ARGUMENTS...
  local text=$1
  shift
  gives 2 submit job.yaml "$@" && says "$text" && [ ! -s out ] && [ ! -e results ]
}
check "--nodes is needed" refused "--nodes is missing" --time 5
check "--time is needed" refused "--time is missing" --nodes 1
check "a time that Slurm cannot read is refused" refused "--time 'soon'" --nodes 1 --time soon
check "a number that is none is refused" refused "--nodes '2x'" --nodes 2x --time 5
check "a name that is none is refused" refused "--partition 'a b'" --nodes 1 --time 5 --partition 'a b'
check "nor may it be taken for an option" refused "--account '-x'" --nodes 1 --time 5 --account=-x
check "an unknown launcher is refused" refused "--launcher 'ssh'" --nodes 1 --time 5 --launcher ssh
check "more parts than rows are refused" refused "--array 9" --nodes 1 --time 5 --array 9
sed -i 's/attention/atention/' job.yaml
check "a job file with faults is refused with its faults" refused "job.yaml:2:8: error:" --nodes 1 --time 5
sed -i 's/atention/attention/' job.yaml
check "a file is made by a run" gives 0 "$entrain" run job.yaml -o x.h5 -j 1
sed 's/horizon: 10/horizon: 11/' job.yaml > other.yaml
check "a file of another study is refused" gives 2 submit other.yaml -o x.h5 --nodes 1 --time 5
check "and the difference named" says time.horizon
check "and the command that has --fresh, which submit has not" says "entrain run --fresh"

# A sweep that needs no job, or has one.
check "of a complete sweep nothing is submitted" all gives 0 submit job.yaml -o x.h5 --nodes 1 --time 5 , \
  says "nothing is pending for 'x.h5'" , test ! -s out , test ! -e x.sbatch
check "nor of one whose parts are there in the whole" all gives 0 submit job.yaml -o x.h5 --nodes 1 --time 5 --array 2 , \
  says "nothing is pending" , test ! -e x.sbatch
check "parts are made by runs" all gives 0 "$entrain" run job.yaml -o y.0.h5 -j 1 --only 0-3 , \
  gives 0 "$entrain" run job.yaml -o y.1.h5 -j 1 --only 4-6
check "a row of a part that is pending is submitted" gives 0 submit job.yaml -o y.h5 --nodes 1 --time 5 --array 2
rm y.sbatch
check "the last row is computed" gives 0 "$entrain" run job.yaml -o y.1.h5 -j 1 --only 7
check "parts that have all their rows are not" all gives 0 submit job.yaml -o y.h5 --nodes 1 --time 5 --array 2 , \
  says "nothing is pending" , test ! -e y.sbatch
twice() { # twice LINE: the line of squeue refuses the submission, which writes nothing
  echo "$1" > queue
  cp z.sbatch before
  gives 2 submit job.yaml -o "${2:-z.h5}" --nodes 2 --time 9 && says "Slurm job 41 is ${3:-PENDING}" && test ! -s out &&
    cmp before z.sbatch
}
check "a sweep is submitted" gives 0 submit job.yaml -o z.h5 --nodes 1 --time 5
rm sbatch.said
check "it is refused while its job waits" twice "41|N/A|PENDING|Priority|5:00|N/A|$work/z.sbatch"
check "and while it runs" twice "41|N/A|RUNNING|None|5:00|N/A|$work/z.sbatch" z.h5 RUNNING
check "nothing was handed to sbatch" test ! -e sbatch.said
check "another file's job is no reason" gives 0 submit job.yaml -o w.h5 --nodes 1 --time 5
: > queue
check "a sweep is submitted in parts" gives 0 submit job.yaml -o z.h5 --nodes 1 --time 5 --array 2
check "a part alone is refused while its task waits" twice "41|1|PENDING|Priority|5:00|N/A|$work/z.sbatch" z.1.h5
check "a part that is no longer in the queue is not" gives 0 submit job.yaml -o z.0.h5 --nodes 1 --time 5
: > queue

check "--array makes parts" gives 0 submit job.yaml -o parts.h5 --nodes 1 --time 5 --array 3
check "and tells how to put them together" says "entrain merge $work/parts.*.h5 -o $work/parts.h5"
check "each with a log of its own" all grep -qx '#SBATCH --array=0-2' parts.sbatch , grep -qx 'total=8 parts=3' parts.sbatch , \
  grep -qxF '#SBATCH --output="'"$work/parts.%a.log\"" parts.sbatch
check "--array none makes none" all gives 0 submit job.yaml --nodes 1 --time 5 --array none , \
  eval '! grep -q "^#SBATCH --array" results/small.sbatch'

fake mpirun <<< "echo 'HYDRA build details:'"
check "an mpirun that is not Open MPI's is warned of" all gives 0 submit job.yaml --nodes 1 --time 5 , \
  says "mpirun is not Open MPI's"
fake srun <<< "printf 'MPI plugin types are...\n\tpmix_v4\n' >&2"
check "or srun is taken where it has PMIx" all gives 0 submit job.yaml --nodes 1 --time 5 , written launcher=srun
fake mpirun <<< "echo 'mpirun (Open MPI) 5.0.3'"
check "Open MPI 5 is taken" all gives 0 submit job.yaml --nodes 1 --time 5 , written launcher=mpirun
check "with what is known of it" says "Open MPI 5 or later"
check "unless srun is wanted" all gives 0 submit job.yaml --nodes 1 --time 5 --launcher srun , written launcher=srun
check "with what that means" says "the death of one ends the step"

# Names that would do harm if any of them were executed or expanded.
wild=$(printf "a 'b' \"c\" \$(touch bad) \`touch bad\` \\ # %%j %%%% ; & * ~ x\ny")
mkdir -p "$wild" && cp job.yaml "$wild/$wild.yaml"
block() { # what the shell reads of the block of a script
  sed -n '/^# --- the block/,/^# --- end/p' "$1" > block
  (. ./block && printf '%s\0' "$entrain" "$job" "$out" "${petsc_options[@]}")
}
read_back() {
  gives 0 submit "$wild/$wild.yaml" -o "$wild/o $wild.h5" --nodes 1 --time 5 -- -ts_adapt_safety '$(touch${IFS}bad)' &&
    block "$wild/o $wild.sbatch" > found &&
    printf '%s\0' "$entrain" "$work/$wild/$wild.yaml" "$work/$wild/o $wild.h5" -ts_adapt_safety '$(touch${IFS}bad)' |
      cmp - found
}
check "whatever the names, the shell reads them back as they are" read_back
check "nothing of them was executed" test ! -e bad
check "no line of them became a directive" test "$(grep -c '^#SBATCH' "$wild/o $wild.sbatch")" = 7
check "the log is in the current folder then" grep -qx '#SBATCH --output="entrain-%j.log"' "$wild/o $wild.sbatch"
check "a name of one line is in the directive" gives 0 submit job.yaml -o "a 'b' %j #.h5" --nodes 1 --time 5
check "such that sbatch reads it back" grep -qxF "#SBATCH --output=\"$work/a 'b' %%j #.log\"" "a 'b' %j #.sbatch"
finish

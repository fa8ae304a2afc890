#!/bin/bash
# local-cluster.sh up|down|status|env [FOLDER]: a real Slurm with two virtual nodes on this machine, for tests and
# for trying things out. Debian's slurmctld, slurmd and munged, as root, on loopback only, without systemd; all their
# files are in FOLDER (default: /tmp/entrain-cluster).
#
#   up           starts what does not run yet, and waits until both nodes are idle
#   env          prints the variables for a shell: eval "$(slurm/local-cluster.sh env)", then sbatch, squeue, ...
#   status       says what runs; exit status 1 when it is not all there
#   down         cancels all jobs, ends every process and removes FOLDER
#   fail NODE    node1 or node2 loses its power: every process on it is killed
#   repair NODE  switches it on again
#
# The last two take FOLDER as a third argument. A node is a slurmd in a mount and a UTS namespace of its own, so that
# it has its own host name; whatever runs on the node is in these namespaces and is found by them.
set -u

nodes="node1 node2"
cpus=16      # of a node: more than this machine may have, so that small jobs do not wait for each other
first_port=17000
patience=60  # seconds for anything to happen

usage() {
  sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

die() {
  echo "local-cluster: $*" >&2
  exit 1
}

until_true() { # until_true SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

check_machine() {
  local program
  [ "$(id -u)" = 0 ] || die "must be root: namespaces and slurmd need it"
  for program in munged slurmctld slurmd sbatch; do
    command -v $program > /dev/null || die "'$program' is missing: .ci/install-deps slurm installs Debian's Slurm"
  done
  unshare --uts --mount true 2> /dev/null || die "this machine allows no namespaces (unshare --uts --mount)"
}

# Whether the folder was made by `up`: only then its configuration is believed, and it is removed at the end.
is_ours() {
  [ -O "$folder" ] && [ -O "$folder/slurm.conf" ] && grep -qxF "StateSaveLocation=$folder/state" "$folder/slurm.conf"
}

# Whether the folder is not there, or is an empty one of ours.
is_free() {
  [ ! -e "$folder" ] || { [ -d "$folder" ] && [ -O "$folder" ] && [ -z "$(ls -A "$folder")" ]; }
}

lives() { # lives PID NAME: it is this program and no zombie
  [ -n "$1" ] && [ "$(cat "/proc/$1/comm" 2> /dev/null)" = "$2" ] && ! grep -q ') [ZX] ' "/proc/$1/stat" 2> /dev/null
}

pid_of() { # pid_of munged|slurmctld|node1|node2: its process, if it still is ours
  local pid name=$1
  pid=$(cat "$folder/$1.pid" 2> /dev/null)
  case $1 in node*) name=slurmd ;; esac
  lives "$pid" $name && tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qF "$folder/" && echo "$pid"
}

processes_of() { # processes_of NODE: all in the mount namespace of the node
  local namespace pid
  namespace=$(cat "$folder/$1.namespace" 2> /dev/null)
  [ -n "$namespace" ] || return 0
  for pid in /proc/[0-9]*; do
    [ "$(readlink "$pid/ns/mnt" 2> /dev/null)" = "$namespace" ] || continue
    pid=${pid#/proc/}
    grep -q ') [ZX] ' "/proc/$pid/stat" 2> /dev/null || echo "$pid"
  done
}

free_ports() { # free_ports COUNT: ports that nobody listens on
  local port=$first_port count=$1 used
  used=$(awk 'FNR > 1 {split($2, at, ":"); print at[2]}' /proc/net/tcp /proc/net/tcp6 2> /dev/null)
  while [ "$count" -gt 0 ] && [ $port -lt 32000 ]; do
    grep -qx "$(printf '%04X' $port)" <<< "$used" || { echo $port; count=$((count - 1)); }
    port=$((port + 1))
  done
}

write_configuration() {
  local ports
  # shellcheck disable=SC2207
  ports=($(free_ports 3))
  mkdir -p "$folder"/{state,munge,spool,tmp} && chmod 755 "$folder" "$folder/munge" || die "no folder '$folder'"
  mkdir -p "$folder"/tmp/{node1,node2} && chmod 1777 "$folder"/tmp/node?
  (umask 077 && head -c 1024 /dev/urandom > "$folder/munge/key")
  printf '127.0.0.1 localhost %s\n' "$nodes" > "$folder/hosts"
  cat > "$folder/slurm.conf" << CONF
ClusterName=entrain
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
# a requeued job waits for the end of its credential: 2 minutes otherwise
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
TmpFS=$folder/tmp/%n
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/jobs.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=15
KillWait=30
SchedulerParameters=bf_interval=2,sched_interval=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${ports[1]} CPUs=$cpus RealMemory=2000
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${ports[2]} CPUs=$cpus RealMemory=2000
PartitionName=normal Nodes=node[1-2] Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes=node[1-2] MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
CONF
}

start_munged() {
  [ -n "$(pid_of munged)" ] && return
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/munge/seed" || die "munged does not start, see $folder"
}

start_slurmctld() {
  [ -n "$(pid_of slurmctld)" ] && return
  unshare --uts bash -c 'hostname localhost && exec slurmctld -f "$1/slurm.conf"' - "$folder" ||
    die "slurmctld does not start, see $folder/slurmctld.log"
}

# The host name and the hosts file are the node's own; the mount ends with the namespace.
start_node() { # start_node NODE
  [ -n "$(pid_of "$1")" ] && return
  mkdir -p "$folder/spool/$1"
  # shellcheck disable=SC2016
  unshare --uts --mount bash -c '
    hostname "$1" && mount --bind "$2/hosts" /etc/hosts && readlink /proc/self/ns/mnt > "$2/$1.namespace" || exit 1
    export TMPDIR="$2/tmp/$1"
    exec slurmd -N "$1" -f "$2/slurm.conf"' - "$1" "$folder" < /dev/null ||
    die "slurmd of $1 does not start, see $folder/$1.log"
}

is_idle() { # is_idle NODE
  [ "$(sinfo -h -n "$1" -p normal -o %T)" = idle ]
}

is_up() { # is_up NODE: jobs can run on it
  case $(sinfo -h -n "$1" -p normal -o %T) in idle | mixed | allocated | completing) ;; *) return 1 ;; esac
}

up() {
  local node
  check_machine
  [[ $folder =~ ^/[A-Za-z0-9._/-]{1,70}$ ]] || die "'$folder', must be an absolute path of at most 70 plain characters"
  if ! is_ours; then
    is_free || die "'$folder' is not of this script, must be empty or not there: \`down\` would remove all of it"
    write_configuration
  fi
  start_munged
  until_true $patience test -S "$folder/munge/socket" || die "munged does not answer, see $folder/munged.log"
  start_slurmctld
  until_true $patience scontrol ping || die "slurmctld does not answer, see $folder/slurmctld.log"
  for node in $nodes; do start_node "$node"; done
  for node in $nodes; do until_true $patience is_up "$node" || die "$node does not come up, see $folder/$node.log"; done
  echo "local-cluster: two nodes with $cpus processors each are up; eval \"\$($0 env $folder)\""
}

all_gone() { # all_gone PID...
  local pid
  for pid in "$@"; do [ -e "/proc/$pid/stat" ] && ! grep -q ') [ZX] ' "/proc/$pid/stat" && return 1; done
  true
}

# Ends processes in good order, and those that do not end with SIGKILL.
end_processes() {
  [ $# -gt 0 ] || return 0
  kill -TERM "$@" 2> /dev/null
  until_true 10 all_gone "$@" && return
  kill -KILL "$@" 2> /dev/null
  until_true 10 all_gone "$@" || echo "local-cluster: not ended: $*" >&2
}

fail_node() { # fail_node NODE
  local left
  while left=$(processes_of "$1") && [ -n "$left" ]; do
    # shellcheck disable=SC2086
    kill -KILL $left 2> /dev/null
    sleep 0.05
  done
}

down() {
  local node
  is_ours || { echo "local-cluster: nothing runs in '$folder'"; return 0; }
  [ "$(id -u)" = 0 ] || die "must be root"
  if [ -n "$(pid_of slurmctld)" ]; then
    timeout 10 scancel --quiet --state=PENDING,RUNNING,SUSPENDED --user=root 2> /dev/null
    # shellcheck disable=SC2046
    end_processes $(pid_of slurmctld)
  fi
  # shellcheck disable=SC2046
  for node in $nodes; do end_processes $(pid_of "$node"); fail_node "$node"; done
  # shellcheck disable=SC2046
  end_processes $(pid_of munged)
  rm -rf "$folder"
  echo "local-cluster: ended"
}

status() {
  local name missing=0
  for name in munged slurmctld $nodes; do
    if [ -n "$(pid_of "$name")" ]; then echo "$name: process $(pid_of "$name")"; else echo "$name: not there"; missing=1; fi
  done
  [ $missing = 0 ] && sinfo -N && squeue
  return $missing
}

# For a shell, and for programs that are started by hand: Open MPI keeps to loopback on these nodes, and root may use it.
print_env() {
  cat << ENV
export SLURM_CONF=$folder/slurm.conf
export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader,tcp
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ENV
}

[ $# -ge 1 ] || usage
action=$1
shift
case $action in
  fail | repair)
    [ $# -ge 1 ] && [[ " $nodes " == *" $1 "* ]] || usage
    node=$1
    shift
    ;;
esac
[ $# -le 1 ] || usage
folder=$(realpath -m "${1:-/tmp/entrain-cluster}")
export SLURM_CONF=$folder/slurm.conf
case $action in
  env | fail | repair) is_ours || die "nothing runs in '$folder': local-cluster.sh up first" ;;
esac

case $action in
  up) up ;;
  down) down ;;
  status) status ;;
  env) print_env ;;
  fail) fail_node "$node" ;;
  repair) start_node "$node" && until_true $patience is_up "$node" ;;
  *) usage ;;
esac

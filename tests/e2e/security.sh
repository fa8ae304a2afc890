#!/bin/bash
# TEST timeout=600
# Names and paths are never a command: not for the shell, not for gnuplot, not for a browser. Files are as the umask
# says. No rank listens on a network.
. "$(dirname "$0")/support.bash"
unset OMPI_MCA_btl OMPI_MCA_pml # the program's own choice is tested
mkdir here
cd here || exit 1

# A path with everything that a shell, gnuplot, HTML or mpirun could take for something else. No slash, so that it is
# one name; each command in it would leave a file.
wild=$'-x \'s\' "d" $(touch shell1) `touch shell2` ;touch shell3; @{system("touch gnuplot1")} %s \\ * ~ <i>&amp;\nline 2'
name='\"d\" '"'s'"' $(touch shell4) `touch gnuplot2` @{system(\"touch gnuplot3\")} %d \\ <script>x'
cat > "./$wild.yaml" << END
name: "$name"
model: attention
sweep: {beta: [0, 1, 2], n: [4, 8], d: [2], seed: {count: 6}}
time: {horizon: 5, record: {linspace: [0, 5, 6]}}
observe: [order_parameter]
END
job="./$wild.yaml" file="./out $wild.h5" folder="./report $wild"

harmless() { # no command was run: nothing but what was asked for has appeared
  local found
  found=$(find "$work" \( -name 'shell*' -o -name 'gnuplot[0-9]*' \) ! -path "$work/tmp/*")
  [ -z "$found" ] || { echo "commands were run: $found"; return 1; }
}
rows() { # rows FILE COUNT
  done_rows "$1" "$2" || { ls; return 1; }
}

check "a sweep by mpirun takes any path" all gives 0 "$entrain" run "$job" -o "$file" -j 2 , rows "$file" 36 , harmless
check "so does one without mpirun" all gives 0 "$entrain" run "$job" -o "./one $wild.h5" -j 1 , rows "./one $wild.h5" 36
check "with the same bits" "$python" "$e2e/rows.py" same "$file" "./one $wild.h5"
check "a path may begin with a dash behind --output=" all gives 0 "$entrain" run "$job" --output="$wild.h5" -j 1 , test -s "./$wild.h5"
check "status takes it" all gives 0 "$entrain" status "$file" , gives 0 "$entrain" status --json "$file" ,
json_is_whole() { "$python" -c 'import json; json.load(open("out"))'; }
check "and its JSON stays JSON" json_is_whole
check "replay takes it" all gives 0 "$entrain" replay "$file" --job 3 -o "./replay $wild.h5" , test -s "./replay $wild.h5" , harmless
check "export takes it" all gives 0 "$entrain" export "$file" --csv -o "./table $wild.csv" , test -s "./table $wild.csv" , harmless
check "as netCDF, too" all gives 0 "$entrain" export "$file" --netcdf -o "./phase $wild.nc" , test -s "./phase $wild.nc" , harmless
check "report draws with it" all gives 0 "$entrain" report "$file" -o "$folder" , test -s "$folder/phase.png" , test -s "$folder/report.html" , harmless
no_tags() {
  ! grep -n -o ".\{0,60\}<script>x.\{0,20\}\|.\{0,60\}<i>&amp;.\{0,20\}" "$folder/report.html" &&
    grep -q '<a href="cells.csv">cells.csv</a>' "$folder/report.html"
}
check "the page shows names as text" no_tags
again() { # the scripts that are kept for the user run no command either
  local script count=0
  cd "$folder" || return 1
  for script in *.gp *.gnuplot; do
    [ -e "$script" ] || continue
    count=$((count + 1))
    gnuplot "$script" > /dev/null || return 1
  done
  cd "$work/here" && [ $count != 0 ]
}
check "nor do the kept gnuplot scripts run a command" all again , harmless
check "drop takes it" all gives 0 "$entrain" drop "./one $wild.h5" --where 'n==8' , harmless

# Modes: what a umask allows, for files that are written anew and for those beside them.
modes() { # modes UMASK FILES FOLDERS
  local found
  (
    umask "$1"
    mkdir "mode-$1" && cd "mode-$1" && "$entrain" run "../$job" -o results/a.h5 -j 2 &&
      "$entrain" report results/a.h5 -o report && "$entrain" export results/a.h5 -o table.csv &&
      "$entrain" replay results/a.h5 --job 1 -o replay.h5
  ) > out 2> err || { cat out err; return 1; }
  found=$(find "mode-$1" -type f ! -perm "$2" -printf '%m %p\n'; find "mode-$1" -type d ! -perm "$3" -printf '%m %p\n')
  [ -z "$found" ] && [ "$(find "mode-$1" -type f | wc -l)" -ge 5 ] || { echo "$found"; ls -lR "mode-$1"; return 1; }
}
check "files are as umask 027 says" modes 027 640 750
check "and 077" modes 077 600 700
check "and 000" modes 000 666 777

# Sockets, as seen by strace: whoever listens on what.
listeners() { # listeners LOG: addresses that a process listened on, but loopback
  awk '
    / bind\(/ && / = 0$/ { split($0, part, /bind\(|,/); at[$1 " " part[2]] = $0 }
    / listen\(/ && / = 0$/ { split($0, part, /listen\(|,/); address = at[$1 " " part[2]]
      if (address ~ /AF_INET/ && address !~ /"127\.0\.0\.1"/ && address !~ /"::1"/) print address }' "$1"
}
traced() { # traced LOG COMMAND...: a line `PID call` for each
  local log=$1 part
  shift
  gives 0 strace -ff -o "$log" -e trace=bind,listen,execve "$@" || return 1
  # a file for each process, so that no call is told in two halves
  for part in "$log".*; do sed "s/^/${part##*.} /" "$part"; done > "$log"
}
solo() {
  traced solo.log "$entrain" run "$job" -o solo.h5 -j 1 || return 1
  ! grep ' listen(' solo.log
}
ranks() { # mpirun itself listens: Open MPI's daemons find each other there
  local mpirun
  traced ranks.log "$entrain" run "$job" -o ranks.h5 -j 2 || return 1
  mpirun=$(awk '/execve\("[^"]*mpirun", / && / = 0$/ { print $1 }' ranks.log)
  [ -n "$mpirun" ] && [ "$(grep -c 'execve("[^"]*entrain", .* = 0$' ranks.log)" = 4 ] || { grep execve ranks.log; return 1; }
  listeners ranks.log | grep -v "^$mpirun " | tee found
  [ ! -s found ]
}
if strace -o /dev/null true 2> err; then
  check "nothing listens on a network in a run without mpirun" solo
  check "no rank does in a run by mpirun" ranks
  printf '1 bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n1 listen(3, 9) = 0\n' > wide.log
  check "which would have been seen" test "$(listeners wide.log | wc -l)" = 1
else
  echo "skipped: strace cannot trace here: $(cat err)"
fi
finish

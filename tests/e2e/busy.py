"""How busy the ranks of a run are: user and system time of each, from /proc, shortly before its end.

    busy.py entrain run JOB.yaml ...

Prints a table and exits with 1 when the master took more than 3 % of a core or a worker less than 95 % in user code.
The time that a worker waited for a core (/proc/PID/schedstat) is told and left out: it says what the master and other
programs took, not what the worker did. Not a test (no test asserts a time): docs/performance.md shows what it gave.
"""
import os
import subprocess
import sys
import time

from processes import children

TICKS = os.sysconf("SC_CLK_TCK")


def times(pid):
    """User time, system time and time in the queue for a core, in seconds; None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{pid}/schedstat") as file:
            queued = int(file.read().split()[1]) / 1e9
    except OSError:
        return None
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS, queued


def main(command):
    run = subprocess.Popen(command)
    first, last = {}, {}
    while run.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        ranks = [rank for launcher in children(run.pid) for rank in children(launcher)]
        for number, pid in enumerate(ranks):
            used = times(pid)
            if used and len(ranks) > 1:
                first.setdefault(number, (now, *used))
                last[number] = (now, *used)
    is_good = run.returncode == 0 and len(last) > 1
    for number in sorted(last):
        wall, user, system, queued = (b - a for a, b in zip(first[number], last[number]))
        name, own = (f"worker {number}", wall - queued) if number else ("master", wall)
        shares = f"user {100 * user / own:5.1f} %   system {100 * system / own:4.1f} %"
        print(f"{name:9} {wall:6.1f} s, waited {queued:5.1f} s for a core   {shares}")
        is_good &= user + system < 0.03 * own if number == 0 else user > 0.95 * own
    return 0 if is_good else 1


sys.exit(main(sys.argv[1:]))

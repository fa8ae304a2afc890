"""Kills a run again and again with SIGKILL, starts the same command again, and in the end leaves it alone.

    kill_and_resume.py SEED KILLS entrain run JOB.yaml ...

Moments and victims are drawn by the seed. A victim is the parent `entrain run`, mpirun, all ranks, or one rank with
its process group. After each kill no process of the run may be left after 10 seconds. The exit status is 0 when
enough kills hit a run that was computing, and the last run ended with 0.
"""
import os
import random
import signal
import subprocess
import sys
import time

VICTIMS = ("mpirun", "rank", "parent", "ranks", "master")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def identity(pid):
    """Start time of a living process, None when it is gone: with the pid it names a process."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def kill(pid):
    """Kills a process; with its group where it leads one."""
    try:
        group = os.getpgid(pid)
        if group == pid and group != os.getpgid(0):
            os.killpg(group, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass


def family(run):
    """[mpirun], [ranks in order] of a run, empty while they are not there."""
    launcher = children(run.pid)
    return launcher, (children(launcher[0]) if launcher else [])


def all_gone(processes):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        left = [pid for pid, start in processes if start and identity(pid) == start]
        if not left:
            return True
        time.sleep(0.05)
    print(f"left after 10 s: {left}")
    for pid in left:
        kill(pid)
    return False


def start(command):
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)


def wait_for_ranks(run, wanted):
    while run.poll() is None:
        launcher, ranks = family(run)
        if len(ranks) >= wanted:
            return launcher, ranks
        time.sleep(0.01)
    return [], []


def one_kill(command, victim, moment, wanted):
    """Starts a run and kills its victim; returns whether it was hit, and whether nothing was left."""
    run = start(command)
    launcher, ranks = wait_for_ranks(run, wanted)
    try:
        run.wait(moment)
        print(f"exit status {run.returncode} after less than {moment:.2f} s")
        return False, run.returncode in (0, None)
    except subprocess.TimeoutExpired:
        pass
    processes = [(pid, identity(pid)) for pid in [run.pid] + launcher + ranks]
    victims = {"parent": [run.pid], "mpirun": launcher, "ranks": ranks, "rank": ranks[-1:], "master": ranks[:1]}
    for pid in victims[victim]:
        os.kill(pid, signal.SIGKILL) if victim == "parent" else kill(pid)
    run.wait()
    print(f"killed {victim} after {moment:.2f} s, exit status {run.returncode}", flush=True)
    return True, all_gone(processes)


def main(seed, kills, command):
    draw = random.Random(seed)
    hits = 0
    wanted = int(command[command.index("-j") + 1]) + 1
    for k in range(kills):
        is_hit, is_clean = one_kill(command, VICTIMS[k % len(VICTIMS)], draw.uniform(0.05, 1.0), wanted)
        if not is_clean:
            return 1
        hits += is_hit
    last = start(command)
    last.wait(300)
    print(f"{hits} kills hit, at last exit status {last.returncode}")
    return 0 if last.returncode == 0 and hits >= min(kills, 3) else 1


sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))

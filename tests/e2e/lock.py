"""Writes the lock of a run that is not there, as a run would have left it.

    lock.py OUT.h5 PID KEY=VALUE...

The launcher and the one rank are the process PID of this host. KEY is a key of the lock or, as progress.KEY, of its
progress, VALUE JSON; host=NAME moves launcher and rank to another host, age=SECONDS is the age of the heartbeat,
ranks=[] leaves the rank out, rank=PID makes another process the rank.
"""
import json
import os
import socket
import sys
import time


def process(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            start = int(stat.read().rsplit(")", 1)[1].split()[19])
    except FileNotFoundError:
        start = 1
    return {"host": socket.gethostname(), "pid": pid, "start": start}


def main(path, pid, *changes):
    age = 0
    lock = {"format": 1, "launcher": process(int(pid)), "slurm_job": -1, "restart": 0, "heartbeat": 0,
            "progress": {"done": 8, "failed": 0, "total": 12, "rate": 2.5, "eta": 600, "started": time.time() - 20},
            "ranks": [process(int(pid))]}
    for change in changes:
        key, text = change.split("=", 1)
        if key == "host":
            lock["launcher"]["host"] = lock["ranks"][0]["host"] = text
        elif key == "age":
            age = float(text)
        elif key == "rank":
            lock["ranks"] = [process(int(text))]
        elif key.startswith("progress."):
            lock["progress"][key.split(".")[1]] = json.loads(text)
        else:
            lock[key] = json.loads(text)
    then = time.time() - age
    lock["heartbeat"] = then
    with open(path + ".lock", "w") as file:
        json.dump(lock, file)
    os.utime(path + ".lock", (then, then))


main(*sys.argv[1:])

"""The processes of a run, from /proc: what tests that kill, stop and measure ranks share."""
import os
import signal

MARK = "ENTRAIN_TEST_MARK"  # a variable whose value all processes of one run inherit


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def variable(pid, name):
    """A variable of a process as it was when its program began; None when the process or the variable is not there."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return None
    start = name.encode() + b"="
    return next((entry[len(start):].decode() for entry in entries if entry.startswith(start)), None)


def lives(pid):
    """Whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def marked(mark):
    """All living processes with this mark."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if variable(pid, MARK) == mark and lives(pid)]


def family(parent):
    """mpirun and the ranks {number: pid} of an `entrain run`; None and {} while they are not there."""
    for launcher in children(parent):
        numbers = {pid: variable(pid, "OMPI_COMM_WORLD_RANK") for pid in children(launcher)}
        return launcher, {int(number): pid for pid, number in numbers.items() if number and lives(pid)}
    return None, {}


def send(pid, number=signal.SIGKILL):
    """Sends a signal; nothing when the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass

"""What the tests of surgery on results files do to them.

    surgery.py attempts OUT.h5 COUNTS         COUNTS "1:60,2:40": so many finished rows were written by run 1, 2 ...
    surgery.py kill SEED ROUNDS OLD NEW OUT COMMAND...
                                              kills the command, which makes NEW of OLD in place, at random moments;
                                              OUT must hold one of both each time
    surgery.py flip SEED COUNT OUT ENTRAIN    flips one bit of a row at a time; `entrain verify` must find each
    surgery.py damage OUT                     damages three rows, the first bytes of the metadata's guard, and /phase
    surgery.py set OUT ROW COLUMN VALUE
                                              changes a value of a row and makes its checksum hold (no series)
    surgery.py fields OUT.h5 ROW              prints status and error of a row
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib

os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
import h5py
import numpy
import rows


def attempts(path, counts):
    with h5py.File(path, "r") as file:
        jobs = file["jobs"][:]
    finished = jobs[jobs["status"] != 0]
    numbers, found = numpy.unique(finished["attempt"], return_counts=True)
    text = ",".join(f"{n}:{c}" for n, c in zip(numbers, found))
    print(f"{path}: {text}, expected {counts}")
    return text == counts


def same(a, b):
    return a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a)


def kill(seed, rounds, old, new, out, *command):
    random.seed(int(seed))
    before, after = rows.content(old), rows.content(new)
    shutil.copy(old, out)
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    duration = time.monotonic() - began
    killed = {"before": 0, "after": 0}
    for turn in range(int(rounds)):
        shutil.copy(old, out)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * duration)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = rows.content(out)
        which = "before" if same(found, before) else "after" if same(found, after) else None
        if which is None:
            print(f"round {turn}: {out} is neither the old file nor the new one")
            return False
        killed[which] += process.returncode == -signal.SIGKILL
    print(f"killed {killed} of {rounds}, {duration:.3f} s undisturbed")
    shutil.copy(old, out)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    left = [name for name in os.listdir(os.path.dirname(out) or ".") if name.startswith(os.path.basename(out) + "~tmp")]
    if left:
        print(f"left behind: {left}")
    return same(rows.content(out), after) and killed["before"] > 0 and not left


def flip(seed, count, out, entrain):
    random.seed(int(seed))
    with h5py.File(out, "r") as file:
        offset, dtype, size = file["jobs"].id.get_offset(), file["jobs"].dtype, len(file["jobs"])
    missed = 0
    for _ in range(int(count)):
        at = random.randrange(size * dtype.itemsize)
        bit = 1 << random.randrange(8)
        with open(out, "r+b") as file:
            file.seek(offset + at)
            byte = file.read(1)[0]
            file.seek(offset + at)
            file.write(bytes([byte ^ bit]))
        run = subprocess.run([entrain, "verify", out], capture_output=True, text=True)
        row = at // dtype.itemsize
        if run.returncode != 1 or f"  row {row}: " not in run.stdout or " 1 damaged" not in run.stdout:
            print(f"byte {at % dtype.itemsize}, bit {bit} of row {row} was missed: {run.returncode}\n{run.stdout}{run.stderr}")
            missed += 1
        with open(out, "r+b") as file:
            file.seek(offset + at)
            file.write(bytes([byte]))
    run = subprocess.run([entrain, "verify", out], capture_output=True, text=True)
    print(f"{count} bits flipped, {missed} missed; restored: {run.returncode}")
    return missed == 0 and run.returncode == 0


def damage(out):
    with h5py.File(out, "r") as file:
        jobs, size = file["jobs"].id.get_offset(), file["jobs"].dtype.itemsize
        series = file["series/order_parameter"].id.get_offset() + 4 * 5 * 90
        mean = file["phase/order_parameter"].id.get_offset()
    with open(out, "r+b") as file:
        for place in (jobs + 5 * size + 40, jobs + 77 * size + 3, series, mean, 4096 + 9):
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 4]))
    return True


def set_value(out, row, column, value):
    with h5py.File(out, "r+") as file:
        jobs = file["jobs"]
        record = jobs[int(row) : int(row) + 1]
        record[column] = float(value)
        record["checksum"] = 0
        record["checksum"] = zlib.crc32(record.tobytes())
        jobs[int(row) : int(row) + 1] = record
    return True


def fields(path, row):
    with h5py.File(path, "r") as file:
        record = file["jobs"][int(row)]
    print(f"status {record['status']} error {record['error']}")
    return True


WHAT = {"attempts": attempts, "kill": kill, "flip": flip, "damage": damage, "set": set_value, "fields": fields}
sys.exit(0 if WHAT[sys.argv[1]](*sys.argv[2:]) else 1)

"""Kills runs with SIGKILL at random moments, looks at what is left, and goes on with the same command.

    kill.py FOLDER ENTRAIN ROUNDS SEED VICTIM...

Victims: worker (one), workers (two, at two moments), master, mpirun, parent (`entrain run`), everything; and stop: a
worker gets SIGSTOP and some time later SIGCONT. Moments are drawn by the seed from the duration of an undisturbed run
of chaos.yaml, its start included, on two or three workers.

After each kill no process of the run may be left after 10 seconds, and the file, if it is there, opens with h5py and
every row is complete or pending. A run that lost only workers ends with 0 by itself, after other kills the same command
does. Then the file is bit by bit that of the undisturbed run, no row is quarantined, and nothing else is left: no lock,
no shared memory. At the first violation the exit status is 1, and the folder keeps the evidence.
"""
import os
import random
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(here, "..", "e2e")]
import processes
import results
import rows

VICTIMS = ("worker", "workers", "master", "mpirun", "parent", "everything", "stop")
GO_ON = ("worker", "workers", "stop")  # such a run ends with 0 by itself
SERIES = ("order_parameter", "pair_overlap")  # of chaos.yaml, in its order
JOB = os.path.join(here, "chaos.yaml")
GONE_SECONDS = 10
PATIENCE = 90  # for a run that writes nothing to its file, or whose victim should appear: then it hangs
COLUMNS = ("rounds", "hit", "went on", "resumed", "unreadable", "bad rows", "left over", "quarantined", "differing")


class Violation(Exception):
    """What does not hold, and in which column it counts."""

    def __init__(self, column, text):
        super().__init__(text)
        self.column = column


class Round:
    """One file: a run that is disturbed, and the run that goes on."""

    def __init__(self, folder, entrain, number, draw):
        self.folder = os.path.join(folder, f"round-{number}")
        self.base = os.path.join(self.folder, "shm")
        self.out = os.path.join(self.folder, "out.h5")
        self.mark = f"{os.getpid()}-{number}"
        self.draw = draw
        self.workers = draw.choice((2, 3))
        self.command = [entrain, "run", JOB, "-o", self.out, "-j", str(self.workers)]
        self.log = None
        os.makedirs(self.base)

    def start(self):
        environment = dict(os.environ, OMPI_MCA_btl_vader_backing_directory=self.base, TMPDIR=self.base)
        environment[processes.MARK] = self.mark
        with open(os.path.join(self.folder, "log"), "ab") as log:
            return subprocess.Popen(self.command, start_new_session=True, env=environment, stdout=log, stderr=log)

    def end(self, run):
        """Waits for a run, however slow the machine, as long as rows or checkpoints come; returns its status."""
        written = time.time()
        while True:
            try:
                return run.wait(1)
            except subprocess.TimeoutExpired:
                if os.path.exists(self.out):
                    written = max(written, os.path.getmtime(self.out))
            if time.time() - written > PATIENCE:
                raise Violation("left over", f"the run goes on, but has written nothing for {PATIENCE} s")

    def run(self):
        began = time.monotonic()
        return self.end(self.start()), time.monotonic() - began

    def check_gone(self):
        deadline = time.monotonic() + GONE_SECONDS
        left = processes.marked(self.mark)
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = processes.marked(self.mark)
        if left:
            raise Violation("left over", f"processes {left} are left after {GONE_SECONDS} s")

    def check_file(self):
        """Returns the number of rows that are done."""
        if not os.path.exists(self.out):
            return 0
        try:
            found, done = results.faults(self.out, SERIES)
        except OSError as error:
            raise Violation("unreadable", str(error)) from None
        if found:
            raise Violation("bad rows", f"{len(found)} rows are wrong: {found[0]}")
        return done

    def check_end(self, reference):
        if not rows.same(reference, self.out):
            raise Violation("differing", "rows are not the bits of the undisturbed run")
        with results.h5py.File(self.out, "r") as file:
            if (file["jobs"]["status"] != results.DONE).any():
                raise Violation("quarantined", "not every row is done")
        left = sorted(set(os.listdir(self.folder)) - {"out.h5", "log", "shm"}) + os.listdir(self.base)
        if left:
            raise Violation("left over", f"{left} are left")

    def clear(self):
        for path in (self.out, os.path.join(self.folder, "log")):
            if os.path.exists(path):
                os.remove(path)
        os.rmdir(self.base)
        os.rmdir(self.folder)


def wait_for(run, who, look):
    """What `look` finds, as soon as that is something; [] when the run is over."""
    deadline = time.monotonic() + PATIENCE
    while run.poll() is None:
        found = look(*processes.family(run.pid))
        if found:
            return found
        if time.monotonic() > deadline:
            raise Violation("left over", f"the run goes on, but no {who} has appeared within {PATIENCE} s")
        time.sleep(0.002)
    return []


def wait_for_worker(run):
    return wait_for(run, "worker", lambda _, ranks: [pid for number, pid in ranks.items() if number > 0])


def sleep_until(run, moment):
    """Sleeps, but not beyond the end of the run. Returns whether the run goes on."""
    try:
        run.wait(max(0, moment - time.monotonic()))
        return False
    except subprocess.TimeoutExpired:
        return True


def find(run, victim):
    """The pids that are to be killed, as soon as one is there; [] when the run is over."""
    looks = {"master": lambda launcher, ranks: [pid for number, pid in ranks.items() if number == 0],
             "mpirun": lambda launcher, ranks: [launcher] if launcher else [],
             "parent": lambda launcher, ranks: [run.pid],
             "everything": lambda launcher, ranks: [run.pid] + ([launcher] if launcher else []) + list(ranks.values())}
    return wait_for(run, victim, looks[victim])


def strike_workers(run, victim, moments, draw):
    hits = 0
    for moment in moments:
        workers = wait_for_worker(run) if sleep_until(run, moment) else None
        if not workers:
            break
        hits += 1
        chosen = draw.choice(workers)
        if victim != "stop":
            processes.send(chosen)
            continue
        processes.send(chosen, processes.signal.SIGSTOP)
        sleep_until(run, time.monotonic() + draw.uniform(0.1, 2.0))
        processes.send(chosen, processes.signal.SIGCONT)
    return hits > 0


def strike(run, victim, duration, draw):
    """Does what is to be done to a run. Returns whether it was still there."""
    began = time.monotonic()
    count = 2 if victim == "workers" else 1
    moments = sorted(began + draw.uniform(0, duration) for _ in range(count))
    if victim in GO_ON:
        return strike_workers(run, victim, moments, draw)
    found = find(run, victim) if sleep_until(run, moments[0]) else []
    for pid in found:
        processes.send(pid)
    return len(found) > 0


def play(this, victim, duration, reference, count):
    run = this.start()
    count["hit"] += strike(run, victim, duration, this.draw)
    status = this.end(run)
    this.check_gone()
    done = this.check_file()
    print(f"{victim:10} of {this.workers} workers: exit status {status}, {done} rows done", flush=True)
    if victim in GO_ON and status != 0:
        raise Violation("went on", f"exit status {status} after the loss of workers only")
    if status == 0:
        count["went on"] += 1
    elif status != (-9 if victim in ("parent", "everything") else 1):
        raise Violation("resumed", f"exit status {status}")
    else:
        status, _ = this.run()
        if status != 0:
            raise Violation("resumed", f"the same command ended with exit status {status}")
        this.check_gone()
        count["resumed"] += 1
    this.check_end(reference)


def print_table(counts):
    print("victim    " + "".join(f"{name:>13}" for name in COLUMNS))
    for victim, count in counts.items():
        print(f"{victim:10}" + "".join(f"{count[name]:13}" for name in COLUMNS))


def main(folder, entrain, number, seed, victims):
    counts = {victim: dict.fromkeys(COLUMNS, 0) for victim in victims}
    undisturbed = Round(folder, entrain, 0, random.Random(seed))
    status, duration = undisturbed.run()
    if status != 0:
        print(f"the undisturbed run ended with exit status {status}, see {undisturbed.folder}")
        return 1
    began = time.monotonic()
    for k in range(1, number + 1):
        victim = victims[(k - 1) % len(victims)]
        this = Round(folder, entrain, k, random.Random(f"{seed}:{k}"))
        count = counts[victim]
        count["rounds"] += 1
        try:
            play(this, victim, duration, undisturbed.out, count)
        except Violation as violation:
            count[violation.column] += 1
            print_table(counts)
            print(f"round {k}, seed {seed}, {victim}: {violation}; see {this.folder}")
            with open(os.path.join(this.folder, "log")) as log:
                sys.stdout.write(log.read())
            return 1
        this.clear()
    print_table(counts)
    print(f"{number} rounds, seed {seed}, {time.monotonic() - began:.0f} s, nothing violated")
    undisturbed.clear()
    return 0


if __name__ == "__main__":
    unknown = set(sys.argv[5:]) - set(VICTIMS)
    if unknown or len(sys.argv) < 6:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]))

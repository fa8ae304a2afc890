"""make bench: runs the benches, prints every figure with its bar, keeps a record and says what got slower.

    bench.py BUILD [NAME...]

Without names all benches run but those that are only for the asking. A record is build/bench/record-DATE.json; each
figure is compared with its latest one there or in tests/bench/records. The exit status is 1 when a bench fails to
run, whatever the figures are.
"""
import importlib.metadata
import json
import os
import subprocess
import sys
import time

import records

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Name, command, and whether it runs without being named. {build} is the folder of what was built.
BENCHES = [
    ("kernel-direct", ["{build}/tests/bench/kernel_direct"], True),
    ("kernel-series", ["{build}/tests/bench/kernel_series"], True),
    ("step", ["{build}/tests/bench/step"], True),
    ("batch", ["{build}/tests/bench/batch"], True),
    ("schemes", ["{build}/tests/bench/schemes"], False),
    ("published", [sys.executable, f"{HERE}/published.py", "{build}/entrain"], True),
    ("published-full", [sys.executable, f"{HERE}/published.py", "{build}/entrain", "full"], False),
    ("rivals", [sys.executable, f"{HERE}/rivals.py", "{build}/tests/bench/rivals", f"{ROOT}/build/bench/rivals.png"],
     True),
    ("workers", [sys.executable, f"{HERE}/workers.py", "{build}/entrain"], True),
    ("empty", [sys.executable, f"{HERE}/empty.py", "{build}/entrain"], True),
    ("memory", [sys.executable, f"{HERE}/memory.py", "{build}/entrain"], False),
]

# One node, as root too, one thread a process: what the program's own launcher and the tests set.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_pml": "ob1",
    "OMPI_MCA_btl": "self,vader,tcp", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
}


def output_of(*command):
    """What a command prints, a line of it at most; empty when there is no such command."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0].strip()


def processor():
    """The name of the processor and how many of it there are."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{os.cpu_count()} x {names[0] if names else 'unknown'}"


def instruction_set():
    """The best one of this processor, by the names of base/isa."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next((set(line.split()) for line in file if line.startswith("flags")), set())
    if os.uname().machine != "x86_64":
        return os.uname().machine
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        return "x86-64-v4"
    return "x86-64-v3" if {"avx2", "fma", "bmi2", "movbe"} <= flags else "x86-64"


def version_of(module):
    """The version of a Python package; empty when it is not there."""
    try:
        return importlib.metadata.version(module)
    except importlib.metadata.PackageNotFoundError:
        return ""


def circumstances():
    """What the figures of a record depend on."""
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
        "cpu": processor(),
        "isa": instruction_set(),
        "kernel": os.uname().release,
        "load": os.getloadavg()[0],
        "versions": {
            "gcc": output_of("gcc", "-dumpfullversion"),
            "petsc": output_of("pkg-config", "--modversion", "petsc"),
            "hdf5": output_of("pkg-config", "--modversion", "hdf5-openmpi"),
            "mpi": output_of("mpirun", "--version"),
            "sundials": output_of("dpkg-query", "-W", "-f=${Version}", "libsundials-dev"),
            "python": sys.version.split()[0],
            **{module: version_of(module) for module in ("numpy", "scipy", "mpi4py")},
        },
    }


def run(name, command, build):
    """Runs a bench, showing its figures as they come; returns them and whether it ended well."""
    figures = []
    print(f"\n{name}", flush=True)
    command = [part.format(build=build) for part in command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}) as process:
        for line in process.stdout:
            found = records.parse(line)
            print("  " + (records.sentence(found) if found else line.rstrip()), flush=True)
            figures += [found] if found else []
    return figures, process.returncode == 0


def save(record):
    """Writes a record under its date; returns the path, None when it means nothing."""
    if os.environ.get("ENT_BENCH_QUICK"):
        return None
    folder = os.path.join(ROOT, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"record-{record['date'].replace(':', '')}-{os.getpid()}.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(records.dump(record))
    return path


def main(build, *names):
    unknown = set(names) - {name for name, _, _ in BENCHES}
    if unknown:
        sys.exit(f"no bench '{', '.join(unknown)}', there are {', '.join(name for name, _, _ in BENCHES)}")
    before = records.last_figures(records.load([os.path.join(HERE, "records"), os.path.join(ROOT, "build", "bench")]))
    record = {**circumstances(), "figures": []}
    failed, path = [], None
    for name, command, by_default in BENCHES:
        if name in names or (by_default and not names):
            figures, is_good = run(name, command, os.path.abspath(build))
            record["figures"] += figures
            record["load_at_end"] = os.getloadavg()[0]
            failed += [] if is_good else [name]
            path = save(record)  # after each bench: what is interrupted has measured something
    print()
    if path:
        print("\n".join(records.news(before, record["figures"]) or ["nothing got slower than in the last record"]))
        print(f"record: {os.path.relpath(path)}")
    verdicts = [records.holds(found) for found in record["figures"]]
    print(f"{verdicts.count(True)} of {len(verdicts) - verdicts.count(None)} bars hold")
    for name in failed:
        print(f"failed: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

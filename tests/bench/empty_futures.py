"""Calls a second of mpi4py.futures, one at a time: mpirun -n 3 python3 -m mpi4py.futures empty_futures.py CALLS."""
import sys
import time

from mpi4py.futures import MPIPoolExecutor


def same(value):
    """Next to nothing."""
    return value


if __name__ == "__main__":
    calls = int(sys.argv[1])
    with MPIPoolExecutor() as pool:
        list(pool.map(same, range(100), chunksize=1, unordered=True))  # the workers are there
        began = time.monotonic()
        done = sum(1 for _ in pool.map(same, range(calls), chunksize=1, unordered=True))
        print(done / (time.monotonic() - began))

"""What must hold for a results file after a kill: every row is complete, its checksum says so, or pending."""
import os
import zlib

os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
import h5py

PENDING, DONE = 0, 1


def final_states(file):
    """row -> bytes of its final state"""
    states = {}
    for group in file["final"].values() if "final" in file else ():
        x = group["x"][:]
        states.update((int(row), x[k].tobytes()) for k, row in enumerate(group["job"][:]))
    return states


def faults(path, series_names):
    """
    What is wrong with a file, as a list of sentences, and how many rows are done.

    series_names are those of the job file, in its order: the checksum runs over the series in this order.
    """
    with h5py.File(path, "r") as file:
        jobs = file["jobs"]
        status, layout, size = jobs["status"], jobs.dtype, jobs.id.get_type().get_size()
        with open(path, "rb") as raw:
            raw.seek(jobs.id.get_offset())
            rows = raw.read(size * len(status))
        at = layout.fields["checksum"][1]
        series = [file["series"][name][:] for name in series_names]
        states = final_states(file)
        found = []
        for k in range(len(status)):
            row = rows[k * size:(k + 1) * size]
            if status[k] == PENDING:
                continue
            crc = zlib.crc32(row[:at] + bytes(4) + row[at + 4:])
            for values in series:
                crc = zlib.crc32(values[k].tobytes(), crc)
            crc = zlib.crc32(states.get(k, b""), crc) or 1
            if crc != int.from_bytes(row[at:at + 4], "little"):
                found.append(f"row {k} has status {status[k]} and a checksum that does not hold")
            if status[k] != DONE:
                found.append(f"row {k} has status {status[k]}")
        return found, int((status == DONE).sum())

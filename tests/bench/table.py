"""The figures that have a bar, as rows of docs/performance.md: table.py RECORD.json...; of two, the later counts."""
import json
import sys

import records


def row(found):
    """A row of the table."""
    limit = "at most" if found["better"] == "lower" else "at least"
    value = "none" if found["value"] is None else f"{found['value']:.3g}"
    spread = f" ± {found['spread']:.1g}" if found["spread"] else ""
    return f"| `{found['name']}` | {limit} {found['bar']:g} | {value}{spread} | {'yes' if records.holds(found) else 'no'} |"


def main(*paths):
    """Prints the table."""
    read = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            read.append(json.load(file))
    print("| figure | bar | measured | holds |\n|---|---|---|---|")
    for found in records.last_figures(sorted(read, key=lambda record: record["date"])).values():
        if records.holds(found) is not None:
            print(row(found))


main(*sys.argv[1:])

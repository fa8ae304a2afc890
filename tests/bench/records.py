"""What the benches of `make bench` leave behind: figures, their bars, and the comparison of two records.

A figure is a dictionary: name, value, spread (half the distance of the quartiles, 0 when unknown), unit, better
(lower, higher or info) and bar (None when nothing is promised). A record is a dictionary with the figures and with
what they were measured on. Nothing here measures anything.
"""
import glob
import json
import os

BETTER = ("info", "lower", "higher")
# A change below this share is no news, whatever the spreads say: they know nothing of what differs from run to run.
LEAST_NEWS = 0.03


def figure(name, value, unit="1", better="info", bar=None, spread=0.0):
    """A figure as the benches print it."""
    return {"name": name, "value": value, "spread": spread, "unit": unit, "better": better, "bar": bar}


def show(*arguments, **more):
    """Prints a figure for the driver."""
    print(json.dumps(figure(*arguments, **more)), flush=True)


def parse(line):
    """The figure of a line of a bench's output; None for what is no figure. A damaged one raises ValueError."""
    if not line.startswith("{"):
        return None
    found = json.loads(line)
    if set(found) != set(figure("", 0)):
        raise ValueError(f"a figure has {', '.join(sorted(found))}")
    if found["better"] not in BETTER:
        raise ValueError(f"better = '{found['better']}', must be one of {', '.join(BETTER)}")
    return found


def holds(found):
    """Whether a figure keeps its promise; None when it has none."""
    if found["bar"] is None or found["better"] == "info":
        return None
    if found["value"] is None:
        return False
    return found["value"] <= found["bar"] if found["better"] == "lower" else found["value"] >= found["bar"]


def worsening(old, new):
    """How much worse a figure has become, negative when it is better. What costs less than nothing, an overhead
    over something slower, costs nothing: below that it cannot get slower."""
    if new["better"] == "lower":
        return max(new["value"], 0.0) - max(old["value"], 0.0)
    return old["value"] - new["value"]


def got_slower(old, new):
    """Whether a figure is worse than before by more than what both were uncertain by."""
    if new["better"] == "info" or None in (old["value"], new["value"]):
        return False
    news = max(old["spread"] + new["spread"], LEAST_NEWS * abs(old["value"]))
    return worsening(old, new) > news


def load(folders):
    """All records in these folders, the oldest first."""
    records = []
    for folder in folders:
        for path in glob.glob(os.path.join(folder, "record-*.json")):
            with open(path, encoding="utf-8") as file:
                records.append(json.load(file))
    return sorted(records, key=lambda record: record["date"])


def dump(record):
    """A record as text, a line for each figure."""
    figures = ",\n".join(json.dumps(found) for found in record["figures"])
    rest = json.dumps({key: value for key, value in record.items() if key != "figures"}, indent=1)
    return rest.removesuffix("\n}") + f',\n "figures": [\n{figures}\n]\n}}\n'


def last_figures(records):
    """The latest figure of each name."""
    return {found["name"]: found for record in records for found in record["figures"]}


def sentence(found):
    """A figure in a line: what, how much, what was promised and whether it holds."""
    value = "none" if found["value"] is None else f"{found['value']:.4g}"
    spread = f" +- {found['spread']:.2g}" if found["spread"] else ""
    unit = "" if found["unit"] == "1" else " " + found["unit"]
    text = f"{found['name']:44} {value + spread + unit:24}"
    verdict = holds(found)
    if verdict is None:
        return text.rstrip()
    limit = "at most" if found["better"] == "lower" else "at least"
    return f"{text} {limit} {found['bar']:<8g} {'holds' if verdict else 'MISSED'}"


def news(before, figures):
    """A line for each figure that got slower than its last one in `before`, a dictionary by name."""
    lines = []
    for found in figures:
        old = before.get(found["name"])
        if old and got_slower(old, found):
            share = f" ({100 * worsening(old, found) / old['value']:.1f} % worse)" if old["value"] > 0 else ""
            lines.append(f"slower: {found['name']} was {old['value']:.4g}, is {found['value']:.4g}{share}")
    return lines

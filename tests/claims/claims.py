"""claims.py list | shorten NAME JOB.yaml | check NAME OUT.h5 | figure NAME OUT.h5 FIGURE.png: the claims of the papers.

A claim is a module of this folder with

    SHORT = [(text, replacement), ...]   what turns jobs/claims/NAME.yaml into a job of seconds; None: no short form
    def check(file): ...                 prints what came out of an open results file, and asserts the claim's number
    def figure(file): ...                returns (title of x, title of y, curves, further gnuplot commands)

where a curve is (title, style, x, y). The page of each claim is docs/claims/NAME.md.
"""

import importlib
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
JOBS = HERE.parent.parent / "jobs" / "claims"


def names():
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("claims", "shared", "crossings"))


def load(name):
    """The module of a claim; another name is an error."""
    if name not in names():
        sys.exit(f"claims.py: no claim is called '{name}', there are {', '.join(names())}")
    return importlib.import_module(name)


def shorten(name, job):
    """Writes the short form of a claim's job. A text that is not there exactly once is an error."""
    short = load(name).SHORT
    text = (JOBS / f"{name}.yaml").read_text()
    for old, new in short:
        if text.count(old) != 1:
            sys.exit(f"claims.py: '{old}' is {text.count(old)} times in jobs/claims/{name}.yaml, must be once")
        text = text.replace(old, new)
    pathlib.Path(job).write_text(text)


def open_results(path):
    import h5py

    return h5py.File(path)


def check(name, path):
    with open_results(path) as file:
        load(name).check(file)


def figure(name, path, picture):
    """Draws the claim's curves with gnuplot."""
    with open_results(path) as file:
        x_title, y_title, curves, commands = load(name).figure(file)
    with tempfile.TemporaryDirectory() as folder:
        script = ["set terminal pngcairo noenhanced size 1000,520 font 'sans,11'", f"set output '{picture}'"]
        script += ["set key outside right center", "set bmargin 4"]
        script += [f"set xlabel '{x_title}'", f"set ylabel '{y_title}'", "set grid lc rgb '#bbbbbb'", *commands]
        plots = []
        for k, (title, style, x, y) in enumerate(curves):
            data = pathlib.Path(folder) / f"{k}"
            data.write_text("".join(f"{a!r} {b!r}\n" for a, b in zip(map(float, x), map(float, y))))
            plots.append(f"'{data}' with {style} title '{title}'")
        script.append("plot " + ", ".join(plots))
        subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)


def main(arguments):
    commands = {"list": lambda: print("\n".join(names())), "shorten": shorten, "check": check, "figure": figure}
    if not arguments or arguments[0] not in commands:
        sys.exit(__doc__)
    commands[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main(sys.argv[1:])

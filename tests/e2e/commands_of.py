"""Takes the examples out of a page: writes its files, prints its commands.

    commands_of.py PAGE.md

An indented block after a line `Save this as `NAME`:` becomes the file NAME; indented lines that begin with
build/release/entrain are printed, as commands for a shell.
"""
import re
import sys

name, block, files = None, [], {}
for line in open(sys.argv[1]).read().splitlines() + ["end"]:
    if line.startswith("    ") or (not line and block):
        block.append(line[4:])
        continue
    if block and name:
        files[name], name = "\n".join(block) + "\n", None
    block = []
    found = re.search(r"Save this as `([^`]+)`:$", line)
    name = found.group(1) if found else name
for path, text in files.items():
    open(path, "w").write(text)
for line in open(sys.argv[1]):
    if line.startswith("    build/release/entrain "):
        print(line.strip())

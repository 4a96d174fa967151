"""Writes the trees of CPython 3.12 behind the constructs of a golden file.

Usage: python3.12 golden.py Tests/PythonSubsetTests/Data/constructs.txt

Blocks are divided by lines `%%`; in each, the last line, `=> ...`, is written anew.
"""

import sys
import warnings

import treedump

warnings.simplefilter("ignore")
path = sys.argv[1]
with open(path, encoding="utf-8", newline="") as file:
    blocks = file.read().split("\n%%\n")
out = []
for block in blocks:
    source = block.split("\n=> ")[0].rstrip("\n")
    out.append(source + "\n=> " + treedump.render(source.encode() + b"\n", positions=False))
with open(path, "w", encoding="utf-8", newline="") as file:
    file.write("\n%%\n".join(out) + "\n")

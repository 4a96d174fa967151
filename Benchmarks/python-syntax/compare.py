"""Compares the parser's trees, positions included, with CPython's, file by file.

Usage: python3.12 compare.py FOLDER... -- COMMAND...

COMMAND runs the test `TreeComparison` (for instance `swift test --skip-build --filter
TreeComparison`). Files that CPython itself does not compile must fail here too.
"""

import os
import subprocess
import sys
import tempfile
import warnings

import treedump

warnings.simplefilter("ignore")
sys.setrecursionlimit(100_000)
sys.set_int_max_str_digits(0)


def expected(source, path):
    try:
        compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return "failure: %s" % error
    return treedump.render(source, positions=True)


def main():
    split = sys.argv.index("--")
    paths = []
    for folder in sys.argv[1:split]:
        for root, _, files in os.walk(folder):
            paths += [os.path.join(root, f) for f in sorted(files) if f.endswith(".py")]
    with tempfile.TemporaryDirectory() as scratch:
        index = os.path.join(scratch, "index")
        with open(index, "w") as file:
            for number, path in enumerate(paths):
                file.write("%s\t%s/%d\n" % (path, scratch, number))
        subprocess.run(
            sys.argv[split + 1 :], check=True, stdout=subprocess.DEVNULL,
            env=dict(os.environ, OMCOPS_PYTHON_SOURCES=index),
        )
        same = refused = 0
        for number, path in enumerate(paths):
            with open(path, "rb") as file:
                source = file.read()
            with open("%s/%d" % (scratch, number), encoding="utf-8") as file:
                actual = file.read()
            wanted = expected(source, path)
            if wanted.startswith("failure") and actual.startswith("failure"):
                refused += 1
            elif wanted == actual:
                same += 1
            else:
                at = next(
                    (i for i, (a, b) in enumerate(zip(wanted, actual)) if a != b),
                    min(len(wanted), len(actual)),
                )
                print(path)
                print("  CPython ", wanted[max(0, at - 60) : at + 100])
                print("  omcops  ", actual[max(0, at - 60) : at + 100])
        print("%d files: %d same, %d refused by both, %d differ"
              % (len(paths), same, refused, len(paths) - same - refused))


main()

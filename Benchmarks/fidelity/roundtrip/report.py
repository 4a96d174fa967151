"""Says what was equal and prints what was not."""
from __future__ import annotations

import difflib
import time


class Report:
    """Gathers the results of a run; `failures` tells its exit status."""

    def __init__(self, lines: int):
        self.lines = lines
        self.failures = 0
        self.passed = 0
        self.skipped = 0
        self.started = time.monotonic()

    def begin(self, name: str) -> None:
        print(f"{name}", flush=True)

    def baseline(self, source: list[str], stock: list[str]) -> None:
        changed = sum(1 for line in difference(source, stock) if line[:1] in "+-")
        tables = sum(1 for line in source if line.startswith("COPY "))
        print(f"  {len(source)} lines, {tables} tables with rows; stock tools change {changed} lines", flush=True)

    def compare(self, name: str, expected: list[str], found: list[str]) -> None:
        if expected == found:
            self.passed += 1
            print(f"  same   {name}", flush=True)
            return
        self.fail(name, "\n".join(difference(expected, found)[:self.lines]))

    def fail(self, name: str, why: str) -> None:
        self.failures += 1
        print(f"  DIFFERS {name}\n" + "\n".join("    " + line for line in why.split("\n")), flush=True)

    def skip(self, why: str) -> None:
        self.skipped += 1
        print(f"  skipped: this server cannot hold it: {why.splitlines()[-1]}", flush=True)

    def end(self) -> int:
        seconds = time.monotonic() - self.started
        print(f"{self.passed} passed, {self.failures} failed, {self.skipped} skipped, {seconds:.0f} s")
        return 1 if self.failures else 0


def difference(a: list[str], b: list[str]) -> list[str]:
    """The lines in which two texts differ. What is equal at both ends is cut off first: the rest is
    what a general comparison, slow on long texts, has to look at."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    context = max(0, start - 3)
    first, second = a[context:len(a) - end], b[context:len(b) - end]
    return [line.rstrip("\n") for line in difflib.unified_diff(first, second, "expected", "found", n=3, lineterm="")]

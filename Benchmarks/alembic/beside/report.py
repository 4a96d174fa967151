"""Tables and texts of the comparison."""
from __future__ import annotations

import collections
import dataclasses
import json
import os

from .corpora import CACHE, OPEN_REVISIONS, Corpus
from .reference import Reference
from .walk import DIFFERENT, FAILED, IDENTICAL, REFUSED, SKIPPED, Verdict

BAR = 0.97  # of the open revisions must be native and identical
PARTS = {"up": "upgrade, each revision", "down": "downgrade, each revision", "whole": "whole chain: up, down, up again",
         "sql": "offline script"}


class Report:
    def __init__(self):
        self.verdicts = collections.defaultdict(list)

    def add(self, corpus: Corpus, part: str, verdict: Verdict) -> None:
        self.verdicts[corpus.name, part].append(verdict)

    def text(self, chosen: list[Corpus], parts: list[str]) -> str:
        lines = []
        for part in parts:
            lines += [f"## {PARTS[part]}", "", "| corpus | reference runs | identical | refused | failed | DIFFERENT |",
                      "|---|---|---|---|---|---|"]
            for group in ([c for c in chosen if c.in_open_set], [c for c in chosen if not c.in_open_set]):
                rows = [(corpus.name, self.counts(corpus, part)) for corpus in group]
                lines += [row(name, counts) for name, counts in rows]
                if len(rows) > 1:
                    lines.append(row("**all**", sum((counts for _, counts in rows), collections.Counter())))
            lines.append("")
        lines += self.reasons()
        return "\n".join(lines)

    def counts(self, corpus: Corpus, part: str) -> collections.Counter:
        return collections.Counter(verdict.status for verdict in self.verdicts[corpus.name, part])

    def reasons(self) -> list[str]:
        """Every revision that is not identical, with the program's own words."""
        lines = []
        for (name, part), verdicts in self.verdicts.items():
            for verdict in verdicts:
                if verdict.status not in (IDENTICAL, SKIPPED):
                    lines.append(f"* {name} {part} {verdict.revision}: **{verdict.status}** {summary(verdict)}")
        return ["## What is not identical", "", *lines, ""] if lines else []

    def status(self, chosen: list[Corpus], parts: list[str]) -> int:
        """0 when nothing differs and the bar is reached where the whole open set was run."""
        different = sum(verdict.status in (DIFFERENT, FAILED) for verdicts in self.verdicts.values()
                        for verdict in verdicts)
        opened = [corpus for corpus in chosen if corpus.in_open_set]
        if "up" in parts and len(opened) == 6:
            identical = sum(self.counts(corpus, "up")[IDENTICAL] for corpus in opened)
            share = identical / OPEN_REVISIONS
            print(f"{identical} of {OPEN_REVISIONS} open revisions native and identical: {share:.1%} "
                  f"(bar {BAR:.0%}); {different} different or failed")
            return 0 if share >= BAR and different == 0 else 1
        return 0 if different == 0 else 1

    def save(self) -> None:
        folder = os.path.join(CACHE, "results")
        os.makedirs(folder, exist_ok=True)
        for (name, part), verdicts in self.verdicts.items():
            with open(os.path.join(folder, f"{name}-{part}.json"), "w") as file:
                json.dump([dataclasses.asdict(verdict) for verdict in verdicts], file, indent=1)


def row(name: str, counts: collections.Counter) -> str:
    runs = sum(count for status, count in counts.items() if status != SKIPPED)
    return f"| {name} | {runs} | {counts[IDENTICAL]} | {counts[REFUSED]} | {counts[FAILED]} | {counts[DIFFERENT]} |"


def summary(verdict: Verdict) -> str:
    if verdict.status == DIFFERENT:
        changed = [line for line in verdict.diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        return " / ".join(line.strip() for line in changed[:4]) or verdict.message
    return " / ".join(line.strip() for line in verdict.message.splitlines()[:2])


def verdict_text(verdict: Verdict, whole: bool = False) -> str:
    text = f"{verdict.revision}  {verdict.status}  {verdict.seconds * 1000:.0f} ms  {verdict.path}"
    if verdict.message and (whole or verdict.status != IDENTICAL):
        text += "\n  " + verdict.message.replace("\n", "\n  ")
    for line in verdict.diff if whole else verdict.diff[:12]:
        text += "\n  " + line
    return text


def reference_line(corpus: Corpus, kept: Reference) -> str:
    up = sum(step["ok"] for step in kept.steps)
    down = sum(step.get("undo", {}).get("ok", False) for step in kept.steps)
    sql = sum(step.get("sql", {}).get("ok", False) for step in kept.steps)
    failing = [f"{step['revision']} ({step['error']})" for step in kept.steps if not step["ok"]]
    runs = ", ".join(f"{name} {'ok' if run['ok'] else 'fails'}" for name, run in kept.runs.items())
    return (f"{corpus.name}: {up} of {len(kept.steps)} run, {down} run back, {sql} offline; whole chain: {runs}"
            + "".join(f"\n  fails: {text}" for text in failing))

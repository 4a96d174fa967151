"""Runs a subject over a corpus one revision at a time and judges every step against the reference.

Each revision is a command of its own on the database that the last one left. A revision that does
not end so like the reference's is given a second try in one run from where the reference's own run
began, since Alembic remembers inside a run which enum types it made. One that is not identical then
either is judged alone: the next starts from the reference's own database, restored from its dump.
"""
from __future__ import annotations

import dataclasses
import os

from . import snapshot
from .reference import Reference
from .server import Server

IDENTICAL, REFUSED, FAILED, DIFFERENT, SKIPPED = "identical", "refused", "failed", "DIFFERENT", "reference fails"


@dataclasses.dataclass
class Verdict:
    """What came of one revision in one direction."""

    revision: str
    path: str
    status: str
    message: str = ""
    diff: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0.0


class Walk:
    def __init__(self, server: Server, reference: Reference, subject):
        self.server, self.reference, self.subject = server, reference, subject
        self.database = "subject"
        self.restored = False
        # What a project's env.py sends before the revisions, which nobody but Alembic runs.
        path = os.path.join(subject.corpus.folder, "before.sql")
        self.before = open(path).read() if os.path.exists(path) else None

    def up(self, only: int | None = None):
        """Every revision upwards, or one."""
        numbers = range(len(self.reference.steps)) if only is None else [only]
        yield from self.go(numbers, lambda step: step, lambda step: step["revision"], "upgrade",
                           lambda number: self.reference.before(number))

    def down(self, only: int | None = None):
        """Every revision downwards from the top, or one."""
        if not self.reference.linear:
            return
        numbers = reversed(range(len(self.reference.steps))) if only is None else [only]
        yield from self.go(numbers, lambda step: step["undo"], lambda step: (step["down"] or ["base"])[0],
                           "downgrade", self.before_undo)

    def go(self, numbers, expected, target, verb, before):
        in_step = False
        for number in numbers:
            step = self.reference.steps[number]
            wanted = expected(step)

            def act(url):
                return getattr(self.subject, verb)(url, target(step))

            if not in_step:
                self.begin_from(before(number))
            verdict = self.judge(step, wanted, act)
            if verdict.status not in (IDENTICAL, SKIPPED, REFUSED) and wanted["run_from"] != number:
                self.begin_from(before(wanted["run_from"]))
                second = self.judge(step, wanted, act)
                verdict = second if second.status in (IDENTICAL, SKIPPED) else verdict
            in_step = verdict.status == IDENTICAL
            yield verdict

    def before_undo(self, number: int) -> str | None:
        """The database from which the reference took back this revision."""
        steps = self.reference.steps
        if number + 1 < len(steps) and steps[number + 1]["undo"]["ok"]:
            return self.reference.blob(steps[number + 1]["undo"]["dump"])
        return self.reference.blob(steps[number]["dump"])

    def whole(self):
        """The chain in one command, back to nothing in one, and up again."""
        runs = self.reference.runs
        self.begin_from(None)
        for name, verb in (("up", "upgrade"), ("down", "downgrade"), ("again", "upgrade")):
            run = runs[name]
            verdict = self.judge({"revision": f"whole chain {name}, to {run['to']}", "path": ""}, run,
                                 lambda url: getattr(self.subject, verb)(url, run["to"]))
            yield verdict
            if verdict.status != IDENTICAL:
                return

    def begin_from(self, dump: str | None) -> None:
        self.restored = dump is not None
        self.server.fresh(self.database, dump or self.before)

    def judge(self, step: dict, expected: dict, action) -> Verdict:
        verdict = Verdict(step["revision"], step["path"], IDENTICAL)
        untouched = self.server.change_count(self.database)
        outcome = action(self.server.url(self.database))
        verdict.seconds, verdict.message = outcome.seconds, outcome.message
        if not expected["ok"]:
            verdict.status = SKIPPED  # what omcops makes of it has nothing to be compared with
            verdict.message = f"the reference fails ({expected['error']}); {outcome.message}"
        elif outcome.ok:
            verdict.diff = self.differences(expected)
            verdict.status = DIFFERENT if verdict.diff else IDENTICAL
        else:
            verdict.status = REFUSED if outcome.refused else FAILED
            if outcome.refused and self.server.change_count(self.database) != untouched:
                verdict.status, verdict.diff = DIFFERENT, ["refused, but it had changed the database before"]
        return verdict

    def differences(self, expected: dict) -> list[str]:
        state = self.reference.state(expected)
        diff = snapshot.difference(state, snapshot.take(self.server, self.database), expected["masks"])
        twin = expected.get("dump")
        if not diff or not self.restored or twin is None:
            return diff
        # A restored expression may be printed otherwise than the one it was made from: let both go
        # through a dump before they are called different.
        self.server.fresh("round_trip", self.reference.blob(twin))
        state = snapshot.take(self.server, "round_trip")
        self.server.fresh("round_trip", self.server.dump(self.database))
        return snapshot.difference(state, snapshot.take(self.server, "round_trip"), expected["masks"])

"""Compares the offline scripts of the two tools, statement by statement."""
from __future__ import annotations

import difflib
import re

from .walk import DIFFERENT, FAILED, IDENTICAL, REFUSED, SKIPPED, Verdict

TOKEN = re.compile(r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<quoted> [eE]?'(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
    | (?P<space> \s+ )
    | (?P<end> ; )
    | (?P<word> [\w$]+ )
    | (?P<mark> . )
""", re.VERBOSE | re.DOTALL)


def compare(reference, subject):
    """A verdict for every revision whose script the real Alembic can write, and for the whole chain."""
    before = "base"
    for step in reference.steps:
        if "sql" in step:
            verdict = judge(step, reference, step["sql"], lambda: subject.sql("", f"{before}:{step['revision']}"))
            yield verdict
        before = step["revision"]
    yield judge({"revision": "whole chain", "path": ""}, reference, reference.runs["sql"],
                lambda: subject.sql("", "heads"))


def judge(step, reference, expected, action) -> Verdict:
    verdict = Verdict(step["revision"], step["path"], IDENTICAL)
    outcome = action()
    verdict.message, verdict.seconds = outcome.message, outcome.seconds
    if not expected["ok"]:
        # What needs a database to be told has no script there; one of ours would be no error.
        verdict.status = SKIPPED
        return verdict
    if not outcome.ok:
        verdict.status = REFUSED if outcome.refused else FAILED
        return verdict
    left, right = statements(reference.blob(expected["text"])), statements(outcome.result)
    if left != right:
        verdict.status = DIFFERENT
        verdict.diff = list(difflib.unified_diff(left, right, "alembic", "omcops", lineterm="", n=1))
    return verdict


def statements(script: str) -> list[str]:
    """The statements with comments left out and every gap a single space, quoted text untouched."""
    found, current = [], []
    for token in TOKEN.finditer(script):
        if token["end"]:
            if current:
                found.append(" ".join(current))
            current = []
        elif not token["comment"] and not token["space"]:
            current.append(token[0])
    return in_order(found + ([" ".join(current)] if current else []))


INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX \S+ ON (\S+) ")


def in_order(found: list[str]) -> list[str]:
    """The indexes of a new table in the order of their texts: Alembic keeps them in a set, whose order
    is another in every run."""
    ordered, run, table = [], [], None
    for statement in found + [""]:
        match = INDEX.match(statement)
        if run and (match is None or match[1] != table):
            ordered += sorted(run)
            run = []
        if match is None:
            ordered.append(statement)
        else:
            run, table = run + [statement], match[1]
    return ordered[:-1]

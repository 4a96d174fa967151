"""Proves the comparison itself: Alembic beside Alembic is identical, a tampered revision is not."""
from __future__ import annotations

import os
import shutil
import tempfile

from . import corpora, reference, walk
from .server import Server
from .subjects import Alembic

CORPUS = "argilla"
# One word of one column, in the middle of the chain.
TAMPERED = ("nullable=False", "nullable=True")


def run(server: Server) -> int:
    corpus = next(corpus for corpus in corpora.OPEN if corpus.name == CORPUS)
    kept = reference.load(corpus, server)
    with tempfile.TemporaryDirectory() as folder:
        same = statuses(server, kept, Alembic(corpus, os.path.join(folder, "alembic.log")))
        print(f"Alembic beside itself on {CORPUS}: {same}")
        assert set(same) == {walk.IDENTICAL}, same

        copy = tampered(corpus, kept, folder)
        wrong = statuses(server, kept, Alembic(copy, os.path.join(folder, "tampered.log")))
        print(f"Alembic beside a tampered copy: {wrong}")
        assert wrong.get(walk.DIFFERENT, 0) >= 1, wrong
        assert wrong[walk.IDENTICAL] >= 1, wrong
    print("the comparison tells the same from the different")
    return 0


def statuses(server: Server, kept, subject) -> dict:
    counts = {}
    path = walk.Walk(server, kept, subject)
    for part in ("up", "down", "whole"):
        for verdict in getattr(path, part)():
            counts[verdict.status] = counts.get(verdict.status, 0) + 1
    subject.close()
    return counts


def tampered(corpus: corpora.Corpus, kept, folder: str):
    """A copy of the project in which one revision lets one column be null."""
    versions = os.path.join(folder, "versions")
    shutil.copytree(os.path.dirname(kept.steps[0]["path"]), versions)
    for step in kept.steps[len(kept.steps) // 3:]:
        path = os.path.join(versions, os.path.basename(step["path"]))
        text = open(path).read()
        if TAMPERED[0] in text:
            with open(path, "w") as file:
                file.write(text.replace(*TAMPERED, 1))
            break
    else:
        raise SystemExit("no revision can be tampered with")
    for name in ("env.py", "script.py.mako"):
        shutil.copy(os.path.join(corpus.folder, name), folder)
    ini = os.path.join(folder, "alembic.ini")
    with open(ini, "w") as file:
        file.write(corpora.ini_text(corpus, [versions], folder))
    return Elsewhere(folder, ini, corpus)


class Elsewhere:
    """The corpus, read from another folder."""

    def __init__(self, folder: str, ini: str, corpus: corpora.Corpus):
        self.folder, self.ini, self.reference_ini = folder, ini, ini
        self.requirements, self.section = corpus.requirements, corpus.section
        self.environment, self.in_open_set = (), True

"""What the real Alembic makes of a corpus, after every revision and back again, kept in the cache.

Every run is made on two databases in turn: what differs between the two is masked when omcops is
compared. One run goes over all revisions, since Alembic remembers inside a run which enum types it
made: `run_from` is the step with which the run began. A revision that fails is stamped over, so that
what follows can still be compared.
"""
from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys

from . import snapshot
from .corpora import CACHE, Corpus, HERE, prepare, python
from .server import Server
from .subjects import Alembic

FORMAT = 6  # raise it when what is kept here changes


class Reference:
    """The kept results: `steps` in order of application, each with its state; blobs by content."""

    def __init__(self, folder: str):
        self.folder = folder
        with open(os.path.join(folder, "index.json")) as file:
            index = json.load(file)
        self.steps, self.linear, self.runs = index["steps"], index["linear"], index["runs"]

    def blob(self, name: str | None):
        if name is None:
            return None
        with gzip.open(os.path.join(self.folder, name + ".gz"), "rt") as file:
            return json.load(file)

    def state(self, kept: dict) -> dict:
        """The snapshot of a step or a run."""
        return self.blob(kept["state"])

    def before(self, index: int) -> str | None:
        """SQL that makes the database as it was before the step; None for an empty one."""
        return self.blob(self.steps[index - 1]["dump"]) if index > 0 else None

    def index(self, revision: str) -> int:
        found = [number for number, step in enumerate(self.steps) if step["revision"].startswith(revision)]
        if len(found) != 1:
            raise SystemExit(f"{len(found)} revisions of the corpus begin with {revision!r}")
        return found[0]


def folder(corpus: Corpus) -> str:
    """A name that changes with whatever could change the results."""
    digest = hashlib.sha256(f"{FORMAT} {corpus.requirements} {corpus.section}".encode())
    paths = [os.path.join(HERE, "requirements", "base.txt"),
             os.path.join(HERE, "requirements", f"{corpus.requirements}.txt")]
    for root, folders, files in os.walk(corpus.folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        paths += [os.path.join(root, name) for name in sorted(files) if name != "before.sql"]
    for path in paths:
        digest.update(os.path.relpath(path, corpus.folder).encode() if path.startswith(corpus.folder) else b"")
        with open(path, "rb") as file:
            digest.update(file.read())
    return os.path.join(CACHE, "reference", f"{corpus.name}-{digest.hexdigest()[:12]}")


def load(corpus: Corpus, server: Server, rebuild: bool = False) -> Reference:
    """The kept results, measured now where they are not there."""
    prepare(corpus)
    place = folder(corpus)
    if rebuild or not os.path.exists(os.path.join(place, "index.json")):
        python(corpus.requirements)
        os.makedirs(place, exist_ok=True)
        print(f"{corpus.name}: running the real Alembic, once", file=sys.stderr)
        Building(corpus, server, place).run()
    return Reference(place)


class Building:
    """One measurement of the reference. `one` and `two` are the databases that must agree."""

    def __init__(self, corpus: Corpus, server: Server, place: str):
        self.server, self.place = server, place
        self.alembic = Alembic(corpus, os.path.join(place, "alembic.log"))
        self.one, self.two = "reference_one", "reference_two"

    def run(self) -> None:
        steps = self.alembic.order()
        linear = all(step["down"] == ([before["revision"]] if before else []) and not step["depends"]
                     for before, step in zip([None, *steps], steps))
        self.walk_up(steps)
        if linear:
            self.walk_down(steps)
            self.scripts(steps)
        runs = self.whole(steps)
        self.alembic.close()
        with open(os.path.join(self.place, "index.json.part"), "w") as file:
            json.dump({"steps": steps, "linear": linear, "runs": runs}, file, indent=1)
        os.rename(file.name, os.path.join(self.place, "index.json"))

    def walk_up(self, steps: list[dict]) -> None:
        done = 0
        self.fresh(None)
        while done < len(steps):
            begun = done
            reached = self.walk("upgrade", "heads", {step["revision"]: step for step in steps})
            done += reached["steps"]
            for step in steps[begun:done]:
                step["run_from"] = begun
            if done < len(steps):
                failed = steps[done]
                failed.update(ok=False, error=reached["error"], run_from=begun)
                for name in (self.one, self.two):
                    self.alembic.stamp(self.server.url(name), failed["revision"])
                failed.update(self.look())
                done += 1

    def walk_down(self, steps: list[dict]) -> None:
        """Back to nothing; a revision that cannot be taken back is left out and the walk goes on below."""
        left = len(steps)
        for step in steps:
            step["undo"] = {}
        while left > 0:
            begun = left
            reached = self.walk("downgrade", "base", {step["revision"]: step["undo"] for step in steps})
            left -= reached["steps"]
            for step in steps[left:begun]:
                step["undo"]["run_from"] = begun - 1
            if left > 0:
                left -= 1
                steps[left]["undo"] = {"ok": False, "error": reached["error"], "run_from": begun - 1}
                self.fresh(self.read(steps[left - 1]["dump"]) if left else None)

    def walk(self, verb: str, to: str, places: dict) -> dict:
        """One run on each database; what is seen after each revision goes to its place."""
        seen = []

        def look(revision):
            places[revision].update(ok=True, **self.look())
            seen.append(revision)

        def look_again(revision):
            place = places[revision]
            place["masks"] = snapshot.masks(self.read(place["state"]), snapshot.take(self.server, self.two, False))

        outcome = self.alembic.walk(verb, self.server.url(self.one), to, look)
        self.alembic.walk(verb, self.server.url(self.two), to, look_again)
        if outcome.ok and not seen:
            raise SystemExit(f"the reference did nothing on {verb} {to}")
        return {"steps": len(seen), "error": outcome.message}

    def look(self) -> dict:
        """State and dump of the first database."""
        return {"state": self.keep(snapshot.take(self.server, self.one)),
                "dump": self.keep(self.server.dump(self.one)), "masks": {}}

    def scripts(self, steps: list[dict]) -> None:
        """The offline script of each revision."""
        for before, step in zip([None, *steps], steps):
            start = before["revision"] if before else "base"
            script = self.alembic.sql("postgresql://", f"{start}:{step['revision']}")
            step["sql"] = {"ok": script.ok, "error": script.message, "text": self.keep(script.result)}

    def whole(self, steps: list[dict]) -> dict:
        """The commands as a person gives them: all revisions, back, all again, as far as they go."""
        failing = next((number for number, step in enumerate(steps) if not step["ok"]), len(steps))
        top = "heads" if failing == len(steps) else steps[failing - 1]["revision"]
        stuck = [step for step in steps[:failing] if not step.get("undo", {"ok": True})["ok"]]
        bottom = stuck[-1]["revision"] if stuck else "base"
        self.fresh(None)
        runs = {"up": self.act("upgrade", top), "down": self.act("downgrade", bottom),
                "again": self.act("upgrade", top)}
        script = self.alembic.sql("postgresql://", "heads")
        runs["sql"] = {"ok": script.ok, "error": script.message, "text": self.keep(script.result)}
        return runs

    def fresh(self, dump: str | None) -> None:
        for name in (self.one, self.two):
            self.server.fresh(name, dump)

    def act(self, verb: str, to: str) -> dict:
        """One command on both databases: how it ended, the state, what to mask."""
        outcomes = [getattr(self.alembic, verb)(self.server.url(name), to) for name in (self.one, self.two)]
        states = [snapshot.take(self.server, name) for name in (self.one, self.two)]
        return {"to": to, "ok": outcomes[0].ok, "error": outcomes[0].message, "seconds": outcomes[0].seconds,
                "state": self.keep(states[0]), "masks": snapshot.masks(*states)}

    def keep(self, content) -> str | None:
        if content is None:
            return None
        text = json.dumps(content)
        name = hashlib.sha256(text.encode()).hexdigest()[:24]
        path = os.path.join(self.place, name + ".gz")
        if not os.path.exists(path):
            with gzip.open(path, "wt", compresslevel=6) as file:
                file.write(text)
        return name

    def read(self, name: str | None):
        if name is None:
            return None
        with gzip.open(os.path.join(self.place, name + ".gz"), "rt") as file:
            return json.load(file)

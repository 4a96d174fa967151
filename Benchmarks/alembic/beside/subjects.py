"""The two tools behind one face: upgrade, downgrade, offline script."""
from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import time

from .corpora import Corpus, python

REFUSED = 4  # omcops' exit status for what it will not start


@dataclasses.dataclass
class Outcome:
    """How one command ended. `refused` says that nothing was sent."""

    ok: bool
    refused: bool = False
    message: str = ""
    seconds: float = 0.0
    result: object = None


class Alembic:
    """The reference: one process per corpus, since importing it costs more than its work."""

    name = "alembic"

    def __init__(self, corpus: Corpus, log: str):
        self.corpus = corpus
        self.log = open(log, "w")
        # An env.py of our own projects reads DATABASE_URL, as many do; the fetched ones are neutral.
        self.export = not corpus.in_open_set
        environment = dict(os.environ, **dict(corpus.environment))
        environment.pop("PYTHONPATH", None)
        self.process = subprocess.Popen(
            [python(corpus.requirements), os.path.join(os.path.dirname(__file__), "worker.py"), corpus.reference_ini,
             corpus.section],
            cwd=corpus.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True, bufsize=1)

    def ask(self, at_step=None, **request) -> Outcome:
        start = time.perf_counter()
        request["export"] = self.export
        self.process.stdin.write(json.dumps(request) + "\n")
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"the reference ended; its log is {self.log.name}")
            answer = json.loads(line)
            if "step" not in answer:
                break
            at_step(answer["step"])
            self.process.stdin.write("go on\n")
        if not answer["ok"]:
            self.log.write(answer["trace"])
            self.log.flush()
        return Outcome(answer["ok"], message=answer.get("error", ""), seconds=time.perf_counter() - start,
                       result=answer.get("result"))

    def order(self) -> list[dict]:
        outcome = self.ask(do="order")
        if not outcome.ok:
            raise SystemExit(f"the reference cannot read its project: {outcome.message}")
        return outcome.result

    def upgrade(self, url: str, to: str) -> Outcome:
        return self.ask(do="upgrade", url=url, to=to)

    def downgrade(self, url: str, to: str) -> Outcome:
        return self.ask(do="downgrade", url=url, to=to)

    def walk(self, verb: str, url: str, to: str, at_step) -> Outcome:
        """One run over many revisions; `at_step(revision)` is called after each is committed."""
        return self.ask(at_step, do="walk", verb=verb, url=url, to=to)

    def stamp(self, url: str, to: str) -> Outcome:
        return self.ask(do="stamp", url=url, to=to)

    def sql(self, url: str, to: str) -> Outcome:
        return self.ask(do="sql", url=url, to=to)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


class Omcops:
    """The program under test, started anew for every command."""

    name = "omcops"

    def __init__(self, corpus: Corpus, program: str, limit: float = 60):
        self.corpus, self.program, self.limit = corpus, program, limit

    def run(self, *arguments: str, url: str | None = None) -> Outcome:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "OMCOPS_"))}
        environment.update(self.corpus.environment, NO_COLOR="1")
        if url is not None:
            arguments += ("--url", url)
        start = time.perf_counter()
        command = [self.program, "db", *arguments, "--config", self.corpus.ini]
        if self.corpus.section != "alembic":
            command += ["--name", self.corpus.section]
        try:
            ended = subprocess.run(command, cwd=self.corpus.folder, env=environment, stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=self.limit)
        except subprocess.TimeoutExpired:
            return Outcome(False, message=f"still running after {self.limit:.0f} s", seconds=self.limit)
        return Outcome(ended.returncode == 0, ended.returncode == REFUSED,
                       f"exit {ended.returncode}: " + ended.stderr.decode(errors="replace").strip(),
                       time.perf_counter() - start, ended.stdout.decode(errors="replace"))

    def upgrade(self, url: str, to: str) -> Outcome:
        return self.run("migrate", "--to", to, url=url)

    def downgrade(self, url: str, to: str) -> Outcome:
        return self.run("downgrade", to, url=url)

    def sql(self, url: str, to: str) -> Outcome:
        return self.run("migrate", "--sql", "--to", to)

    def close(self) -> None:
        pass

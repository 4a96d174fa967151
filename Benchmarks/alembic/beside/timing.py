"""Time and memory of the two programs side by side: whole processes, in alternating runs, medians."""
from __future__ import annotations

import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from . import chain
from .corpora import CACHE, python
from .server import Server

LENGTH = 36
CHAIN = os.path.join(CACHE, "projects", f"chain-{LENGTH}")


@dataclasses.dataclass
class Cost:
    seconds: float
    memory: int  # bytes resident at the most


@dataclasses.dataclass
class Case:
    """What is measured, how often, and how much less omcops may take."""

    name: str
    alembic: list[str]
    omcops: list[str]
    rounds: int
    from_empty: bool
    faster: float


CASES = [
    Case("nothing to do, at head", ["upgrade", "head"], ["migrate"], 31, False, 50),
    Case(f"{LENGTH} revisions from empty", ["upgrade", "head"], ["migrate"], 9, True, 5),
    Case("current", ["current"], ["current"], 5, False, 1),
    Case("history", ["history"], ["history"], 5, False, 1),
    Case("heads", ["heads"], ["heads"], 5, False, 1),
    Case("offline script", ["upgrade", "head", "--sql"], ["migrate", "--sql"], 5, False, 1),
]
OFFLINE = ("history", "heads")
MEMORY = 3  # times less than Alembic, at the least


def run(server: Server, omcops: str) -> int:
    """Prints the table; 1 when a bar is missed."""
    # Both as they are when installed: what a linker has just written lies in memory in small pieces,
    # and each costs a little at every start until the file is read from a disk.
    with tempfile.TemporaryDirectory() as folder:
        return compare(server, shutil.copy(omcops, folder))


def compare(server: Server, omcops: str) -> int:
    ini = chain.make(CHAIN, LENGTH)
    program = os.path.join(os.path.dirname(python("base")), "alembic")
    print(f"## Time and memory, {LENGTH} revisions, minimal env.py (median of alternating runs)\n")
    print("| command | alembic | omcops | times faster | bar | alembic peak | omcops peak |")
    print("|---|---|---|---|---|---|---|")
    missed = 0
    for case in CASES:
        costs = {"alembic": [], "omcops": []}
        for name in costs:
            server.fresh(f"timing_{name}")
        if not case.from_empty:
            for name in costs:
                cost(command(name, program, omcops, ini, CASES[0], server), server.url(f"timing_{name}"))
        for _ in range(case.rounds):
            for name in costs:
                if case.from_empty:
                    server.fresh(f"timing_{name}")
                costs[name].append(cost(command(name, program, omcops, ini, case, server),
                                        server.url(f"timing_{name}")))
        missed += show(case, costs)
    print()
    return 1 if missed else 0


def command(name: str, alembic: str, omcops: str, ini: str, case: Case, server: Server) -> list[str]:
    if name == "alembic":
        return [alembic, "-c", ini, *case.alembic]
    made = [omcops, "db", *case.omcops, "--config", ini]
    if case.omcops[0] not in OFFLINE and "--sql" not in case.omcops:
        made += ["--url", server.url("timing_omcops")]
    return made


def cost(arguments: list[str], url: str) -> Cost:
    environment = dict(os.environ, DATABASE_URL=url)
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the compiled files are Alembic's to use
    measured = subprocess.run([sys.executable, "-I", "-S", "-c", SMALL, *arguments], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds, memory, status = measured.stdout.split()
    if int(status) != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {status}:\n{measured.stderr}")
    return Cost(float(seconds), int(memory) * 1024)


# A program's high-water mark begins with that of the process it was forked from: measure from a
# small one, not from this.
SMALL = """
import os, sys, time
null = os.open("/dev/null", os.O_WRONLY)
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def show(case: Case, costs: dict) -> bool:
    """Prints a row; true when omcops missed a bar."""
    seconds = {name: statistics.median(cost.seconds for cost in runs) for name, runs in costs.items()}
    memory = {name: statistics.median(cost.memory for cost in runs) for name, runs in costs.items()}
    faster = seconds["alembic"] / seconds["omcops"]
    print(f"| {case.name} | {seconds['alembic'] * 1000:.0f} ms | {seconds['omcops'] * 1000:.1f} ms | {faster:.0f} | "
          f"{case.faster:g} | {memory['alembic'] / 2**20:.0f} MiB | {memory['omcops'] / 2**20:.1f} MiB |", flush=True)
    return faster < case.faster or memory["omcops"] * MEMORY > memory["alembic"]

"""Many migrators at once on an empty database: one works, the others find it done, nobody fails."""
from __future__ import annotations

import os
import subprocess

from . import chain, snapshot
from .corpora import CACHE
from .server import Server

PROCESSES = 16
LENGTH = 36
BUSY = 5  # omcops' exit status when another migrator holds the lock and nobody was to wait


def run(server: Server, omcops: str, rounds: int) -> int:
    """As many rounds as asked for, half of them waiting for the lock, half not; 1 at the first wrong one."""
    ini = chain.make(os.path.join(CACHE, "projects", f"chain-{LENGTH}"), LENGTH)
    alone = server.fresh("alone")
    subprocess.run([omcops, "db", "migrate", "--config", ini, "--url", alone], check=True, capture_output=True)
    right = snapshot.take(server, "alone")
    for number in range(rounds):
        waiting = number % 2 == 0
        url = server.fresh("crowd")
        command = [omcops, "db", "migrate", "--config", ini, "--url", url,
                   "--lock-wait", "60s" if waiting else "0s"]
        crowd = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                 for _ in range(PROCESSES)]
        ends = [(process.communicate(timeout=120)[0], process.returncode) for process in crowd]
        statuses = sorted(status for _, status in ends)
        allowed = {0} if waiting else {0, BUSY}
        wrong = snapshot.difference(right, snapshot.take(server, "crowd"), {})
        if not set(statuses) <= allowed or 0 not in statuses or wrong:
            print(f"round {number + 1}, {'waiting' if waiting else 'not waiting'}: exit {statuses}")
            print("\n".join(text.decode(errors="replace") for text, status in ends if status not in allowed))
            print("\n".join(wrong))
            return 1
        if (number + 1) % 20 == 0:
            print(f"{number + 1} rounds of {PROCESSES} processes: right", flush=True)
    print(f"{rounds} rounds of {PROCESSES} processes on an empty database: one migrated, the schema is right")
    return 0

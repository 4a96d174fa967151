"""Takes databases through omcops and through PostgreSQL's own tools, and compares what comes out."""
from __future__ import annotations

import argparse
import glob
import os
import signal
import sys

from . import applications, labels, losses, regression
from .paths import Paths
from .report import Report
from .server import Failed, Server

ROOT = os.path.dirname(os.path.dirname(applications.HERE))


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report(options.lines)
    with Server(options.bin) as server:
        print(f"PostgreSQL {server.version}, {options.omcops}", flush=True)
        if not options.only or "self-test" in options.only:
            losses.test(server, report)
        for name, load in databases().items():
            if options.only and name not in options.only:
                continue
            report.begin(name)
            try:
                load(server, "fidelity_source")
                Paths(server, options.omcops, "fidelity_source", report).run()
            except Failed as failure:
                report.fail(name, str(failure))
            server.drop("fidelity_source")
        return report.end()


def databases() -> dict:
    """Every database by its name, with what loads it."""
    found = {"regression": regression.load, "labels": labels.load}
    for path in sorted(glob.glob(f"{ROOT}/Tests/Databases/*.sql")
                       + glob.glob(f"{ROOT}/Tests/Databases/*/*.sql")):
        found[os.path.splitext(os.path.basename(path))[0]] = script(path)
    for name in applications.APPLICATIONS:
        found[name] = lambda server, database, name=name: applications.load(server, name, database)
    return found


def script(path: str):
    def load(server: Server, database: str) -> None:
        server.create(database)
        server.script(database, path)
    return load


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/fidelity/run", description=__doc__)
    parser.add_argument("--omcops", default=os.path.join(ROOT, ".build/release/omcops"), metavar="PATH",
                        help="the binary (.build/release/omcops)")
    parser.add_argument("--bin", default="/usr/lib/postgresql/15/bin", metavar="DIR",
                        help="the programs of the server to take (PostgreSQL 15 of Debian)")
    parser.add_argument("--only", action="append", metavar="NAME", choices=["self-test", *databases()],
                        help="one database; may be repeated: self-test, " + ", ".join(databases()))
    parser.add_argument("--lines", type=int, default=60, metavar="N", help="lines of a difference to print (60)")
    options = parser.parse_args()
    if not os.access(options.omcops, os.X_OK):
        parser.error(f"{options.omcops} is not there: build it, or name another with --omcops")
    return options


sys.exit(main())

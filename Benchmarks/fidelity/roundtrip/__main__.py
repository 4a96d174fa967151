"""Takes databases through omcops and through PostgreSQL's own tools, and compares what comes out."""
from __future__ import annotations

import argparse
import contextlib
import glob
import os
import re
import signal
import sys

from . import applications, labels, losses, regression
from .paths import Paths
from .report import Report
from .server import Failed, Server

# The server that every database is for.
DEBIAN = "/usr/lib/postgresql/15/bin"
ROOT = os.path.dirname(os.path.dirname(applications.HERE))


class Unsupported(Exception):
    """A database that is for newer servers only."""


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report(options.lines)
    with Server(options.bin) as server, other(options) as other_server:
        origin = other_server or server
        print(f"PostgreSQL {origin.version} to {server.version}, {options.omcops}", flush=True)
        if not options.only or "self-test" in options.only:
            losses.test(server, report)
        for name, load in databases().items():
            if options.only and name not in options.only:
                continue
            report.begin(name)
            try:
                load(origin, "fidelity_source")
            except Unsupported as reason:
                report.skip(str(reason))
                continue
            except Failed as failure:
                # Another server may lack an extension, or what came after its version.
                if origin.binaries == DEBIAN:
                    report.fail(name, str(failure))
                else:
                    report.skip(str(failure))
                continue
            try:
                Paths(origin, server, options, "fidelity_source", report).run()
            except Failed as failure:
                report.fail(name, str(failure))
            origin.drop("fidelity_source")
        return report.end()


def other(options):
    """The server that the databases are on, where it is not the one that they are restored into."""
    return Server(options.source) if options.source else contextlib.nullcontext()


def databases() -> dict:
    """Every database by its name, with what loads it."""
    found = {"regression": regression.load, "labels": labels.load}
    for path in sorted(glob.glob(f"{ROOT}/Tests/Databases/*.sql")
                       + glob.glob(f"{ROOT}/Tests/Databases/*/*.sql")
                       + glob.glob(f"{applications.HERE}/databases/*.sql")):
        found[os.path.splitext(os.path.basename(path))[0]] = script(path)
    for name in applications.APPLICATIONS:
        found[name] = lambda server, database, name=name: applications.load(server, name, database)
    return found


def script(path: str):
    since = re.search(r"since-(\d+)", path)

    def load(server: Server, database: str) -> None:
        if since and server.major < int(since.group(1)):
            raise Unsupported(f"it is for servers since {since.group(1)}")
        server.create(database)
        server.script(database, path)
    return load


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/fidelity/run", description=__doc__)
    parser.add_argument("--omcops", default=os.path.join(ROOT, ".build/release/omcops"), metavar="PATH",
                        help="the binary (.build/release/omcops)")
    parser.add_argument("--bin", default=DEBIAN, metavar="DIR",
                        help="the programs of the server to take (PostgreSQL 15 of Debian)")
    parser.add_argument("--from", dest="source", metavar="DIR",
                        help="the programs of the server to take databases from, where it is another one")
    parser.add_argument("--only", action="append", metavar="NAME", choices=["self-test", *databases()],
                        help="one database; may be repeated: self-test, " + ", ".join(databases()))
    # Any server's pg_restore reads gzip, which not every one does of the others.
    parser.add_argument("--compress", default="gzip", metavar="METHOD",
                        help="how omcops compresses: gzip, or what the server's pg_restore was built with (gzip)")
    parser.add_argument("--lines", type=int, default=60, metavar="N", help="lines of a difference to print (60)")
    options = parser.parse_args()
    if not os.access(options.omcops, os.X_OK):
        parser.error(f"{options.omcops} is not there: build it, or name another with --omcops")
    return options


sys.exit(main())

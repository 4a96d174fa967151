"""The command line of the comparison; see README.md beside `run`."""
from __future__ import annotations

import argparse
import os
import signal
import sys

from . import corpora, reference, report, walk
from .server import Server
from .subjects import Alembic, Omcops

ROOT = os.path.dirname(os.path.dirname(corpora.HERE))


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = select(options)
    with Server() as server:
        if options.self_test:
            from . import self_test
            return self_test.run(server)
        if options.crowd:
            from . import crowd
            return crowd.run(server, os.path.abspath(options.omcops), options.crowd)
        if options.timing:
            from . import timing
            return timing.run(server, os.path.abspath(options.omcops))
        if options.reference_only:
            for corpus in chosen:
                kept = reference.load(corpus, server, options.rebuild)
                print(report.reference_line(corpus, kept), flush=True)
            return 0
        if options.revision:
            return one(server, chosen[0], options)
        return whole(server, chosen, options)


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--corpus", action="append", metavar="NAME",
                        help="one project; may be repeated; `open` for the six, `own` for ours (all)")
    parser.add_argument("--revision", metavar="ID", help="one revision of one corpus, with the whole difference")
    parser.add_argument("--down", action="store_true", help="with --revision: take it back instead")
    parser.add_argument("--omcops", metavar="PATH", default=os.path.join(ROOT, ".build/release/omcops"),
                        help="the program under test (.build/release/omcops)")
    parser.add_argument("--only", action="append", choices=["up", "down", "whole", "sql"],
                        help="one part; may be repeated (all)")
    parser.add_argument("--verbose", action="store_true", help="every revision that is not identical, as it comes")
    parser.add_argument("--reference-only", action="store_true", help="measure the real Alembic and keep it")
    parser.add_argument("--rebuild", action="store_true", help="with --reference-only: measure it anew")
    parser.add_argument("--timing", action="store_true", help="only time and memory beside Alembic")
    parser.add_argument("--crowd", type=int, metavar="ROUNDS",
                        help="only 16 migrators at once on an empty database, as many rounds")
    parser.add_argument("--self-test", action="store_true",
                        help="prove the comparison: Alembic beside itself, and beside a tampered revision")
    return parser.parse_args()


def select(options) -> list[corpora.Corpus]:
    everything = {corpus.name: corpus for corpus in corpora.every()}
    names = []
    for name in options.corpus or ["open", "own"]:
        if name == "open":
            names += [corpus.name for corpus in corpora.OPEN]
        elif name == "own":
            names += [corpus.name for corpus in corpora.own()]
        elif name in everything:
            names.append(name)
        else:
            sys.exit(f"run: no corpus is called {name}; there are {', '.join(everything)}, open and own")
    return [everything[name] for name in names]


def one(server: Server, corpus: corpora.Corpus, options) -> int:
    """A single revision, started from the reference's database before it."""
    kept = reference.load(corpus, server)
    number = kept.index(options.revision)
    path = walk.Walk(server, kept, Omcops(corpus, os.path.abspath(options.omcops)))
    [verdict] = list(path.down(number) if options.down else path.up(number))
    print(report.verdict_text(verdict, whole=True))
    return 0 if verdict.status in (walk.IDENTICAL, walk.SKIPPED) else 1


def whole(server: Server, chosen: list[corpora.Corpus], options) -> int:
    parts = options.only or ["up", "down", "whole", "sql"]
    results = report.Report()
    for corpus in chosen:
        kept = reference.load(corpus, server)
        subject = Omcops(corpus, os.path.abspath(options.omcops))
        path = walk.Walk(server, kept, subject)
        for part in parts:
            if part == "sql":
                from . import scripts
                verdicts = scripts.compare(kept, subject)
            else:
                verdicts = getattr(path, part)()
            for verdict in verdicts:
                results.add(corpus, part, verdict)
                if options.verbose and verdict.status not in (walk.IDENTICAL, walk.SKIPPED):
                    print(report.verdict_text(verdict), flush=True)
    print(results.text(chosen, parts))
    results.save()
    status = results.status(chosen, parts)
    if not options.corpus and not options.only:
        from . import timing
        status = max(status, timing.run(server, os.path.abspath(options.omcops)))
    return status


if __name__ == "__main__":
    sys.exit(main())

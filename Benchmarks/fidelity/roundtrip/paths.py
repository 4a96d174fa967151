"""The ways from one database to another, and what is compared at their ends."""
from __future__ import annotations

import os
import re
import shutil

from .server import Server, run

# What the catalogs say of the database itself. pg_restore leaves it out unless it makes the database.
PROPERTIES = """
SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datacl,
  shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database();
SELECT pg_get_userbyid(nullif(setrole, 0)), unnest(setconfig) FROM pg_db_role_setting
  WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1, 2;
"""

# What pg_dump writes no rows of: how many there are shows whether they came along.
FILLED = """
SELECT format('SELECT %L, count(*) FROM %s', oid::regclass, oid::regclass) FROM pg_class
  WHERE relkind = 'm' AND relispopulated ORDER BY oid::regclass::text COLLATE "C" \\gexec
"""


class Paths:
    """Takes one database of `origin` along every path into databases of `server`."""

    def __init__(self, origin: Server, server: Server, options, source: str, report):
        self.origin, self.server = origin, server
        self.omcops, self.compression = options.omcops, options.compress
        self.source, self.report = source, report
        self.folder = os.path.join(server.folder, "archives")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o755)

    def run(self) -> None:
        source = text(self.origin, self.source)
        names = ("custom", "directory", "ours", "file")
        custom, directory, ours, file = (os.path.join(self.folder, name) for name in names)
        if self.origin is not self.server:
            self._copy_roles()
        self._dump("-Fc", custom)
        self._dump("-Fd", directory)
        self._stock(custom, "fidelity_stock")
        baseline = text(self.server, "fidelity_stock")
        self.server.drop("fidelity_stock")
        self.report.baseline(source, baseline)

        backup = [self.omcops, "db", "backup", "--url", self.origin.url(self.source),
                  "--compress", self.compression]
        run([*backup, "--output", ours])
        run([*backup, "--output", file, "--format", "custom"])
        for name, restore, isWhole in [
            ("omcops backup, omcops restore", lambda to: self._ours(ours, to), True),
            ("omcops backup, pg_restore", lambda to: self._stock(ours, to), False),
            ("omcops backup, pg_restore -j2", lambda to: self._stock(ours, to, "-j2"), False),
            ("omcops custom backup, pg_restore", lambda to: self._stock(file, to), False),
            ("omcops custom backup, omcops restore", lambda to: self._ours(file, to), True),
            ("pg_dump -Fc, omcops restore", lambda to: self._ours(custom, to), True),
            ("pg_dump -Fd, omcops restore", lambda to: self._ours(directory, to), True),
        ]:
            self._compare(name, restore, isWhole, source, baseline)

    def _compare(self, name, restore, isWhole, source, baseline) -> None:
        target = "fidelity_target"
        self.server.drop(target)
        try:
            restore(target)
            found = text(self.server, target)
            # Where stock tools themselves change a text, keeping it is as good.
            expected = source if found == source else baseline
            self.report.compare(name, expected, found)
            if isWhole:
                self.report.compare(f"{name}: the database itself", properties(self.origin, self.source),
                                    properties(self.server, target))
        except Exception as error:
            self.report.fail(name, str(error))
        finally:
            self.server.drop(target)

    def _dump(self, form: str, path: str) -> None:
        run([self.server.tool("pg_dump"), *self.origin.connection(self.source), form, "-f", path])

    def _copy_roles(self) -> None:
        roles = run([self.server.tool("pg_dumpall"), *self.origin.connection("postgres")[:4], "--roles-only"])
        self.server.run("psql", "postgres", "-Xq", stdin=roles)

    def _ours(self, archive: str, target: str) -> None:
        run([self.omcops, "db", "restore", archive, "--url", self.server.url("postgres"),
             "--into", target])

    def _stock(self, archive: str, target: str, *options: str) -> None:
        self.server.create(target)
        self.server.run("pg_restore", target, "--exit-on-error", *options, archive)


def text(server: Server, database: str) -> list[str]:
    """A database as pg_dump writes it, without what differs between any two runs."""
    dump = server.run("pg_dump", database).decode(errors="surrogateescape")
    lines = [line for line in dump.split("\n") if not re.match(r"\\(un)?restrict ", line)]
    if server.major < 15:
        # These put objects of one name, as two tables' keys may be, in the order of their numbers.
        lines = "\n".join(sorted("\n".join(lines).split("\n--\n-- "))).split("\n")
    return _in_order(lines) + server.sql(database, FILLED).split("\n")


def _in_order(lines: list[str]) -> list[str]:
    """The same with each table's rows sorted: a table has no order, and a large one's ranges come as
    they are read. Rows that are loaded via a partitioned table are sorted over all its partitions: where
    they are hashed by what has a number of its own in each database, each of them may be in any."""
    result: list[str] = []
    pools: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    start = root = None
    for line in lines:
        if line.startswith(VIA_ROOT):
            root = line.removeprefix(VIA_ROOT)
        elif start is None and line.startswith("COPY ") and line.endswith("FROM stdin;"):
            start = len(result) + 1
        elif start is not None and line == "\\.":
            rows = result[start:]
            if root is not None:
                columns = re.search(r"\((.*)\) FROM stdin;$", result[start - 1])[1].split(", ")
                order = sorted(range(len(columns)), key=columns.__getitem__)
                result[start - 1] = f"COPY {root} BY NAME FROM stdin;"
                pools.setdefault(root, []).extend("\t".join(row.split("\t")[i] for i in order) for row in rows)
                places.setdefault(root, start)
                rows = []
            result[start:] = sorted(rows)
            start = root = None
        result.append(line)
    # From the last place on, so that the others stay where they are.
    for root, place in sorted(places.items(), key=lambda item: -item[1]):
        result[place:place] = sorted(pools[root])
    return result


VIA_ROOT = "-- load via partition root "


def properties(server: Server, database: str) -> list[str]:
    return server.sql(database, PROPERTIES).split("\n")

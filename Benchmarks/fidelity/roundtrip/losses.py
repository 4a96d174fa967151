"""The self-test: one thing is lost on purpose, and the comparison has to see it."""
from __future__ import annotations

import os

from . import paths
from .applications import HERE
from .server import Server

# What is lost, and how, from the database of losses.sql.
LOSSES = {
    "an index": "DROP INDEX app.item_name",
    "a comment": "COMMENT ON TABLE app.item IS NULL",
    "a column's comment": "COMMENT ON COLUMN app.item.name IS NULL",
    "an extension's comment": "COMMENT ON EXTENSION citext IS NULL",
    "a right on a table": "REVOKE SELECT ON app.item FROM fidelity_reader",
    "a right on a column": "REVOKE UPDATE (name) ON app.item FROM fidelity_reader",
    "a right to grant": "REVOKE GRANT OPTION FOR SELECT ON app.part FROM fidelity_reader",
    "a default privilege": "ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE SELECT ON TABLES FROM fidelity_reader",
    "a row": "DELETE FROM app.item WHERE id = 3",
    "a byte": "UPDATE app.item SET raw = '\\x00ff0a5c' WHERE id = 2",
    "a sequence's place": "SELECT setval('app.item_id_seq', 2)",
    "a sequence's owner": "ALTER SEQUENCE app.item_id_seq OWNED BY NONE",
    "bytes of a large object": "SELECT lo_put(4711, 0, '\\x00')",
    "a right on a large object": "REVOKE SELECT ON LARGE OBJECT 4711 FROM fidelity_reader",
    "a large object": "SELECT lo_unlink(4711)",
    "an owner": "ALTER VIEW app.names OWNER TO postgres",
    "a statistics target": "ALTER TABLE app.item ALTER name SET STATISTICS -1",
    "extended statistics": "DROP STATISTICS app.item_statistics",
    "a storage parameter": "ALTER TABLE app.item RESET (fillfactor)",
    "a column's storage": "ALTER TABLE app.item ALTER name SET STORAGE EXTENDED",
    "a policy": "DROP POLICY only_positive ON app.item",
    "row security": "ALTER TABLE app.item DISABLE ROW LEVEL SECURITY",
    "a trigger's state": "ALTER TABLE app.item ENABLE TRIGGER touch",
    "a trigger": "DROP TRIGGER touch ON app.item",
    "a materialized view": "DROP MATERIALIZED VIEW app.sums",
    "a materialized view's rows": "REFRESH MATERIALIZED VIEW app.sums WITH NO DATA",
    "a partition": "ALTER TABLE app.part DETACH PARTITION app.part_1",
    "a partition's rows": "TRUNCATE app.part_1",
    "a default": "ALTER TABLE app.item ALTER name DROP DEFAULT",
    "a check": "ALTER TABLE app.item DROP CONSTRAINT item_id_check",
    "a foreign key": "ALTER TABLE app.part DROP CONSTRAINT part_item_fkey",
    "a constraint's validity": "ALTER TABLE app.item VALIDATE CONSTRAINT later",
    "a publication's filter": "ALTER PUBLICATION news SET TABLE app.item",
    "an event trigger's state": "ALTER EVENT TRIGGER watch ENABLE",
    "a function's setting": "ALTER FUNCTION app.touch() RESET search_path",
    "a rule": "DROP RULE quiet ON app.names",
    "a label of an enumeration": "ALTER TYPE app.level RENAME VALUE 'high' TO 'higher'",
    "a domain's check": "ALTER DOMAIN app.positive DROP CONSTRAINT positive_check",
    "a replica identity": "ALTER TABLE app.item REPLICA IDENTITY DEFAULT",
    "a collation": "DROP COLLATION app.german",
    "a database's setting": "ALTER DATABASE fidelity_lost RESET work_mem",
    "a database's comment": "COMMENT ON DATABASE fidelity_lost IS NULL",
    "a right on a database": "REVOKE CREATE ON DATABASE fidelity_lost FROM fidelity_reader",
}


def test(server: Server, report) -> None:
    """Loses everything in turn; what the comparison does not notice is a failure."""
    report.begin("self-test: what is lost has to be seen")
    server.create("fidelity_losses")
    server.script("fidelity_losses", os.path.join(HERE, "losses.sql"))
    expected = _seen(server, "fidelity_losses")
    _copy(server)
    report.compare("an untouched copy is equal", expected, _seen(server, "fidelity_lost"))
    for name, statement in LOSSES.items():
        _copy(server)
        server.sql("fidelity_lost", statement)
        if _seen(server, "fidelity_lost") == expected:
            report.fail(f"{name} is lost", "nobody noticed")
        else:
            report.passed += 1
    print(f"  {len(LOSSES)} losses tried", flush=True)
    for database in ("fidelity_lost", "fidelity_losses"):
        server.drop(database)


def _copy(server: Server) -> None:
    server.create("fidelity_lost", template="fidelity_losses")
    # A template's own settings, rights and comment do not go to its copies.
    server.sql("fidelity_lost", """
        ALTER DATABASE fidelity_lost SET work_mem = '8MB';
        COMMENT ON DATABASE fidelity_lost IS 'losses';
        GRANT CREATE ON DATABASE fidelity_lost TO fidelity_reader;
        """)


def _seen(server: Server, database: str) -> list[str]:
    return paths.text(server, database) + paths.properties(server, database)

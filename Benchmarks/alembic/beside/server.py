"""The server that omcops and Alembic migrate side by side."""
from __future__ import annotations

import os
import subprocess

from scratch_server import ScratchServer

BIN = os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin")


class Server(ScratchServer):
    """`url(name)` is a database's address."""

    def __init__(self):
        super().__init__(BIN, {"shared_buffers": "64MB", "max_connections": "200"}, on_network=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def psql(self, database: str, sql: str) -> None:
        subprocess.run([self.tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)],
                       input=sql, text=True, check=True, stdout=subprocess.DEVNULL)

    def fresh(self, database: str, dump: str | None = None) -> str:
        """An empty database of that name, or one that holds what the dump makes."""
        self.psql("postgres", f'SET client_min_messages = error;\nDROP DATABASE IF EXISTS "{database}" WITH (FORCE);\n'
                              f'CREATE DATABASE "{database}" TEMPLATE template0;')
        if dump:
            self.psql(database, dump)
        return self.url(database)

    def change_count(self, database: str) -> str:
        """The next transaction id: it moves with every write, even one that is rolled back."""
        return subprocess.run([self.tool("psql"), "-X", "-At", "-d", self.url(database), "-c",
                               "SELECT pg_snapshot_xmax(pg_current_snapshot())"],
                              check=True, capture_output=True, text=True).stdout

    def dump(self, database: str, *options: str) -> str:
        """pg_dump's text without what differs from call to call."""
        text = subprocess.run([self.tool("pg_dump"), *options, "-d", self.url(database)], check=True,
                              capture_output=True, text=True).stdout
        return "".join(line for line in text.splitlines(keepends=True)
                       if not line.startswith(("\\restrict ", "\\unrestrict ")))

"""The server that databases are taken from or restored into, and its own programs."""
from __future__ import annotations

import os
import re
import subprocess

from scratch_server import ScratchServer

SETTINGS = {
    # A test of the server's own prepares transactions, and subscriptions need workers' slots.
    "max_prepared_transactions": "4",
    "max_locks_per_transaction": "512",
}


class Failed(Exception):
    """A program ended with an error; the text is what it said."""


class Server(ScratchServer):
    """A server that loads libraries from a folder of its own."""

    def __init__(self, binaries: str):
        super().__init__(binaries, dict(SETTINGS))
        text = subprocess.run([self.tool("postgres"), "--version"], check=True, capture_output=True,
                              text=True).stdout
        self.version = re.search(r"\d+(\.\d+)?", text).group()
        self.major = int(self.version.split(".")[0])

    def _start(self) -> None:
        self.libraries = os.path.join(self.folder, "lib")
        os.mkdir(self.libraries)
        self.settings["dynamic_library_path"] = f"$libdir:{self.libraries}"
        super()._start()

    def connection(self, database: str) -> list[str]:
        return ["-h", self.folder, "-U", "postgres", "-d", database]

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self.folder}"

    def run(self, tool: str, database: str, *arguments: str, stdin=None, fails: bool = False) -> bytes:
        """Runs one of the server's own programs; gives what it printed."""
        return run([self.tool(tool), *self.connection(database), *arguments], stdin=stdin, fails=fails)

    def sql(self, database: str, text: str) -> str:
        return run([self.tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", *self.connection(database)],
                   stdin=text.encode()).decode().strip()

    def script(self, database: str, path: str, *arguments: str) -> None:
        self.run("psql", database, "-Xq", "-v", "ON_ERROR_STOP=1", *arguments, "-f", path)

    def create(self, database: str, template: str = "template0") -> None:
        self.drop(database)
        self.sql("postgres", f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        # A subscription keeps its database from being dropped.
        exists = self.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'")
        if not exists:
            return
        for name in self.sql(database, "SELECT quote_ident(subname) FROM pg_subscription JOIN pg_database AS d"
                                       " ON d.oid = subdbid WHERE d.datname = current_database()").split("\n"):
            if name:
                self.sql(database, f"ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name}"
                                   f" SET (slot_name = NONE); DROP SUBSCRIPTION {name}")
        self.sql("postgres", f'ALTER DATABASE "{database}" IS_TEMPLATE false;'
                             f'DROP DATABASE "{database}" WITH (FORCE)'.replace(";DROP", ";\nDROP"))


def run(command: list[str], stdin: bytes | None = None, fails: bool = False) -> bytes:
    """Runs a program; `fails` lets it end with an error."""
    done = subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                          capture_output=True)
    if done.returncode and not fails:
        said = done.stderr.decode(errors="replace").strip().split("\n")
        raise Failed(f"{os.path.basename(command[0])} ended with {done.returncode}:\n" + "\n".join(said[:100]))
    return done.stdout

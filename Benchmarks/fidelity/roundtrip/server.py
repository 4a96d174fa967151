"""A PostgreSQL server of our own for one run: nothing on disk survives it, nothing is synced."""
from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum": "off",
    "lc_messages": "C",
    # A test of the server's own prepares transactions, and subscriptions need workers' slots.
    "max_prepared_transactions": "4",
    "max_locks_per_transaction": "512",
}


class Failed(Exception):
    """A program ended with an error; the text is what it said."""


class Server:
    """Started on entry, ended and removed on exit."""

    def __init__(self, binaries: str):
        self.binaries = binaries
        text = subprocess.run([self.tool("postgres"), "--version"], check=True, capture_output=True,
                              text=True).stdout
        self.version = re.search(r"\d+(\.\d+)?", text).group()
        self.major = int(self.version.split(".")[0])
        self.process = None

    def tool(self, name: str) -> str:
        return os.path.join(self.binaries, name)

    def __enter__(self) -> "Server":
        self.folder = tempfile.mkdtemp(prefix="omcops-fidelity-")
        os.chmod(self.folder, 0o755)
        self.libraries = os.path.join(self.folder, "lib")
        os.mkdir(self.libraries)
        self.account = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        data = os.path.join(self.folder, "data")
        subprocess.run([self.tool("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder, **self.account)
        settings = dict(SETTINGS, unix_socket_directories=self.folder,
                        dynamic_library_path=f"$libdir:{self.libraries}")
        command = [self.tool("postgres"), "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.folder, **self.account)
        deadline = time.monotonic() + 60
        while subprocess.run([self.tool("psql"), "-XAtqc", "SELECT 1", *self.connection("postgres")],
                             capture_output=True).returncode:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"the server did not start:\n{open(self.log).read()}")
            time.sleep(0.1)

    def __exit__(self, *_) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

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

"""A PostgreSQL server of our own for one run: nothing on disk survives it, nothing is synced."""
from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

BIN = os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin")

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
    # The dumps compare texts: a message's language must not depend on the machine.
    "lc_messages": "C",
}


class Server:
    """Started on entry, ended and removed on exit. `url(name)` is a database's address."""

    def __enter__(self) -> "Server":
        self.folder = tempfile.mkdtemp(prefix="omcops-beside-")
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.account = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            postgres = pwd.getpwnam("postgres")
            os.chown(self.folder, postgres.pw_uid, postgres.pw_gid)
            self.account = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        subprocess.run([f"{BIN}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL, **self.account)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [f"{BIN}/postgres", "-D", self.data, "-p", str(self.port)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        **self.account)
        deadline = time.monotonic() + 30
        while True:
            ready = subprocess.run([f"{BIN}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)])
            if ready.returncode == 0:
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"the server did not start: {open(self.log.name).read()}")
            time.sleep(0.05)

    def __exit__(self, *_) -> None:
        process = getattr(self, "process", None)
        if process is not None:
            process.send_signal(2)  # fast shutdown
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def psql(self, database: str, sql: str) -> None:
        subprocess.run([f"{BIN}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)],
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
        return subprocess.run([f"{BIN}/psql", "-X", "-At", "-d", self.url(database), "-c",
                               "SELECT pg_snapshot_xmax(pg_current_snapshot())"],
                              check=True, capture_output=True, text=True).stdout

    def dump(self, database: str, *options: str) -> str:
        """pg_dump's text without what differs from call to call."""
        text = subprocess.run([f"{BIN}/pg_dump", *options, "-d", self.url(database)], check=True,
                              capture_output=True, text=True).stdout
        return "".join(line for line in text.splitlines(keepends=True)
                       if not line.startswith(("\\restrict ", "\\unrestrict ")))

"""A PostgreSQL server of our own for one run: nothing on disk survives it, nothing is synced."""
from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum": "off",
    # What is compared are texts: a message's language must not depend on the machine.
    "lc_messages": "C",
}


def spread(folder: str) -> None:
    """Has ext4 put each folder in this one at a place of its own (chattr +T): where it keeps no journal, a
    file costs the more the more files were removed near it lately, which is no side's doing."""
    get, put, top = 0x80086601, 0x40086602, 0x20000  # FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_TOPDIR_FL
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with contextlib.suppress(OSError):  # another file system
        flags = int.from_bytes(fcntl.ioctl(place, get, bytes(8))[:4], sys.byteorder)
        fcntl.ioctl(place, put, (flags | top).to_bytes(4, sys.byteorder) + bytes(4))
    os.close(place)


class ScratchServer:
    """Started on entry, ended and removed on exit; `host` and `port` say where it listens."""

    def __init__(self, binaries: str, settings: dict[str, str], on_network: bool = False):
        """Listens on a Unix socket in its folder, or on a free port of the loopback interface."""
        self.binaries, self.settings, self.on_network = binaries, settings, on_network
        self.process = None

    def tool(self, name: str) -> str:
        return os.path.join(self.binaries, name)

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="omcops-bench-")
        os.chmod(self.folder, 0o755)
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

    def __exit__(self, *_) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        data = os.path.join(self.folder, "data")
        subprocess.run([self.tool("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder, **self.account)
        spread(os.path.join(data, "base"))
        command = [self.tool("postgres"), "-D", data]
        for name, value in {**SETTINGS, **self._place(), **self.settings}.items():
            command += ["-c", f"{name}={value}"]
        log = os.path.join(self.folder, "log")
        with open(log, "wb") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                            cwd=self.folder, **self.account)
        deadline = time.monotonic() + 60
        while subprocess.run([self.tool("pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]).returncode:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"the server did not start:\n{open(log).read()}")
            time.sleep(0.05)

    def _place(self) -> dict[str, str]:
        if not self.on_network:
            self.host, self.port = self.folder, 5432
            return {"listen_addresses": "", "unix_socket_directories": self.folder}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.host, self.port = probe.getsockname()
        return {"listen_addresses": self.host, "unix_socket_directories": "", "port": str(self.port)}

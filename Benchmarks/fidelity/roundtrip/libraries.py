"""Builds libraries that a server loads."""
from __future__ import annotations

import os
import subprocess

from . import packages
from .server import Server


def build(server: Server, source: str, name: str) -> str | None:
    """Compiles one into the server's folder of them; gives what the compiler says when it fails."""
    built = subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-w", *[f"-I{folder}" for folder in _headers(server)], source,
         "-o", os.path.join(server.libraries, f"{name}.so")], capture_output=True, text=True)
    return built.stderr if built.returncode else None


def _headers(server: Server) -> list[str]:
    """The server's C headers: beside its programs, or Debian's package of them."""
    beside = [os.path.normpath(os.path.join(server.binaries, path)) for path in
              ("../include/postgresql/server", "../include/server",
               f"../../../../include/postgresql/{server.major}/server")]
    for folder in beside:
        if os.path.exists(os.path.join(folder, "postgres.h")):
            return [folder, os.path.dirname(folder)]
    root = packages.unpacked(f"postgresql-server-dev-{server.major}") + "/usr/include/postgresql"
    return [f"{root}/{server.major}/server", root, packages.unpacked("libpq-dev") + "/usr/include/postgresql"]

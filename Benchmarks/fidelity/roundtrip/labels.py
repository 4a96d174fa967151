"""A database with security labels, and a provider that takes them: PostgreSQL's packages hold none."""
from __future__ import annotations

import os
import time

from . import libraries
from .server import Failed, Server

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def load(server: Server, database: str) -> None:
    error = libraries.build(server, os.path.join(HERE, "labels.c"), "omcops_labels")
    if error:
        raise Failed(error)
    # Every session has the provider from here on.
    server.sql("postgres", "ALTER SYSTEM SET session_preload_libraries = 'omcops_labels';\nSELECT pg_reload_conf()")
    for _ in range(100):
        if server.sql("postgres", "SHOW session_preload_libraries"):
            break
        time.sleep(0.1)
    server.create(database)
    server.script(database, os.path.join(HERE, "labels.sql"))

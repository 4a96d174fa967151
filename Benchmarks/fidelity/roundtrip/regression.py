"""PostgreSQL's own regression database: what its tests leave behind, every kind of object there is."""
from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import tarfile

from . import libraries, packages
from .server import Failed, Server, run

# The libraries that the tests load, and where their source is.
LIBRARIES = {"regress": "src/test/regress/regress.c", "refint": "contrib/spi/refint.c",
             "autoinc": "contrib/spi/autoinc.c"}


def load(server: Server, database: str) -> None:
    """Fills a new database, from the cache when it has been made before."""
    dump = os.path.join(packages.CACHE, f"regression-{server.major}.dump")
    archive = packages.source(f"postgresql-{server.major}")
    if archive is None and not os.path.exists(dump):
        archive, dump = packages.source("postgresql-15"), os.path.join(packages.CACHE, "regression-15.dump")
        if not os.path.exists(dump):
            raise SystemExit("the regression database of PostgreSQL 15 is needed first: run without --bin")
    tree = _unpack(server, archive)
    _build_libraries(server, tree)
    if not os.path.exists(dump):
        _run_tests(server, tree)
        _keep(server, dump)
    roles = dump.removesuffix("dump") + "roles.sql"
    server.run("psql", "postgres", "-Xq", "-f", roles)
    server.create(database)
    # What another server's version lacks is not part of its database.
    server.run("pg_restore", database, dump, fails=str(server.major) not in os.path.basename(dump))


def _unpack(server: Server, archive: str) -> str:
    """The parts of the source that are needed, where the server can read them."""
    target = os.path.join(server.folder, "source")
    with tarfile.open(archive) as tar:
        wanted = [entry for entry in tar.getmembers()
                  if re.match(r"[^/]+/(src/test/regress|contrib/spi)(/|$)", entry.name)]
        tar.extractall(target, wanted)
    return glob.glob(f"{target}/*")[0]


def _build_libraries(server: Server, tree: str) -> None:
    for name, path in LIBRARIES.items():
        if os.path.exists(os.path.join(tree, path)):
            error = libraries.build(server, os.path.join(tree, path), name)
            if error:
                print(f"  without {name}.so: {error.splitlines()[0]}")


def _run_tests(server: Server, tree: str) -> None:
    """Runs the server's own tests for what they leave; whether they pass is not our business."""
    folder = os.path.join(tree, "src/test/regress")
    for path in glob.glob(f"{folder}/sql/*.sql"):
        with open(path, encoding="latin-1") as file:
            text = file.read()
        # By their bare names the libraries are found wherever the database goes.
        plain = re.sub(r"(\\set \w+) :libdir '/(regress|refint|autoinc)' :dlsuffix", r"\1 '\2'", text)
        if plain != text:
            with open(path, "w", encoding="latin-1") as file:
                file.write(plain)
    output = os.path.join(server.folder, "output")
    os.makedirs(os.path.join(output, "results"), exist_ok=True)
    schedule = next(path for path in ("parallel_schedule", "serial_schedule")
                    if os.path.exists(os.path.join(folder, path)))
    for path in (server.folder, folder, output):
        subprocess.run(["chmod", "-R", "a+rX", path], check=True)
    subprocess.run(["chmod", "-R", "a+w", output], check=True)
    driver = _driver(server)
    environment = dict(os.environ, PGUSER="postgres")
    with open(os.path.join(server.folder, "regress.log"), "wb") as log:
        subprocess.run([driver, f"--inputdir={folder}", f"--outputdir={output}", f"--bindir={server.binaries}",
                        f"--dlpath={server.libraries}", f"--schedule={os.path.join(folder, schedule)}",
                        f"--expecteddir={folder}" if server.major >= 16 else f"--inputdir={folder}",
                        f"--host={server.folder}", "--port=5432", "--user=postgres", "--max-concurrent-tests=20"],
                       cwd=output, env=environment, stdout=log, stderr=log)
    counted = re.findall(rb"# All \d+ tests passed|(\d+) of \d+ tests (?:failed|passed)",
                         open(log.name, "rb").read())
    if not counted:
        raise Failed("pg_regress did not end well:\n" + open(log.name).read()[-3000:])


def _driver(server: Server) -> str:
    tail = "pgxs/src/test/regress/pg_regress"
    for path in (f"../lib/postgresql/{tail}", f"../lib/{tail}"):
        found = os.path.normpath(os.path.join(server.binaries, path))
        if os.path.exists(found):
            return found
    root = packages.unpacked(f"postgresql-server-dev-{server.major}")
    return f"{root}/usr/lib/postgresql/{server.major}/lib/{tail}"


def _keep(server: Server, dump: str) -> None:
    partial = dump + ".partial"
    server.run("pg_dump", "regression", "-Fc", "-f", partial)
    roles = run([server.tool("pg_dumpall"), "-h", server.folder, "-U", "postgres", "--roles-only",
                 "--no-role-passwords"]).decode()
    # The role of this server itself is there on every other.
    roles = "".join(line + "\n" for line in roles.splitlines() if not re.match(r"(CREATE|ALTER) ROLE postgres\b", line))
    with open(dump.removesuffix("dump") + "roles.sql", "w") as file:
        file.write(roles)
    os.rename(partial, dump)
    server.drop("regression")
    shutil.rmtree(os.path.join(server.folder, "output"), ignore_errors=True)

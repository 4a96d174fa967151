"""The projects that are compared: six fetched by name and version, and our own in `projects/`."""
from __future__ import annotations

import dataclasses
import glob
import os
import subprocess
import zipfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.environ["OMCOPS_BENCH_CACHE"]

# How many revisions of the fetched projects the real Alembic runs from an empty database.
OPEN_REVISIONS = 362

PHOENIX_NAMES = """{
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_`%(constraint_name)s`",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }"""

PREFECT_NAMES = """{
        "ix": "ix_%(table_name)s__%(column_0_N_name)s",
        "uq": "uq_%(table_name)s__%(column_0_N_name)s",
        "ck": "ck_%(table_name)s__%(constraint_name)s",
        "fk": "fk_%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }"""


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A project to run: where its revisions are and what the reference needs to import them."""

    name: str
    revisions: int  # that the real Alembic runs
    package: str | None = None
    version: str | None = None
    versions: str | None = None  # below the package's root
    naming: str | None = None
    requirements: str = "base"
    reference_root: bool = True  # the reference too imports the unpacked package
    in_open_set: bool = True
    section: str = "alembic"
    environment: tuple = ()

    @property
    def folder(self) -> str:
        """Holds alembic.ini."""
        if self.package is None:
            folder = os.path.join(HERE, "projects", self.name)
            # Flask-Migrate keeps alembic.ini with the revisions.
            inner = os.path.join(folder, "migrations")
            return inner if os.path.exists(os.path.join(inner, "alembic.ini")) else folder
        return os.path.join(CACHE, "projects", f"{self.name}-{self.version}")

    @property
    def ini(self) -> str:
        """The ini that both tools are given."""
        return os.path.join(self.folder, "alembic.ini")

    @property
    def reference_ini(self) -> str:
        """The same without the package's root, where the reference imports another version."""
        own = os.path.join(self.folder, "reference.ini")
        return self.ini if self.reference_root and not os.path.exists(own) else own


OPEN = [
    Corpus("argilla", 24, "argilla-server", "2.8.0", "argilla_server/alembic/versions"),
    Corpus("phoenix", 35, "arize-phoenix", "20.26.1", "phoenix/db/migrations/versions", naming=PHOENIX_NAMES),
    Corpus("open-webui", 66, "open-webui", "0.12.4", "open_webui/migrations/versions", requirements="open-webui",
           environment=(("WEBUI_SECRET_KEY", "secret"), ("DATA_DIR", os.path.join(CACHE, "data")))),
    Corpus("optuna", 10, "optuna", "5.0.0", "optuna/storages/_rdb/alembic/versions", requirements="optuna"),
    Corpus("ckan", 109, "ckan", "2.12.0", "ckan/migration/versions"),
    Corpus("prefect", 118, "prefect", "3.9.1", "prefect/server/database/_migrations/versions/postgresql",
           naming=PREFECT_NAMES, requirements="prefect", reference_root=False),
]


def own() -> list[Corpus]:
    """Our own small projects: each folder of `projects/` with an alembic.ini, or its migrations folder."""
    found = []
    projects = os.path.join(HERE, "projects")
    inis = glob.glob(os.path.join(projects, "*", "alembic.ini"))
    inis += glob.glob(os.path.join(projects, "*", "migrations", "alembic.ini"))
    for ini in sorted(inis):
        name = os.path.relpath(ini, projects).split(os.sep)[0]
        section = "alembic"
        marker = os.path.join(os.path.dirname(ini), "section.txt")
        if os.path.exists(marker):
            with open(marker) as file:
                section = file.read().strip()
        found.append(Corpus(name, 0, requirements="projects", in_open_set=False, section=section))
    return found


def every() -> list[Corpus]:
    return OPEN + own()


def prepare(corpus: Corpus) -> None:
    """Fetches and unpacks the package and writes the neutral project, unless that was done before."""
    if corpus.package is None:
        return
    root = fetch(corpus)
    os.makedirs(corpus.folder, exist_ok=True)
    write(corpus.ini, ini_text(corpus, [os.path.join(root, corpus.versions)], root))
    write(os.path.join(corpus.folder, "env.py"), env_text(corpus))
    write(os.path.join(corpus.folder, "script.py.mako"), MAKO)
    if not corpus.reference_root:
        write(corpus.reference_ini, ini_text(corpus, [os.path.join(root, corpus.versions)], corpus.folder))


def fetch(corpus: Corpus) -> str:
    """The folder of the unpacked package."""
    root = os.path.join(CACHE, "packages", f"{corpus.package}-{corpus.version}")
    if os.path.isdir(root):
        return root
    downloads = os.path.join(CACHE, "downloads")
    os.makedirs(downloads, exist_ok=True)
    subprocess.run([python("base"), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--dest", downloads, f"{corpus.package}=={corpus.version}"], check=True)
    stem = corpus.package.replace("-", "_")
    [wheel] = glob.glob(os.path.join(downloads, f"{stem}-{corpus.version}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        # Only what can be imported: one of the packages carries 200 MB of pictures and scripts.
        archive.extractall(root + ".part", [name for name in archive.namelist()
                                            if name.endswith((".py", ".json", ".md", ".txt", "METADATA"))])
    os.rename(root + ".part", root)
    os.unlink(wheel)
    return root


def python(environment: str) -> str:
    """The interpreter of an environment, which is made when it is not there or its pins changed."""
    folder = os.path.join(CACHE, "environments", environment)
    if environment == "base":
        return os.path.join(folder, "bin/python")
    wanted = ""
    for name in ("base", environment):
        with open(os.path.join(HERE, "requirements", f"{name}.txt")) as file:
            wanted += file.read()
    stamp = os.path.join(folder, ".made-of")
    if not os.path.exists(stamp) or open(stamp).read() != wanted:
        subprocess.run(["python3", "-m", "venv", "--clear", folder], check=True)
        pins = os.path.join(folder, "pins.txt")
        write(pins, wanted)
        subprocess.run([os.path.join(folder, "bin/pip"), "install", "--quiet", "--disable-pip-version-check",
                        "-r", pins], check=True)
        write(stamp, wanted)
    return os.path.join(folder, "bin/python")


def write(path: str, text: str) -> None:
    """Leaves a file alone that holds the text already."""
    if not os.path.exists(path) or open(path).read() != text:
        with open(path, "w") as file:
            file.write(text)


def ini_text(corpus: Corpus, versions: list[str], root: str) -> str:
    lines = "\n".join(f"    {folder}" for folder in versions)
    return f"""[alembic]
script_location = %(here)s
prepend_sys_path = {root}
path_separator = newline
version_locations =
{lines}
recursive_version_locations = true
sqlalchemy.url = postgresql://set-by-the-caller
"""


def env_text(corpus: Corpus) -> str:
    metadata = "None" if corpus.naming is None else f"MetaData(\n    naming_convention={corpus.naming}\n)"
    return f'''from alembic import context
from sqlalchemy import MetaData, engine_from_config, pool

config = context.config
target_metadata = {metadata}


def run_migrations_offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={{"paramstyle": "named"}},
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {{}}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with connectable.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
'''


MAKO = '''"""${message}"""
from alembic import op
import sqlalchemy as sa

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

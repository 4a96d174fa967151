"""Writes what each script beside this one prints with the real Alembic and SQLAlchemy.

    record.py postgresql://postgres@127.0.0.1:5432/   # an empty server, of which it uses one database
"""
import contextlib
import importlib.util
import io
import pathlib
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations


def run(path, url):
    admin = sa.create_engine(url + "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS record")
        connection.exec_driver_sql("CREATE DATABASE record TEMPLATE template0")
    engine = sa.create_engine(url + "record")
    printed = io.StringIO()
    try:
        with engine.connect() as connection, connection.begin():
            with Operations.context(MigrationContext.configure(connection)):
                spec = importlib.util.spec_from_file_location(path.stem, path)
                module = importlib.util.module_from_spec(spec)
                sys.modules[path.stem] = module
                spec.loader.exec_module(module)
                with contextlib.redirect_stdout(printed):
                    module.upgrade()
    finally:
        engine.dispose()
    path.with_suffix(".out").write_text(printed.getvalue())


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parent
    for path in sorted(folder.glob("*.py")):
        if path.name != "record.py":
            run(path, sys.argv[1])

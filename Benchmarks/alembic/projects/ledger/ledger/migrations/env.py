import os

from alembic import context
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine


def run(connection):
    context.configure(connection=connection, target_metadata=None, version_table="ledger_version", compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(url="postgresql://", version_table="ledger_version", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
        run(connection)

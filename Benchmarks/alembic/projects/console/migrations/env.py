import os

from alembic import context
from sqlalchemy import engine_from_config

config = context.config


def get_url():
    return os.environ["DATABASE_URL"]


def run_migrations_online():
    connectable = engine_from_config({"sqlalchemy.url": get_url()})
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=None)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(url="postgresql://", target_metadata=None, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_migrations_online()

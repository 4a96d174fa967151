"""Alembic's entry; omcops reads it and runs nothing of it."""

import os

from alembic import context
from sqlalchemy import create_engine, pool

target_metadata = None


def run_migrations_offline():
    context.configure(
        dialect_name="postgresql",
        target_metadata=target_metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    url = os.environ["COINS_DATABASE_URL"].replace("postgres://", "postgresql://", 1)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
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

"""a helper with a decorator, a context manager, retries

Revision ID: w007
Revises: w006
Create Date: 2023-07-03 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import contextlib
import functools
import os
import time

# revision identifiers, used by Alembic.
revision = 'w007'
down_revision = 'w006'
branch_labels = None
depends_on = None


TIMEOUT = os.environ.get("MIGRATION_TIMEOUT", "5s")


@contextlib.contextmanager
def statement_timeout(value):
    op.execute(f"SET LOCAL statement_timeout = '{value}'")
    try:
        yield value
    finally:
        op.execute("SET LOCAL statement_timeout = 0")


def only_postgres(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        if op.get_bind().dialect.name != "postgresql":
            return None
        return function(*args, **kwargs)

    return inner


@only_postgres
def add(table, *columns, schema="stock", **options):
    for name, type_ in columns:
        op.add_column(table, sa.Column(name, type_, **options), schema=schema)


def upgrade():
    started = time.monotonic()
    with statement_timeout(TIMEOUT) as value:
        assert value.endswith("s")
        add("bin", ("height", sa.Integer), ("zone", sa.String(4)), nullable=True)
    add("movement", ("reason", sa.Text()), server_default=sa.text("'n/a'"))
    if time.monotonic() - started > 3600:
        raise SystemExit("too slow")


@only_postgres
def downgrade():
    for table, names in {"movement": ["reason"], "bin": ["zone", "height"]}.items():
        for name in names:
            op.drop_column(table, name, schema="stock")

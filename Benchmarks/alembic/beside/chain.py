"""Writes a project of as many revisions as asked for, in the manner of a web application's."""
from __future__ import annotations

import os

from .corpora import MAKO, write

ENV = '''import os

from alembic import context
from sqlalchemy import create_engine, pool

if context.is_offline_mode():
    context.configure(url="postgresql://", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
'''

# What the revisions do in turn; {n} is the number of the table, {t} one that is there.
BODIES = [
    ('''op.create_table(
        "thing_{n}",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.Enum("new", "open", "done", name="thing_{n}_state"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{{}}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_thing_{n}_name"),
    )
    op.create_index(op.f("ix_thing_{n}_created_at"), "thing_{n}", ["created_at"], unique=False)''',
     '''op.drop_index(op.f("ix_thing_{n}_created_at"), table_name="thing_{n}")
    op.drop_table("thing_{n}")
    sa.Enum(name="thing_{n}_state").drop(op.get_bind())'''),
    ('''op.add_column("thing_{t}", sa.Column("note_{n}", sa.Text(), nullable=True))
    op.execute("UPDATE thing_{t} SET note_{n} = 'none' WHERE note_{n} IS NULL")
    op.alter_column("thing_{t}", "note_{n}", existing_type=sa.Text(), nullable=False, server_default="none")''',
     'op.drop_column("thing_{t}", "note_{n}")'),
    ('''with op.batch_alter_table("thing_{t}", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_{n}", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key("fk_parent_{n}", "thing_{t}", ["parent_{n}"], ["id"], ondelete="CASCADE")
        batch_op.create_index(batch_op.f("ix_parent_{n}"), ["parent_{n}"], unique=False)''',
     '''with op.batch_alter_table("thing_{t}", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parent_{n}"))
        batch_op.drop_constraint("fk_parent_{n}", type_="foreignkey")
        batch_op.drop_column("parent_{n}")'''),
]


def make(folder: str, length: int) -> str:
    """The ini of a chain of that length."""
    versions = os.path.join(folder, "versions")
    os.makedirs(versions, exist_ok=True)
    write(os.path.join(folder, "alembic.ini"), "[alembic]\nscript_location = %(here)s\n")
    write(os.path.join(folder, "env.py"), ENV)
    write(os.path.join(folder, "script.py.mako"), MAKO)
    for number in range(length):
        up, down = BODIES[number % len(BODIES)]
        names = {"n": number, "t": number - number % len(BODIES)}
        revision, before = f"{number + 1:012x}", f"{number:012x}" if number else None
        write(os.path.join(versions, f"{revision}_step_{number + 1}.py"), f'''"""step {number + 1}

Revision ID: {revision}
Revises: {before or ""}
Create Date: 2024-01-01 00:00:{number:02d}.000000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision: str = {revision!r}
down_revision: Union[str, None] = {before!r}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    {up.format(**names)}


def downgrade() -> None:
    {down.format(**names)}
''')
    return os.path.join(folder, "alembic.ini")

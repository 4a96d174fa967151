"""search path and unqualified names

Revision ID: t3
Revises: t2
Create Date: 2023-07-24 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 't3'
down_revision = 't2'
branch_labels = None
depends_on = None


def upgrade():
    for tenant in ("north", "south"):
        op.execute(f"SET search_path TO {tenant}, public")
        op.add_column("note", sa.Column("author", sa.String(40)))
        op.execute(sa.text("INSERT INTO note (body, author) VALUES (:b, :a)").bindparams(b=f"hello: {tenant}; it's", a=None))
    op.execute("SET search_path TO DEFAULT")


def downgrade():
    for tenant in ("north", "south"):
        op.drop_column("note", "author", schema=tenant)
        op.execute(f"DELETE FROM {tenant}.note")

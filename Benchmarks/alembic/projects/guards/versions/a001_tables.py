"""tables unless they are there

Revision ID: a001
Revises: 
Create Date: 2025-03-07 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

# revision identifiers, used by Alembic.
revision: str = 'a001'
down_revision: Union[str, None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def table_exists(name):
    return name in Inspector.from_engine(op.get_bind()).get_table_names()


def upgrade() -> None:
    if not table_exists("device"):
        op.create_table(
            "device",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("serial", sa.String(40), nullable=False),
            sa.Column("name", sa.String()),
            sa.Column("address", sa.dialects.postgresql.INET()),
            sa.PrimaryKeyConstraint("id"),
            sa.UniqueConstraint("serial", name="uq_device_serial"),
        )
    if not table_exists("reading"):
        op.create_table(
            "reading",
            sa.Column("id", sa.BigInteger(), nullable=False),
            sa.Column("device_id", sa.Integer(), sa.ForeignKey("device.id", name="fk_reading_device"), nullable=True),
            sa.Column("value", sa.Float(), nullable=True),
            sa.Column("unit", sa.String(8), server_default="C"),
            sa.PrimaryKeyConstraint("id"),
        )


def downgrade() -> None:
    for name in ("reading", "device"):
        if table_exists(name):
            op.drop_table(name)

"""shelves from project constants and functions

Revision ID: l4
Revises: l3
Create Date: 2025-03-27 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from library.types import SHELF_SIZES as SIZES
from library import types

# revision identifiers, used by Alembic.
revision: str = 'l4'
down_revision: Union[str, None] = 'l3'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade():
    op.create_table("shelf", sa.Column("id", sa.Integer, primary_key=True), sa.Column("size", sa.Integer), sa.Column("token", sa.String(30)))
    shelf = sa.table("shelf", sa.column("size"), sa.column("token"))
    for size in SIZES:
        token = types.token("shelf")
        assert len(token) == len("shelf_") + 8
        op.execute(shelf.insert().values(size=size, token=sa.func.upper("fixed" + str(size))))


def downgrade():
    op.drop_table("shelf")

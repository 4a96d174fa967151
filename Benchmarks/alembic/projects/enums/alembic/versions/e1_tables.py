"""tables with python enums

Revision ID: e1
Revises: 
Create Date: 2025-03-17 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from shop.enums import Color, Flag, Status

# revision identifiers, used by Alembic.
revision: str = 'e1'
down_revision: Union[str, None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("status", sa.Enum(Status), nullable=False, server_default=Status.DRAFT.name),
        sa.Column("color", sa.Enum(Color, values_callable=lambda e: [x.value for x in e], name="article_color"), nullable=True),
        sa.Column("flag", sa.Enum(Flag, native_enum=False, length=10, create_constraint=True, name="flag_check")),
        sa.Column("kind", sa.Enum("a", "b", "it's", name="kind", native_enum=False)),
    )


def downgrade() -> None:
    op.drop_table("article")
    sa.Enum(name="status").drop(op.get_bind(), checkfirst=False)
    sa.Enum(name="article_color").drop(op.get_bind(), checkfirst=True)
    sa.Enum(name="never_made").drop(op.get_bind(), checkfirst=True)

"""a column becomes an enum

Revision ID: e5
Revises: e4
Create Date: 2025-03-13 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from shop.enums import Color, Priority

# revision identifiers, used by Alembic.
revision: str = 'e5'
down_revision: Union[str, None] = 'e4'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


priority = sa.Enum(*[p.name for p in Priority], name="priority")


def upgrade():
    op.add_column("article", sa.Column("priority", sa.String(10), nullable=True, server_default=Priority.LOW.name))
    priority.create(op.get_bind())
    op.alter_column("article", "priority", server_default=None)
    op.alter_column("article", "priority", existing_type=sa.String(10), type_=priority, existing_nullable=True, postgresql_using="priority::priority")
    op.alter_column("article", "priority", server_default=sa.text(f"'{Priority(5).name}'::priority"), nullable=False)
    op.create_index("ix_article_color", "article", ["color"], postgresql_where=sa.text("color IN (%s)" % ", ".join(f"'{v}'" for v in Color.values())))
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE article_color ADD VALUE 'y' BEFORE 'b'")


def downgrade():
    op.drop_index("ix_article_color")
    op.alter_column("article", "priority", server_default=None)
    op.alter_column("article", "priority", type_=sa.String(10), existing_type=priority, postgresql_using="priority::text")
    priority.drop(op.get_bind())
    op.drop_column("article", "priority")

"""Tags and the links to items

Revision ID: e2b4d6f80a13
Revises: 5d8e1b2c3f46
Create Date: 2023-07-03 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
import sqlmodel

# revision identifiers, used by Alembic.
revision = 'e2b4d6f80a13'
down_revision = '5d8e1b2c3f46'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sqlmodel.sql.sqltypes.GUID() if hasattr(sqlmodel.sql.sqltypes, "GUID") else sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("color", sqlmodel.AutoString(), server_default="grey", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "itemtaglink",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "tag_id"),
    )
    op.create_index(op.f("ix_itemtaglink_tag_id"), "itemtaglink", ["tag_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_itemtaglink_tag_id"), table_name="itemtaglink")
    op.drop_table("itemtaglink")
    op.drop_table("tag")

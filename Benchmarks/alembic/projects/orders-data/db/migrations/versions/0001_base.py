"""tables

Revision ID: 0001
Revises: 
Create Date: 2023-07-08 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID, ARRAY

# revision identifiers, used by Alembic.
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "currency",
        sa.Column("code", sa.CHAR(3), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("minor_units", sa.SmallInteger, sa.CheckConstraint("minor_units >= 0", name="units"), nullable=False, server_default=sa.text("2")),
    )
    op.create_table(
        "orders",
        sa.Column("id", UUID(as_uuid=True), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("currency", sa.CHAR(3), sa.ForeignKey("currency.code"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column("meta", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("labels", ARRAY(sa.String(20)), nullable=False, server_default="{}"),
        sa.Column("raw", sa.JSON),
        sa.CheckConstraint("total >= 0", name="total_positive"),
    )
    op.create_index(None, "orders", ["currency", "placed_at"])
    op.create_index("ix_orders_labels", "orders", ["labels"], postgresql_using="gin")


def downgrade():
    op.drop_index("ix_orders_labels", "orders")
    op.drop_table("orders")
    op.drop_table("currency")

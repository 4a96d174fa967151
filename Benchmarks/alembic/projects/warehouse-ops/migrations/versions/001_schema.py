"""schema and tables

Revision ID: w001
Revises: 
Create Date: 2023-07-26 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'w001'
down_revision = None
branch_labels = None
depends_on = None


SCHEMA = "stock"


def upgrade():
    op.create_table(
        "bin",
        sa.Column("id", sa.Integer, sa.Identity(start=10, increment=5, minvalue=10, cycle=True), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("width", sa.Numeric(6, 2), nullable=False),
        sa.Column("depth", sa.Numeric(6, 2), nullable=False),
        sa.Column("area", sa.Numeric(12, 4), sa.Computed("width * depth", persisted=True)),
        sa.Column("parent_id", sa.Integer),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint("width > 0 AND depth > 0", name="positive"),
        sa.ForeignKeyConstraint(["parent_id"], [f"{SCHEMA}.bin.id"], ondelete="RESTRICT", deferrable=True, initially="IMMEDIATE"),
        schema=SCHEMA,
        comment="where things lie",
    )
    op.create_table(
        "movement",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("bin_id", sa.Integer, sa.ForeignKey("stock.bin.id", name="fk_movement_bin", match="FULL"), nullable=False, comment="from or to"),
        sa.Column("delta", sa.Integer, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.String(30), server_default="it's me"),
        schema=SCHEMA,
    )


def downgrade():
    op.drop_table("movement", schema=SCHEMA)
    op.drop_table("bin", schema=SCHEMA)

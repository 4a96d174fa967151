"""gross totals computed row by row

Revision ID: 0004
Revises: 0003
Create Date: 2023-07-04 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from decimal import Decimal, ROUND_HALF_UP
from db import constants

# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("orders", sa.Column("country", sa.String(2), server_default="DE", nullable=False))
    op.add_column("orders", sa.Column("gross", sa.Numeric(12, 2), nullable=True))
    conn = op.get_bind()
    rows = conn.execute(sa.text("SELECT id, number, total, country, placed_at, labels, meta FROM orders ORDER BY number")).fetchall()
    for row in rows:
        rate = constants.VAT.get(row.country, Decimal(0))
        gross = (row.total * (1 + rate)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        conn.execute(
            sa.text("UPDATE orders SET gross = :gross, meta = meta || jsonb_build_object('year', CAST(:year AS integer)) WHERE id = :id"),
            {"gross": gross, "year": row.placed_at.year, "id": row.id},
        )
    for id_, labels in ((row[0], row._mapping["labels"]) for row in rows if row.labels):
        conn.execute(
            sa.text("UPDATE orders SET labels = :labels WHERE id = :id").bindparams(
                sa.bindparam("labels", value=sorted(set(labels)), type_=sa.ARRAY(sa.String)), id=id_
            )
        )
    op.alter_column("orders", "gross", nullable=False)


def downgrade():
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_column("gross")
        batch_op.drop_column("country")

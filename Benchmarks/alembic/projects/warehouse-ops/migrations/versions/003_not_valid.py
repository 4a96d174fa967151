"""constraints in two steps

Revision ID: w003
Revises: w002
Create Date: 2023-07-11 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'w003'
down_revision = 'w002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_check_constraint("delta_small", "movement", sa.column("delta") < 100000, schema="stock", postgresql_not_valid=True)
    op.execute("ALTER TABLE stock.movement VALIDATE CONSTRAINT ck_movement_delta_small")
    op.add_column("movement", sa.Column("order_id", sa.Uuid()), schema="stock")
    op.create_foreign_key(None, "movement", "bin", ["bin_id"], ["id"], source_schema="stock", referent_schema="stock", ondelete="CASCADE", postgresql_not_valid=True)
    op.create_unique_constraint(None, "movement", ["order_id", "bin_id"], schema="stock", postgresql_nulls_not_distinct=True)
    op.create_index(op.f("ix_by_who"), "movement", [sa.func.lower(sa.column("who"))], schema="stock", unique=False)


def downgrade():
    op.drop_index(op.f("ix_by_who"), table_name="movement", schema="stock")
    op.drop_constraint("uq_movement_order_id_bin_id", "movement", schema="stock", type_="unique")
    op.drop_constraint("fk_movement_bin_id_bin", "movement", schema="stock", type_="foreignkey")
    op.drop_column("movement", "order_id", schema="stock")
    op.drop_constraint(op.f("ck_movement_delta_small"), "movement", schema="stock", type_="check")

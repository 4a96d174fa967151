"""indexes without locking writers

Revision ID: w002
Revises: w001
Create Date: 2023-07-10 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'w002'
down_revision = 'w001'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET lock_timeout = '4s'")
    with op.get_context().autocommit_block():
        op.create_index("ix_movement_at", "movement", ["at"], schema="stock", postgresql_concurrently=True, if_not_exists=True)
        op.create_index(
            "ix_movement_bin_recent",
            "movement",
            ["bin_id", sa.text("at DESC NULLS LAST")],
            schema="stock",
            postgresql_concurrently=True,
            postgresql_where=sa.text("delta <> 0"),
            postgresql_include=["delta", "who"],
            postgresql_with={"fillfactor": 70},
        )
    op.execute("RESET lock_timeout")


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_movement_bin_recent", table_name="movement", schema="stock", postgresql_concurrently=True)
        op.drop_index("ix_movement_at", table_name="movement", schema="stock", postgresql_concurrently=True, if_exists=True)

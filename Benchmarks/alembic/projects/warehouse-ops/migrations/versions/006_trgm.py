"""operator classes, exclusion, extensions

Revision ID: w006
Revises: w005
Create Date: 2023-07-26 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ExcludeConstraint, TSTZRANGE

# revision identifiers, used by Alembic.
revision = 'w006'
down_revision = 'w005'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public")
    op.create_index("ix_bin_code_trgm", "bin", ["code"], schema="stock", postgresql_using="gin", postgresql_ops={"code": "public.gin_trgm_ops"})
    op.create_table(
        "booking",
        sa.Column("bin_id", sa.Integer, sa.ForeignKey("stock.bin.id"), primary_key=True),
        sa.Column("during", TSTZRANGE, primary_key=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text, dimensions=1), server_default=sa.text("ARRAY[]::text[]")),
        ExcludeConstraint(("bin_id", "="), ("during", "&&"), name="no_overlap", using="gist", where=sa.text("upper(during) IS NOT NULL")),
        schema="stock",
    )
    op.create_exclude_constraint("no_twins", "booking", ("bin_id", "="), ("during", "&&"), where="bin_id > 0", using="gist", schema="stock")
    op.create_primary_key("pk_dummy", "movement_log", ["id"], schema="stock") if False else None


def downgrade():
    op.drop_constraint("no_twins", "booking", schema="stock")
    op.drop_table("booking", schema="stock")
    op.drop_index("ix_bin_code_trgm", "bin", schema="stock", postgresql_using="gin")

"""grants and a role, storage options

Revision ID: t5
Revises: t4
Create Date: 2023-07-26 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 't5'
down_revision = 't4'
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        DO $do$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN CREATE ROLE reader NOLOGIN; END IF;
        END $do$
        """
    )
    op.execute("GRANT SELECT ON tenant TO reader; GRANT USAGE ON SCHEMA public TO reader;")
    op.create_table(
        "cache",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.LargeBinary),
        prefixes=["UNLOGGED"],
        postgresql_tablespace="pg_default",
    )
    cache = sa.table("cache", sa.column("key"), sa.column("value", sa.LargeBinary))
    op.bulk_insert(cache, [{"key": "bytes", "value": bytes(range(0, 256, 5))}, {"key": "none", "value": None}])


def downgrade():
    op.drop_table("cache")
    op.execute("REVOKE SELECT ON tenant FROM reader")
    op.execute("REVOKE USAGE ON SCHEMA public FROM reader")

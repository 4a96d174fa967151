"""a schema for each tenant

Revision ID: t1
Revises: 
Create Date: 2023-07-01 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 't1'
down_revision = None
branch_labels = None
depends_on = None


TENANTS = ["north", "south", "east-side"]


def upgrade():
    for tenant in TENANTS:
        op.execute(f'CREATE SCHEMA IF NOT EXISTS "{tenant}"')
        op.create_table(
            "note",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("body", sa.Text, nullable=False),
            sa.Column("visible", sa.Boolean, server_default=sa.true(), nullable=False),
            schema=tenant,
        )
        op.create_index("ix_note_body", "note", [sa.text("md5(body)")], schema=tenant)
    op.create_table("tenant", sa.Column("name", sa.String(63), primary_key=True), sa.Column("active", sa.Boolean, nullable=False))
    op.bulk_insert(sa.table("tenant", sa.column("name"), sa.column("active")), [{"name": t, "active": i != 1} for i, t in enumerate(TENANTS)])


def downgrade():
    op.drop_table("tenant")
    for tenant in reversed(TENANTS):
        op.drop_index("ix_note_body", table_name="note", schema=tenant)
        op.drop_table("note", schema=tenant)
        op.execute(sa.schema.DropSchema(tenant, cascade=True))

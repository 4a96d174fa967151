"""row level security in every active tenant

Revision ID: t2
Revises: t1
Create Date: 2023-07-23 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 't2'
down_revision = 't1'
branch_labels = None
depends_on = None


def tenants():
    return [row[0] for row in op.get_bind().execute(sa.text("SELECT name FROM tenant WHERE active ORDER BY name"))]


def quoted(name):
    return op.get_bind().dialect.identifier_preparer.quote(name)


def upgrade():
    for tenant in tenants():
        table = f"{quoted(tenant)}.note"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"""CREATE POLICY seen ON {table}
                USING (visible OR current_setting('app.all', true) = 'on')"""
        )


def downgrade():
    for tenant in tenants():
        table = f"{quoted(tenant)}.note"
        op.execute(f"DROP POLICY seen ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")

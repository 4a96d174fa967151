"""left: a column

Revision ID: c200
Revises: c100
Create Date: 2023-07-04 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'c200'
down_revision = 'c100'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("account", sa.Column("left_at", sa.DateTime))


def downgrade():
    op.drop_column("account", "left_at")

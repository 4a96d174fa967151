"""after the merge

Revision ID: c400
Revises: c300
Create Date: 2023-07-20 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'c400'
down_revision = 'c300'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("account", sa.Column("email", sa.String(100), unique=True))


def downgrade():
    op.drop_column("account", "email")

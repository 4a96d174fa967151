"""right: an index

Revision ID: c210
Revises: c100
Create Date: 2023-07-12 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'c210'
down_revision = 'c100'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_account_name", "account", ["name"])


def downgrade():
    op.drop_index("ix_account_name", "account")

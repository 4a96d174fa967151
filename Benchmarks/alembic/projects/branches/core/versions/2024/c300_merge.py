"""merge left and right

Revision ID: c300
Revises: ('c200', 'c210')
Create Date: 2023-07-25 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'c300'
down_revision = ('c200', 'c210')
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass

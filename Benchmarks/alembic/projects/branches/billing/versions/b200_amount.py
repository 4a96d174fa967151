"""amounts

Revision ID: b200
Revises: b100
Create Date: 2023-07-18 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'b200'
down_revision = 'b100'
branch_labels = None
depends_on = ('c300',)


def upgrade():
    op.add_column("invoice", sa.Column("amount", sa.Numeric(10, 2), server_default="0", nullable=False))


def downgrade():
    op.drop_column("invoice", "amount")

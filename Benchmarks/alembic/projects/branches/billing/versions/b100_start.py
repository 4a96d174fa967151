"""billing starts

Revision ID: b100
Revises: 
Create Date: 2023-07-10 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'b100'
down_revision = None
branch_labels = 'billing'
depends_on = 'c200'


def upgrade():
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id")),
    )


def downgrade():
    op.drop_table("invoice")

"""core starts

Revision ID: c100
Revises: 
Create Date: 2023-07-13 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = 'c100'
down_revision = None
branch_labels = ('core',)
depends_on = None


def upgrade():
    op.create_table("account", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))


def downgrade():
    op.drop_table("account")

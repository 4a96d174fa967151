"""Add max length for string(varchar) fields in User and Items models

Revision ID: 7b20c6a1e5d4
Revises: 4c1d7f0a93be
Create Date: 2023-07-26 08:00:00.000001

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
import sqlmodel.sql.sqltypes

# revision identifiers, used by Alembic.
revision = '7b20c6a1e5d4'
down_revision = '4c1d7f0a93be'
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column('user', 'email',
               existing_type=sa.String(),
               type_=sa.String(length=255),
               existing_nullable=False)
    op.alter_column('user', 'full_name',
               existing_type=sa.String(),
               type_=sa.String(length=255),
               existing_nullable=True)
    op.alter_column('item', 'title',
               existing_type=sa.String(),
               type_=sqlmodel.sql.sqltypes.AutoString(length=255),
               existing_nullable=False)
    op.alter_column('item', 'description',
               existing_type=sa.VARCHAR(),
               type_=sa.String(length=255),
               existing_nullable=True)


def downgrade():
    op.alter_column('user', 'email',
               existing_type=sa.String(length=255),
               type_=sa.String(),
               existing_nullable=False)
    op.alter_column('user', 'full_name',
               existing_type=sa.String(length=255),
               type_=sa.String(),
               existing_nullable=True)
    op.alter_column('item', 'title',
               existing_type=sa.String(length=255),
               type_=sa.String(),
               existing_nullable=False)
    op.alter_column('item', 'description',
               existing_type=sa.String(length=255),
               type_=sa.String(),
               existing_nullable=True)

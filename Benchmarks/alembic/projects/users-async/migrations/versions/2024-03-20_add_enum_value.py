"""add a plan, the short way

Revision ID: f0b2d4a6c819
Revises: 3a5c7e9f1b24
Create Date: 2025-03-23 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'f0b2d4a6c819'
down_revision: Union[str, None] = '3a5c7e9f1b24'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE plan ADD VALUE IF NOT EXISTS 'enterprise' AFTER 'team'")


def downgrade() -> None:
    # PostgreSQL cannot take a value out of an enum type
    pass

"""user role enum

Revision ID: d41f6b8a2c05
Revises: 0b7d2a94c6f3
Create Date: 2025-03-02 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = 'd41f6b8a2c05'
down_revision: Union[str, None] = '0b7d2a94c6f3'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


user_role = sa.Enum("ADMIN", "EDITOR", "VIEWER", name="userrole")


def upgrade() -> None:
    user_role.create(op.get_bind(), checkfirst=True)
    op.add_column(
        "user",
        sa.Column("role", user_role, nullable=False, server_default="VIEWER"),
    )
    op.execute("UPDATE \"user\" SET role = 'ADMIN' WHERE is_superuser")


def downgrade() -> None:
    op.drop_column("user", "role")
    user_role.drop(op.get_bind(), checkfirst=True)
